"""U-Net's decoder; what it shares with others is in test_segmenter.py."""

import torch

from headstart.heads.unet import FINEST, WIDEST, UNet, plugin
from headstart.types import Maps

SHAPES = ((6, 16, 16), (200, 8, 8), (12, 4, 4))


def test_maps_get_narrower_as_they_get_finer():
    head = UNet(Maps(SHAPES, 32), ("a", "b"))
    widths = [mix[1][0].out_channels for mix in head.mix]
    assert widths == [FINEST, 2 * FINEST]
    # its own map, narrowed, and what comes from below
    assert [mix[0][0].in_channels for mix in head.mix] == [6 + 2 * FINEST, WIDEST + 12]


def test_a_level_is_mixed_with_the_one_below_at_its_own_size():
    head, seen = UNet(Maps(SHAPES, 32), ("a", "b")), []
    for mix in head.mix:
        mix.register_forward_hook(lambda _, given, found: seen.append(tuple(found.shape[2:])))
    head(torch.randn(1, sum(c * h * w for c, h, w in SHAPES)))
    assert seen == [(8, 8), (16, 16)], "the coarser first"


def test_the_plugin_builds_it_for_the_maps():
    head = plugin.build(Maps(SHAPES, 32), ("a", "b"), {})
    assert isinstance(head, UNet)
    assert (head.side, head.labels) == (32, ("a", "b"))
