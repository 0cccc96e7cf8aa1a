"""What a run shows of a network, without a trace of the run."""

import pytest
import torch
from torch import nn

from headstart.bases.networks.trace import in_eval, meeting_points, sources, trace


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.left, self.right, self.top = (nn.Linear(4, 4) for _ in range(4))
        self.unused = nn.Linear(4, 4)
        self.table = nn.Embedding(1, 4)

    def forward(self, x):
        x = self.stem(x)
        return self.top(self.left(x) + self.right(x) + self.table(torch.zeros(1, dtype=torch.long)))


def test_calls_come_in_order_with_their_place_in_the_graph():
    calls, output = trace(Branches(), torch.ones(2, 4))
    assert [call.name for call in calls] == ["stem", "left", "right", "table", "top"]
    meeting = meeting_points(output)
    assert [call.name for call in calls if call.node in meeting] == ["stem", "top"]
    assert calls[3].node is None
    assert calls[0].output.shape == (2, 4)
    assert calls[0].output.device.type == "meta"


def test_a_run_leaves_no_trace():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout()).train()
    network[2].eval()
    network[0].weight.requires_grad_(False)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    trace(network, torch.randn(2, 3, 4, 4))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [module.training for module in network] == [True, True, False]
    assert not network[0].weight.requires_grad
    assert not any(module._forward_hooks for module in network)


def test_hooks_and_modes_are_put_back_after_an_error():
    network = nn.Sequential(nn.Linear(4, 4)).train()
    with pytest.raises(RuntimeError):
        trace(network, torch.ones(1, 5))
    assert not network[0]._forward_hooks
    assert network[0].training
    with pytest.raises(ValueError, match="x"), in_eval(network):
        raise ValueError("x")
    assert network.training


def test_sources_are_the_leaves_that_a_gradient_reaches():
    a, b, c = (torch.ones(2, requires_grad=True) for _ in range(3))
    assert sources(a * 2 + b.detach() + c[0]) == {id(a), id(c)}
    assert sources(torch.ones(1)) == set()
