"""DeepLabV3+'s decoder; what it shares with others is in test_segmenter.py."""

import pytest
import torch

from headstart.heads.deeplabv3plus import LOW, WIDEST, WIDTH, DeepLabV3Plus, plugin, rates
from headstart.types import Maps

SHAPES = ((24, 64, 64), (32, 32, 32), (96, 16, 16), (320, 8, 8))
LABELS = ("a", "b")


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize(
    ("side", "wanted"), [(33, (6, 12, 18)), (16, (3, 6, 9)), (8, (1, 3, 4)), (2, (1,)), (66, (12, 24, 36))]
)
def test_holes_reach_as_far_as_in_the_paper(side, wanted):
    assert rates(side) == wanted


@pytest.mark.parametrize(
    ("sides", "at"),
    [
        ((64, 32, 16, 8), 2),
        ((64, 32), 1),
        ((61, 30, 14, 7), 2),  # without padding maps are a little smaller
        ((32, 32, 32), 2),  # dilated: the last of stride 8
        ((8, 4), 0),  # all are coarser
    ],
)
def test_the_map_of_stride_16_is_looked_at(sides, at):
    head = DeepLabV3Plus(Maps(tuple((8, side, side) for side in sides), 256), LABELS)
    assert head.at == at
    assert [far[0].dilation[0] for far in head.around.far] == list(rates(sides[at]))
    assert [far[0].padding for far in head.around.far] == [far[0].dilation for far in head.around.far]


def test_coarser_maps_are_joined_and_those_between_are_not_read():
    head = DeepLabV3Plus(Maps(SHAPES, 256), LABELS)
    maps = [torch.randn(1, *shape) for shape in SHAPES]
    with torch.no_grad():
        found = head.decoded(maps)
        same = [
            torch.equal(found, head.decoded([*maps[:level], -maps[level], *maps[level + 1 :]]))
            for level in range(4)
        ]
    assert same == [False, True, False, False]
    assert found.shape == (1, WIDTH, 64, 64)
    assert head.around.near[0].in_channels == 96 + WIDEST


def test_the_finest_map_is_narrowed():
    wide = DeepLabV3Plus(Maps(((100, 16, 16), (8, 4, 4)), 64), LABELS)
    assert wide.low(torch.randn(1, 100, 16, 16)).shape[1] == LOW
    assert wide.mix[0][0].in_channels == LOW + WIDTH


def test_a_place_sees_the_whole_image_by_its_mean():
    """Without the far and near branches too, a change in one corner is seen in the other."""
    around, one = DeepLabV3Plus(Maps(SHAPES, 256), LABELS).around, torch.randn(1, 96 + WIDEST, 16, 16)
    other = one.clone()
    other[..., 0, 0] += 50.0
    for branch in (around.near, *around.far):
        branch.register_forward_hook(lambda _, given, found: torch.zeros_like(found))
    with torch.no_grad():
        before, after = around(one), around(other)
    assert (before[..., -1, -1] != after[..., -1, -1]).any()
    assert torch.equal(before[..., 0, 0], before[..., -1, -1])


def test_the_plugin_builds_it_for_the_maps():
    head = plugin.build(Maps(SHAPES, 256), LABELS, {})
    assert isinstance(head, DeepLabV3Plus)
    assert (head.side, head.labels) == (256, LABELS)
