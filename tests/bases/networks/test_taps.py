"""One run gives the activations at every boundary, untouched by what comes later."""

import pytest
import torch
from torch import nn

from headstart.bases.base import FEATURES
from headstart.bases.networks.taps import activations


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.act, self.last = nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.act(self.first(x)))


def test_boundaries_come_in_the_order_asked_and_before_what_works_in_place():
    network, inputs = Net().eval(), torch.randn(5, 3)
    with torch.no_grad():
        first = network.first(inputs)
        features, kept = activations(network, inputs, [FEATURES, "first"])
        assert torch.equal(kept, first)
        assert torch.equal(features, network(inputs))
    assert (kept < 0).any()
    assert not network.first._forward_hooks


def test_no_hook_stays_behind_a_failure():
    network = Net()
    with pytest.raises(RuntimeError):
        activations(network, torch.randn(5, 99), ["first"])
    assert not network.first._forward_hooks
