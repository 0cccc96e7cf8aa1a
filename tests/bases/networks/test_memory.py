"""Channels last where a network takes it; plain order, inputs too, where it does not."""

import copy

import pytest
import torch
from torch import nn

from headstart.bases.networks import memory
from headstart.bases.networks.memory import laid_out

ONE = torch.linspace(-1, 1, 192).reshape(1, 3, 8, 8)
BATCH = torch.linspace(-1, 1, 768).reshape(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)


class Looking(nn.Module):
    """A convolution, and `after` of what it gives."""

    def __init__(self, after):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.drop, self.after = nn.Conv2d(3, 4, 3), nn.Dropout(0.5), after

    def forward(self, inputs):
        return self.after(self.conv(inputs))


def lies_last(network):
    return network.conv.weight.is_contiguous(memory_format=torch.channels_last)


def in_memory(outputs):
    """The numbers in the order in which they lie: another one where channels are last."""
    return outputs.as_strided((len(outputs), outputs[0].numel()), (outputs[0].numel(), 1))


def failing(outputs):
    if outputs.is_contiguous(memory_format=torch.channels_last):
        raise NotImplementedError("not so")
    return outputs.flatten(1)


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng(devices=[]):
        yield


def test_a_network_that_takes_it_has_channels_last():
    network = Looking(lambda outputs: outputs.flatten(1))
    network.drop.eval()
    assert laid_out(network, "cpu", ONE) is network
    assert lies_last(network)
    assert (network.training, network.drop.training) == (True, False), "modes stay"
    assert not network._forward_pre_hooks


@pytest.mark.parametrize("after", [lambda outputs: outputs.view(len(outputs), -1), failing, in_memory])
def test_a_network_that_fails_or_answers_otherwise_so_stays_in_plain_order(after):
    network = Looking(after)
    expected = network(BATCH.contiguous())
    for _ in range(2):  # laid out again it stays
        assert not lies_last(laid_out(network, "cpu", ONE))
    assert len(network._forward_pre_hooks) == 1
    torch.testing.assert_close(network(BATCH), expected, rtol=0, atol=0)
    torch.testing.assert_close(copy.deepcopy(network)(BATCH), expected, rtol=0, atol=0)


def test_weights_of_volumes_cannot_be_laid_so():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Unflatten(0, (1, -1)), nn.Conv3d(1, 2, 1))
    assert laid_out(network, "cpu")[0].weight.is_contiguous()


def test_a_network_without_convolutions_is_not_tried(monkeypatch):
    monkeypatch.setattr(memory, "_answers", lambda *_: pytest.fail("why?"))
    network = nn.Linear(3, 4)
    assert laid_out(network, "cpu", ONE) is network


def test_a_network_that_fails_either_way_is_left_to_who_uses_it():
    def never(outputs):
        raise RuntimeError("never")

    network = laid_out(Looking(never), "cpu", ONE)
    assert lies_last(network)
    with pytest.raises(RuntimeError, match="never"):
        network(BATCH)


def test_what_is_no_number_in_either_order_counts_as_the_same():
    assert lies_last(laid_out(Looking(lambda outputs: outputs.flatten(1) / 0), "cpu", ONE))
