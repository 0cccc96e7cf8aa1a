"""The two halves of YOLOX: shapes, what is random, and normalisation that was folded away."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.bases.networks.yolox import Focus, Norm, Towers, YoloX


@pytest.fixture
def network():
    torch.manual_seed(0)
    return YoloX(4).eval()


def test_its_sizes_are_those_of_yolox_nano():
    """0.91 million with COCO's classes, and as many for a side of 416 as the paper counts (1.08 GFLOPs)."""
    with torch.device("meta"):
        halves = YoloX(16, 1, True), Towers([64, 128, 256], 64, 80, True)
    assert sum(one.numel() for half in halves for one in half.parameters()) == pytest.approx(0.91e6, rel=0.01)


@pytest.mark.parametrize(("channels", "repeats", "millions"), [(24, 1, 5.06), (32, 1, 8.97), (48, 2, 25.3)])
def test_larger_ones_have_the_sizes_that_are_told_of_them(channels, repeats, millions):
    """YOLOX-Tiny, -S and -M, of which the filters are whole and the towers have a width of 4c."""
    with torch.device("meta"):
        given = [many * channels for many in (4, 8, 16)]
        halves = YoloX(channels, repeats, False), Towers(given, 4 * channels, 80, False)
    found = sum(one.numel() for half in halves for one in half.parameters()) / 1e6
    assert found == pytest.approx(millions, rel=0.01)


@pytest.mark.parametrize("side", [64, 96, 80])
def test_maps_are_of_three_strides(network, side):
    """Also where the coarse map has an odd number of places."""
    with torch.no_grad():
        maps = network.backbone(torch.randn(2, 3, side, side))
        assert network(torch.randn(2, 3, side, side)).shape == (2, 28 * 4)
    expected = [(2, 16, -(-side // 8)), (2, 32, -(-side // 16)), (2, 64, -(-side // 32))]
    assert [tuple(one.shape[:3]) for one in maps] == expected


def test_the_declared_modules_are_there(network):
    names = dict(network.named_modules())
    assert set(network.maps) < set(network.ends) <= names.keys()
    assert network.ends[-3:] == network.maps


def test_pixels_of_a_square_become_channels_left_ones_first():
    focus = Focus(12)
    focus.conv.conv = nn.Identity()
    focus.conv.bn, focus.conv.act = nn.Identity(), nn.Identity()
    one = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    found = focus(torch.stack([one, one + 10, one + 20])[None])
    assert found.flatten().tolist() == [0, 10, 20, 2, 12, 22, 1, 11, 21, 3, 13, 23]


def test_folded_statistics_keep_still_and_others_learn():
    norm, one = Norm(2).train(), torch.randn(8, 2, 3, 3) * 3 + 1
    expected = nn.BatchNorm2d(2, eps=norm.eps, momentum=norm.momentum).train()
    torch.testing.assert_close(norm(one), expected(one))
    torch.testing.assert_close(norm.running_mean, expected.running_mean)
    norm.load_state_dict(norm.state_dict() | {"folded": torch.tensor(True)})
    before = norm.running_mean.clone()
    given = norm(one)
    assert torch.equal(norm.running_mean, before)
    torch.testing.assert_close(given, norm.eval()(one))
    given.sum().backward()
    assert norm.bias.grad is not None


def test_random_weights_train_with_statistics_of_batches(network):
    before = {name: value.clone() for name, value in network.state_dict().items() if "running" in name}
    network.train()(torch.randn(2, 3, 64, 64)).sum().backward()
    after = network.state_dict()
    assert all(not torch.equal(after[name], value) for name, value in before.items())
    assert all(one.grad is not None for one in network.parameters())


def test_towers_tell_of_every_place(network):
    towers = Towers([16, 32, 64], 8, 5, True)
    with torch.no_grad():
        maps = network.backbone(torch.randn(2, 3, 64, 64))
        found, first = towers(maps), towers._said(0, maps[0])
    assert found.shape == (2, 64 + 16 + 4, 10)
    assert torch.equal(found[:, :64], first.flatten(2).transpose(1, 2))
    assert not [one for one in towers.modules() if isinstance(one, nn.BatchNorm2d)]
