"""Tiles cover, overlap and blend."""

import numpy as np
import pytest
import torch

from headstart.tasks import _tiles
from headstart.tasks._tiles import stitched, tiles

SIZES = [(1, 1), (5, 7), (16, 16), (17, 16), (16, 40), (33, 90), (64, 64)]


def field(height, width, k=3, seed=0):
    """(k, H, W) smooth outputs, as numpy."""
    draws = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / 9
    waves = [np.sin(a * y + b * x + c) for a, b, c in draws.uniform(-2, 2, (k, 3))]
    return torch.from_numpy(np.stack(waves)).float()


def cut(whole, boxes):
    return (whole[:, top:bottom, left:right] for left, top, right, bottom in boxes)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("overlap", [0, 4, 15])
def test_they_cover_and_share_enough(height, width, overlap):
    boxes = tiles(height, width, 16, overlap)
    count = np.zeros((height, width), dtype=int)
    for left, top, right, bottom in boxes:
        assert (bottom - top, right - left) == (min(16, height), min(16, width))
        count[top:bottom, left:right] += 1  # an index outside would leave a tile smaller than it says
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    assert (count > 0).all()
    for lows in (sorted({box[0] for box in boxes}), sorted({box[1] for box in boxes})):
        assert all(later - one <= 16 - overlap for one, later in zip(lows, lows[1:], strict=False))
    assert boxes == sorted(boxes, key=lambda box: (box[1], box[0]))


def test_no_more_than_are_needed():
    assert tiles(16, 28, 16, 4) == [(0, 0, 16, 16), (12, 0, 28, 16)]
    assert len(tiles(16, 29, 16, 4)) == 3
    assert tiles(3, 2, 16, 4) == [(0, 0, 2, 3)]


@pytest.mark.parametrize("wrong", [(0, 5, 4, 1), (5, 0, 4, 1), (5, 5, 4, 4), (5, 5, 4, -1), (5, 5, 0, 0)])
def test_impossible_tiles_are_refused(wrong):
    with pytest.raises(ValueError, match="no tiles of"):
        tiles(*wrong)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("overlap", [0, 5])
def test_tiles_that_agree_give_the_whole(height, width, overlap):
    whole, boxes = field(height, width), tiles(height, width, 16, overlap)
    found = stitched(cut(whole, boxes), boxes, height, width)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, whole.argmax(0).numpy())


def blended(parts, boxes, height, width):
    """All weighted sums in memory at once, in float64."""
    sums = np.zeros((len(parts[0]), height, width))
    for part, (left, top, right, bottom) in zip(parts, boxes, strict=True):
        rows, columns = (np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2 for n in part.shape[1:])
        sums[:, top:bottom, left:right] += part.double().numpy() * rows[:, None] * columns
    return sums


@pytest.mark.parametrize("overlap", [3, 8, 13])
def test_tiles_that_disagree_are_blended(overlap):
    """Against sums over the whole picture; where two classes are as good as equal, either is right."""
    boxes, draws = tiles(50, 37, 16, overlap), torch.Generator().manual_seed(0)
    parts = [torch.randn(4, 16, 16, generator=draws) for _ in boxes]
    expected = blended(parts, boxes, 50, 37)
    found = stitched(iter(parts), boxes, 50, 37)
    best = np.take_along_axis(expected, found[None].astype(int), 0)[0]
    assert (best >= expected.max(0) - 1e-5).all()
    assert (found == expected.argmax(0)).mean() > 0.999


def test_a_tile_fades_out_where_the_next_one_is_sure():
    boxes = tiles(16, 28, 16, 4)
    left, right = torch.zeros(2, 16, 16), torch.zeros(2, 16, 16)
    left[0], right[1] = 1, 1
    found = stitched([left, right], boxes, 16, 28)
    np.testing.assert_array_equal(found, np.repeat([[0, 1]], 14, axis=1).repeat(16, axis=0).reshape(16, 28))


def test_small_outputs_are_enlarged_to_their_tile():
    boxes = tiles(16, 16, 16, 0)
    small = torch.zeros(2, 4, 4)
    small[1, :, 2:] = 1
    small[0, :, :2] = 1
    found = stitched([small], boxes, 16, 16)
    np.testing.assert_array_equal(found[:, :8], 0)
    np.testing.assert_array_equal(found[:, 8:], 1)


def test_one_row_of_tiles_is_held(monkeypatch):
    shapes = []
    monkeypatch.setattr(torch, "zeros", lambda *shape: shapes.append(shape) or torch.full(shape, 0.0))
    boxes = tiles(400, 20, 16, 4)
    stitched((torch.full((2, 16, 16), 1.0) for _ in boxes), boxes, 400, 20)
    assert shapes == [(2, 16, 20), (16, 20)]


def test_what_does_not_fit_is_refused():
    whole, boxes = field(40, 16), tiles(40, 16, 16, 4)
    with pytest.raises(ValueError, match="argument"):
        stitched(list(cut(whole, boxes))[:-1], boxes, 40, 16)
    for wrong in (boxes[::-1], boxes[:1], [boxes[0], boxes[2]]):
        with pytest.raises(ValueError, match="cover the picture"):
            stitched(cut(whole, wrong), wrong, 40, 16)
    with pytest.raises(ValueError, match="a tile at least"):
        stitched([], [], 40, 16)
    with pytest.raises(ValueError, match="256 classes"):
        stitched([torch.zeros(256, 16, 16)], [(0, 0, 16, 16)], 16, 16)


def test_weights_are_never_nothing():
    for length in (1, 2, 255, 4096):
        weights = _tiles._fading(length)
        assert (weights > 0).all()
        torch.testing.assert_close(weights, weights.flip(0), atol=1e-5, rtol=0)
