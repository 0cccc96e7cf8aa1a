"""The demo's network has the shape that its docstring says."""

import pytest
import torch
from torch import nn

from headstart.bases.networks.glyphnet import GlyphNet


def test_shapes_and_size():
    network = GlyphNet().eval()
    assert sum(parameter.numel() for parameter in network.parameters()) == 93_472
    images = torch.zeros(2, 3, 32, 32)
    assert network.stage3(network.stage2(network.stage1(images))).shape == (2, 128, 4, 4)
    assert network(images).shape == (2, 512)


@pytest.mark.parametrize("size", [8, 33, 64])
def test_other_sizes(size):
    assert GlyphNet((4, 6)).eval()(torch.zeros(1, 3, size, size)).shape == (1, 24)


def test_nothing_works_in_place_and_stages_are_named():
    network = GlyphNet()
    assert not any(getattr(module, "inplace", False) for module in network.modules())
    assert [name for name, _ in network.named_children()] == ["stage1", "stage2", "stage3"]
    assert isinstance(network.stage1, nn.Sequential)


def test_features_tell_where_a_stroke_lies():
    network, left, right = GlyphNet().eval(), torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 32)
    left[..., 4:8], right[..., 20:24] = 1, 1
    assert not torch.allclose(network(left), network(right), atol=1e-4)
