"""The two halves of FastestDet: shapes, and which half of the channels goes where."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.bases.networks.fastestdet import Answers, FastestDet, Shuffled


@pytest.fixture
def network():
    torch.manual_seed(0)
    return FastestDet(4, (8, 16, 32), (2, 3, 1)).eval()


def test_its_size_is_the_one_that_is_told_of_it():
    with torch.device("meta"):
        lower = FastestDet()
        whole = sum(one.numel() for one in lower.parameters())
        whole += sum(one.numel() for one in Answers(96, 96, 80).parameters())
    assert whole == pytest.approx(0.24e6, rel=0.05)


@pytest.mark.parametrize("side", [64, 80])
def test_there_is_one_map_of_the_middle_stride(network, side):
    seen = []
    network.SPP.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    with torch.no_grad():
        found = network(torch.randn(2, 3, side, side))
    assert seen[0].shape == (2, 16, -(-side // 16), -(-side // 16))
    torch.testing.assert_close(found, seen[0].mean((2, 3)))


def test_the_declared_modules_are_there(network):
    assert {*network.maps, *network.ends} <= dict(network.named_modules()).keys()
    assert network.ends[-1:] == network.maps


def test_every_other_channel_stays_as_it_is():
    block, one = Shuffled(8, 8, 1).eval(), torch.randn(2, 8, 5, 5)
    with torch.no_grad():
        found = block(one)
        filtered = block.branch_main(one[:, [1, 3, 5, 7]])
    assert torch.equal(found[:, :4], one[:, [0, 2, 4, 6]])
    assert torch.equal(found[:, 4:], filtered)


def test_a_stride_narrows_both_halves_and_the_plain_one_comes_first():
    block, one = Shuffled(6, 16, 2).eval(), torch.randn(2, 6, 8, 8)
    with torch.no_grad():
        found = block(one)
        assert found.shape == (2, 16, 4, 4)
        assert torch.equal(found[:, :6], block.branch_proj(one))
        assert torch.equal(found[:, 6:], block.branch_main(one))


def test_every_weight_learns(network):
    network.train()(torch.randn(2, 3, 64, 64)).square().sum().backward()
    assert all(one.grad is not None and bool(one.grad.abs().sum() > 0) for one in network.parameters())


def test_answers_are_of_every_place_without_normalisation():
    answers, one = Answers(6, 8, 3), torch.randn(2, 6, 4, 5)
    found = answers(one)
    assert found.shape == (2, 20, 8)
    entered = answers.conv1x1(one).relu()
    torch.testing.assert_close(found[:, 7, 4], answers.obj_layers(entered)[:, 0, 1, 2])
    torch.testing.assert_close(found[:, 7, 5:], answers.cls_layers(entered)[:, :, 1, 2])
    assert not [layer for layer in answers.modules() if isinstance(layer, nn.BatchNorm2d)]
