"""Weight initialisation is training from scratch but for where it starts."""

from benches import same_tensors
from headstart.adaptation._start import start
from headstart.adaptation.base import Stage
from headstart.adaptation.scratch import plugin as scratch
from headstart.adaptation.warm_init import plugin
from headstart.bases.base import INPUT


def test_all_is_trained_alike_from_the_first_step():
    assert plugin.stages(("layer2", "layer1"), 7) == [Stage(INPUT, 7)]
    assert {plugin.rate(depth / 10) for depth in range(11)} == {1.0}
    assert plugin.stages((), 7) == scratch.stages((), 7)
    assert not plugin.still_statistics


def test_it_starts_at_the_base_with_an_even_head(home, base):
    begin = start(home.job("warm_init"), home.bench)
    network, head = begin.network, begin.head
    assert same_tensors(network.state_dict(), base.network().state_dict())
    assert not head.weight.any()


def test_it_takes_the_steps_of_scratch(home):
    rows = home.splits.train[:4]
    batches = [
        start(home.job(name), home.bench).feeds(INPUT).fetch(rows, 1, 2) for name in ("warm_init", "scratch")
    ]
    assert (batches[0] == batches[1]).all()
