"""Rates rise, fall, and are lower the deeper a parameter lies."""

import pytest
import torch
from torch import nn

from headstart.adaptation.training.rates import depths, factor


def test_the_rate_rises_over_a_tenth_and_falls_as_a_cosine():
    rates = [factor(done, 40) for done in range(40)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0
    assert rates[4 + 18] == pytest.approx(0.5)
    assert rates[4 + 9] == pytest.approx(0.5 + 0.5 * 0.5**0.5)
    assert 0 < rates[-1] < 0.01
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert factor(0, 1) == 1.0
    assert factor(40, 40) == 0.0


def test_depths_by_hand():
    network = nn.ModuleDict(
        {
            "stem": nn.Conv2d(3, 3, 1),
            "blocks": nn.Sequential(*[nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)) for _ in range(4)]),
            "top": nn.Linear(2, 2),
        }
    )
    network.position = nn.Parameter(torch.zeros(1))
    found = depths(network, ("stem", "blocks.1.0", "blocks.2", "blocks"))
    assert {name: depth for name, depth in found.items() if name.endswith("weight")} == {
        "stem.weight": 0.25,
        "blocks.0.0.weight": 0.5,  # between two stages: of the upper one
        "blocks.0.1.weight": 0.5,
        "blocks.1.0.weight": 0.5,
        "blocks.1.1.weight": 0.75,
        "blocks.2.0.weight": 0.75,
        "blocks.2.1.weight": 0.75,
        "blocks.3.0.weight": 1.0,  # the container that is a stage too says nothing about the blocks in it
        "blocks.3.1.weight": 1.0,
        "top.weight": 1.0,
    }
    assert found["position"] == 0.25, "what the network itself holds is used at its beginning"
    assert set(depths(network, ()).values()) == {1.0}


def test_depths_of_a_base_rise_from_the_stem_to_the_top(base):
    found = list(depths(base.network(), base.card.stages).values())
    assert found == sorted(found)
    assert found[0] == pytest.approx(1 / len(base.card.stages))
    assert found[-1] == 1.0
