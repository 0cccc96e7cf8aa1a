"""The shell shares its leaves with the network, and the network never notices."""

import pytest
import torch
from torch import nn

from headstart.bases.networks.suffix import suffix_at
from headstart.errors import BaseError


class Net(nn.Module):
    """Reads an attribute of a module below the cut, and runs one module twice."""

    def __init__(self):
        super().__init__()
        self.stem, self.body, self.top = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1), nn.Linear(4, 2)
        self.act = nn.ReLU()

    def forward(self, x):
        assert self.stem.weight.dtype == x.dtype
        x = self.act(self.body(self.stem(x)))
        return self.top(self.act(x).mean((2, 3)))


def test_leaves_are_shared_and_the_network_keeps_its_own_shell():
    network = Net().eval()
    suffix = suffix_at(network, "body", torch.randn(1, 3, 8, 8))
    assert suffix.shell.top is network.top
    assert suffix.shell is not network
    assert isinstance(network.stem, nn.Conv2d)
    assert {name for name, _ in suffix.named_parameters()} == {"shell.top.weight", "shell.top.bias"}


def test_the_activation_is_not_kept_and_any_batch_fits():
    network = Net().eval()
    suffix = suffix_at(network, "stem", torch.randn(1, 3, 8, 8))
    images = torch.randn(5, 3, 8, 8)
    assert torch.equal(suffix(network.stem(images)), network(images))
    assert suffix.tape.activation is None


def test_the_mode_of_the_leaves_is_shared():
    network = Net().eval()
    suffix = suffix_at(network, "stem", torch.randn(1, 3, 8, 8))
    suffix.train()
    assert network.top.training
    assert not network.stem.training


@pytest.mark.parametrize("stage", ["act", "nothing"])
def test_what_does_not_run_once_is_no_cut(stage):
    with pytest.raises(BaseError, match=f"cannot be cut at `{stage}`"):
        suffix_at(Net().eval(), stage, torch.randn(1, 3, 8, 8))
