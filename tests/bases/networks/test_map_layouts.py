"""Maps in each layout, and those that are made where a base has none."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.bases.networks.map_layouts import COARSEST, LAYOUTS, completed, filled, patch_of, stride


@pytest.fixture
def numbers():
    """A map with other numbers at each place and in each channel."""
    return torch.arange(2.0 * 5 * 4 * 4).reshape(2, 5, 4, 4)


def test_the_same_map_in_each_layout(numbers):
    rows = numbers.flatten(2).transpose(1, 2)
    own = torch.full((2, 3, 5), -1.0)
    assert torch.equal(LAYOUTS["channels first"](numbers), numbers)
    assert torch.equal(LAYOUTS["channels last"](numbers.permute(0, 2, 3, 1)), numbers)
    assert torch.equal(LAYOUTS["tokens"](rows), numbers)
    assert torch.equal(LAYOUTS["tokens"](torch.cat([own, rows], 1)), numbers)


@pytest.mark.parametrize("prefix", range(6))
@pytest.mark.parametrize("side", [4, 14, 16, 37])
def test_as_many_tokens_come_first_as_are_left_over(side, prefix):
    tokens = torch.arange(float(prefix + side**2)).reshape(1, -1, 1)
    assert LAYOUTS["tokens"](tokens).flatten().tolist() == list(range(prefix, prefix + side**2))


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        ("channels first", (1, 16, 8)),
        ("channels first", (1, 4, 8, 16)),
        ("channels last", (1, 16, 8)),
        ("channels last", (1, 4, 8, 8)),
        ("tokens", (1, 4, 8, 8)),
        ("tokens", (1, 35, 8)),  # ten more than 5 x 5
    ],
)
def test_what_is_no_map_in_a_layout(layout, shape):
    assert LAYOUTS[layout](torch.zeros(shape)) is None


def test_strides_are_powers_of_two():
    assert [stride(64, side) for side in (32, 31, 16, 8, 7, 2)] == [2, 2, 4, 8, 8, 32]
    assert stride(14, 1) == 16


def test_missing_strides_are_means_of_the_map_and_of_the_picture():
    picture = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    own = torch.randn(2, 7, 4, 4, generator=torch.Generator().manual_seed(2))
    found = completed(picture, [own], 4)
    assert [tuple(one.shape[1:]) for one in found] == [(12, 16, 16), (12, 8, 8), (7, 4, 4), (7, 2, 2)]
    assert [stride(64, one.shape[-1]) for one in found] == [4, 8, 16, COARSEST]
    assert found[2] is own
    torch.testing.assert_close(found[3][:, :, 0, 1], own[:, :, :2, 2:].mean((2, 3)))
    quarters = [picture[:, :, i : i + 4, 56 + j : 60 + j].mean((2, 3)) for i in (0, 4) for j in (0, 4)]
    torch.testing.assert_close(found[1][:, :, 0, 7], torch.stack(quarters, 2).flatten(1))


def test_nothing_is_made_where_nothing_is_missing():
    picture = torch.zeros(1, 3, 64, 64)
    maps = [torch.zeros(1, 2, 8, 8), torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 2, 2)]
    assert all(one is other for one, other in zip(completed(picture, maps, 8), maps, strict=True))
    tiny = [torch.zeros(1, 2, 1, 1)]
    assert completed(torch.zeros(1, 3, 8, 8), tiny, 8) == tiny


def test_a_row_of_odd_length_is_halved_to_the_edge():
    found = completed(torch.zeros(1, 3, 48, 48), [torch.arange(9.0).reshape(1, 1, 3, 3)], 16)
    assert found[1].tolist() == [[[[2.0, 3.5], [6.5, 8.0]]]]


@pytest.mark.parametrize("size", [64, 252, 256, 320, 448])
@pytest.mark.parametrize("patch", [4, 8, 10, 12, 14, 16, 32])
@pytest.mark.parametrize("finest", [4, 8])
def test_patches_fill_the_side_and_so_do_all_maps(size, patch, finest):
    side = filled(size, patch, finest)
    assert side % patch == 0
    if size % patch == 0:
        assert side == size
        return
    assert abs(side - size) <= side / 2
    own = side // patch
    sides = [
        one.shape[-1]
        for one in completed(torch.zeros(1, 3, side, side), [torch.zeros(1, 1, own, own)], finest)
    ]
    of_picture = sides[: sides.index(own)]
    assert [side / one for one in of_picture] == [finest << step for step in range(len(of_picture))]
    assert sides[sides.index(own) :] == [own >> step for step in range(len(sides) - len(of_picture))]
    assert own % (1 << (len(sides) - len(of_picture) - 1)) == 0
    assert stride(side, sides[0]) == finest
    assert stride(side, sides[-1]) == COARSEST


def test_known_sides():
    assert [filled(320, patch, 8) for patch in (14, 16, 32)] == [336, 320, 320]
    assert [filled(256, patch, 4) for patch in (14, 16, 32)] == [280, 256, 256]


def test_a_patch_is_the_first_convolution_that_does_not_overlap():
    picture = torch.zeros(1, 3, 28, 28)
    layers = [nn.Conv2d(3, 4, 14, 14), nn.Conv2d(4, 4, 2, 2)]
    assert patch_of(nn.Sequential(*layers), picture) == 14
    assert patch_of(nn.Sequential(nn.Conv2d(3, 4, 3, 2), *layers[1:]), picture) is None
    assert patch_of(nn.Flatten(), picture) is None
