"""The reference knows nothing of the base's weights."""

from dataclasses import replace

import torch

from benches import same
from headstart.adaptation._fit import fit
from headstart.adaptation.base import Stage
from headstart.adaptation.scratch import plugin
from headstart.bases.base import INPUT
from headstart.bench import Bench


def test_everything_is_trained_from_random_weights():
    assert plugin.stages(("layer2",), 7) == [Stage(INPUT, 7)]
    assert plugin.rate(0.1) == 1.0
    assert not plugin.inherits
    assert not plugin.solved_head
    assert len(plugin.rates) >= 3, "its own rate is raced"


def test_other_weights_of_the_base_change_nothing(home, base, fresh):
    other = replace(base, state={name: torch.ones_like(tensor) for name, tensor in base.state.items()})
    bench = home.bench
    elsewhere = Bench(bench.task, bench.examples, bench.pool, other, bench.passes)
    job = home.job("scratch")
    assert same(fit(job, bench, fresh()), fit(job, elsewhere, fresh()))
