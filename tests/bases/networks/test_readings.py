"""Which modules' outputs are maps, in each layout."""

from __future__ import annotations

import torch
from torch import nn

from headstart.bases.networks.cuts import stages
from headstart.bases.networks.readings import PARTS, readings
from headstart.bases.networks.trace import trace


class Patches(nn.Module):
    """(n, 3, s, s) -> (n, c): patches, a token of its own, layers that add to a stream, and a pool."""

    def __init__(self, depth=6, width=8, patch=8):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.own = nn.Parameter(torch.zeros(1, 1, width))
        self.blocks = nn.ModuleList(Adds(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.keys = nn.Linear(width, 2 * width)

    def forward(self, pictures):
        tokens = self.patches(pictures).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.own.expand(len(tokens), -1, -1), tokens], 1)
        for block in self.blocks:
            tokens = block(tokens)
        return self.keys(self.norm(tokens)).mean(1)


class Adds(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, 4 * width)
        self.outer = nn.Linear(4 * width, width)

    def forward(self, tokens):
        return tokens + self.outer(self.inner(tokens).relu())


class Last(nn.Module):
    """(n, 3, s, s) -> (n, 16): channels last at strides 4, 8 and 16."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 4, 4, 4)
        self.first, self.second, self.third = Adds(4), Adds(8), Adds(16)
        self.joins = nn.ModuleList([nn.Linear(16, 8), nn.Linear(32, 16)])

    def forward(self, pictures):
        tokens = self.first(self.patches(pictures).permute(0, 2, 3, 1))
        tokens = self.second(self.joins[0](four(tokens)))
        return self.third(self.joins[1](four(tokens))).mean((1, 2))


def four(tokens):
    """Four places in one."""
    return torch.cat([tokens[:, i::2, j::2] for i in (0, 1) for j in (0, 1)], 3)


def found(network, finest, size=64):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network, one = network().eval(), torch.randn(1, 3, size, size)
        return {
            reading.get("layout"): reading
            for reading in readings(*trace(network, one), stages(network, one), size, finest)
        }


def test_of_tokens_the_last_before_they_are_pooled_and_ends_on_the_way():
    reading = found(lambda: Patches(8), 4)["tokens"]
    assert reading["maps"] == ["norm"]
    assert reading["finest"] == 4
    *below, last = reading["ends"]
    assert (len(below), last) == (PARTS - 1, "norm")
    places = [int(name.split(".")[1]) for name in below]
    assert places == sorted(set(places))
    assert min(places) >= 1
    assert max(places) <= 6  # some layers remain above


def test_a_short_row_of_layers_has_fewer_ends():
    assert len(found(lambda: Patches(1), 4)["tokens"]["ends"]) < PARTS


def test_channels_last_at_each_stride():
    reading = found(Last, 4)["channels last"]
    assert reading == {"maps": ["first", "second", "third"], "layout": "channels last"}
    assert found(Last, 8)["channels last"]["maps"] == ["second", "third"]


def test_finer_maps_are_made_where_a_networks_own_begin_coarser():
    reading = found(Last, 2)["channels last"]
    assert reading["maps"] == ["first", "second", "third"]
    assert reading["finest"] == 2


def test_convolutions_have_nothing_made():
    layers = lambda: nn.Sequential(  # noqa: E731
        *(layer for width in (3, 6, 12) for layer in (nn.Conv2d(width, 2 * width, 3, 2, 1), nn.ReLU())),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    assert found(layers, 4) == {None: {"maps": ["3", "5"]}}
