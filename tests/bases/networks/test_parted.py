"""Parts of a network that can be frozen, counted by hand; what is frozen in a training does not move."""

import numpy as np
import pytest
import torch
from torch import nn

import languages
from benches import recipe
from headstart import data
from headstart.adaptation import strategy_named
from headstart.adaptation._fit import fit, outputs
from headstart.adaptation.base import Job
from headstart.adaptation.training import loop
from headstart.adaptation.training.rates import depths
from headstart.bases import load_base
from headstart.bases.networks import costs, cuts
from headstart.bases.networks.parted import PartedNetwork
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.translation import plugin as translation


class Three(PartedNetwork):
    """Three layers, the first two of which are parts; both below add to the last."""

    def __init__(self):
        super().__init__()
        self.low, self.lower, self.top = nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 2)

    @property
    def parts(self):
        return {"low": ["low."], "lower": ["lower."]}

    def forward(self, inputs):
        return self.top(self.low(inputs) + self.lower(inputs))


def test_above_a_part_is_everything_that_is_not_of_it_or_of_those_below():
    network = Three()
    assert network.above("low") == ["lower.weight", "lower.bias", "top.weight", "top.bias"]
    assert network.above("lower") == ["top.weight", "top.bias"]


def test_its_parts_are_its_stages_and_nothing_is_kept_of_them():
    network, example = Three(), torch.zeros(1, 3)
    assert cuts.stages(network, example) == ("low", "lower")
    found = costs.costs(network, example, ("low", "lower"))
    assert (found.numbers, found.below) == ((), ())
    assert found.flops == 2 * (9 + 9 + 6)


def test_lower_parts_learn_slower():
    found = depths(Three(), ("low", "lower"))
    expected = {"low": 1 / 3, "lower": 2 / 3, "top": 1.0}
    assert found == pytest.approx({name: expected[name.partition(".")[0]] for name in found})


@pytest.fixture(scope="module", params=["t5", "bart", "t5 untied"])
def ground(request, tmp_path_factory):
    """A few made pairs on a tiny translator."""
    home = tmp_path_factory.mktemp("parted")
    base = load_base(str(languages.write(home / "base", request.param)[0]), "translation")
    splits = data.load(languages.write_toy_pairs(home / "pairs", 20), translation)
    base = translation.suited(base, splits.examples, range(len(splits.examples)))
    pool = np.concatenate([splits.train, splits.validation])
    bench = Bench(translation, splits.examples, pool, base, FrozenPass(Cache(home / "cache"), Runtime()))
    return bench, splits


def trained(ground, folder, strategy="finetune", validation=False, **changes):
    bench, splits = ground
    usual = {"cuts": ("encoder",), "live": True, "views": 0, "rate": 1e-2, "keep": "trained", "epochs": 2}
    one = recipe(strategy, bench, **{**usual, **changes})
    folder.mkdir(exist_ok=True)
    held = splits.validation if validation else splits.validation[:0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "MIN_STEPS", 2)
        return fit(Job(strategy, strategy_named(strategy), 0, one, splits.train, held), bench, folder)


def moved(ground, fitted):
    """Names of the parameters that a training changed."""
    state, kept = ground[0].base.state, fitted.kept
    names = [name for name, _ in ground[0].base.network().named_parameters()]
    return {
        name for name in names if f"backbone.{name}" in kept
        and not torch.equal(kept[f"backbone.{name}"], state[name])
    }  # fmt: skip


def test_a_frozen_encoder_is_the_same_bit_for_bit_and_the_decoder_is_not(ground, tmp_path):
    network = ground[0].base.network()
    assert moved(ground, trained(ground, tmp_path)) == set(network.above("encoder"))


def test_frozen_word_vectors_stay_where_the_encoder_is_opened(ground, tmp_path):
    network = ground[0].base.network()
    fitted = trained(ground, tmp_path, cuts=("encoder", "embeddings"), epochs=3)
    assert moved(ground, fitted) == set(network.above("embeddings"))


def test_everything_moves_where_the_whole_is_opened(ground, tmp_path):
    network = ground[0].base.network()
    fitted = trained(ground, tmp_path, "warm_init", cuts=())
    assert moved(ground, fitted) == {name for name, _ in network.named_parameters()}


def test_the_loss_falls_and_the_same_seed_repeats(ground, tmp_path):
    first = trained(ground, tmp_path / "one", epochs=6, validation=True)
    again = trained(ground, tmp_path / "two", epochs=6, validation=True)
    assert first.history.train[-1] < first.history.train[0]
    assert first.history.train == again.history.train
    assert all(torch.equal(again.kept[name], value) for name, value in first.kept.items())
    bench, splits = ground
    assert outputs(first, bench, splits.test).tolist() == outputs(again, bench, splits.test).tolist()


def test_lower_parts_of_a_translator_learn_slower(ground):
    network, stages = ground[0].base.network(), ground[0].base.card.stages
    found = depths(network, stages)
    parts = {**network.parts, "decoder": network.above("encoder")}
    assert found == pytest.approx(
        {name: (number + 1) / 3 for number, part in enumerate(parts.values()) for name in part}
    )
