"""Which layers are read side by side."""

import pytest
import torch

import sounds
from headstart.bases import load_base
from headstart.bases.networks.layered import cut_below, layers_of, spread

NAMES = tuple(f"layers.{number}" for number in range(11))


@pytest.mark.parametrize(
    ("most", "found"),
    [(11, NAMES), (20, NAMES), (2, ("layers.5", "layers.10")), (1, ("layers.10",)), (0, ())],
)
def test_they_are_spread_evenly_from_the_upmost_down(most, found):
    assert spread(NAMES, NAMES, most) == found
    assert spread(("stem", "layers.0"), ("layers.0",), 5) == ("layers.0",)


@torch.no_grad()
def test_all_are_of_one_run(tmp_path):
    base = load_base(sounds.write_wave(tmp_path / "wave"), "sound")
    network, samples = base.network(), torch.randn(1, 160, 20)
    mask = torch.ones(1, 10, dtype=torch.bool)
    lowest, last = layers_of(network, network.lower[:1], samples, mask)
    assert lowest.shape == last.shape == (1, 10, 24)
    torch.testing.assert_close(last, network.states(samples, mask))
    torch.testing.assert_close(lowest, network.places(network.stem(samples, mask), mask))


def test_a_card_ends_where_cuts_do(tmp_path):
    card = load_base(sounds.write_base(tmp_path / "base"), "sound").card
    assert cut_below(card, ()) == card
    lower = cut_below(card, card.stages[:1])
    assert lower.stages == card.stages[:1]
    assert lower.stage_flops == card.stage_flops[:1]
