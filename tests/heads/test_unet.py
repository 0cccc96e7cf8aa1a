"""U-Net's decoder; what it shares with others is in test_segmenter.py."""

import pytest
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
        mix[1].register_forward_hook(lambda _, given, found: seen.append(tuple(found.shape[2:])))
    head(torch.randn(1, sum(c * h * w for c, h, w in SHAPES)))
    assert seen == [(8, 8), (16, 16)], "the coarser first"


def test_the_plugin_builds_it_for_the_maps():
    head = plugin.build(Maps(SHAPES, 32), ("a", "b"), {})
    assert isinstance(head, UNet)
    assert (head.side, head.labels) == (32, ("a", "b"))


def plainly(head, given):
    """The decoder as it is described: maps are joined, then mixed, without regard to the order in memory."""
    parts = torch.split(given, [c * h * w for c, h, w in head.shapes], dim=1)
    maps = [
        narrow(part.reshape(-1, *shape))
        for narrow, part, shape in zip(head.narrow, parts, head.shapes, strict=True)
    ]

    def enlarged(one, sides):
        return torch.nn.functional.interpolate(one, sides, mode="bilinear", align_corners=False)

    decoded = maps[-1]
    for mix, own in list(zip(head.mix, maps, strict=False))[::-1]:
        decoded = mix(torch.cat([own, enlarged(decoded, own.shape[2:])], dim=1))
    return enlarged(head.classify(decoded), (head.side, head.side))


@pytest.mark.parametrize("shapes", [SHAPES, SHAPES[:1], ((3, 16, 16), (200, 4, 4))])
def test_it_is_the_decoder_of_its_description(shapes):
    draws = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = UNet(Maps(shapes, 32), ("a", "b", "c"))
    inputs = torch.randn(3, sum(c * h * w for c, h, w in shapes), generator=draws)
    parameters = list(head.parameters())
    found, expected = head(inputs), plainly(head, inputs)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    slopes = [torch.autograd.grad(out.square().mean(), parameters) for out in (found, expected)]
    for given, slope in zip(*slopes, strict=True):
        torch.testing.assert_close(given, slope, atol=1e-5, rtol=1e-4)
