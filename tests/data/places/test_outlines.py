"""Outlines cover what COCO says they cover; what cannot be one is refused before anything decodes it."""

import sys

import numpy as np
import pytest

from headstart.data.places.outlines import Undrawable, inside, polygon_filler
from headstart.errors import MissingExtra

coco = pytest.importorskip("pycocotools.mask")


@pytest.fixture
def covered():
    """`covered(outline, height, width)`."""
    fill = polygon_filler()
    return lambda outline, height=8, width=6: inside(outline, height, width, fill)


def runs_of(mask):
    """COCO's plain runs, column by column, beginning outside."""
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff([0, *edges, flat.size]).tolist()
    return [0, *counts] if flat[0] else counts


@pytest.mark.parametrize("seed", range(30))
def test_runs_come_back_exactly(covered, seed):
    draws = np.random.default_rng(seed)
    height, width = draws.integers(1, 70, 2).tolist()
    mask = draws.random((height, width)) < draws.choice([0, 0.02, 0.5, 1])
    size = [height, width]
    packed = coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode()
    for counts in (runs_of(mask), packed):
        assert np.array_equal(covered({"size": size, "counts": counts}, height, width), mask)


def test_long_runs_are_unpacked(covered):
    mask = np.zeros((400, 500), bool)
    mask[100:300, 100:450] = True
    packed = coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode()
    assert np.array_equal(covered({"size": [400, 500], "counts": packed}, 400, 500), mask)


def test_polygons_cover_what_any_of_them_covers(covered):
    one, other = [1, 1, 3, 1, 3, 3, 1, 3], [2.0, 5, 5, 5, 5, 8, 2, 8]
    wanted = np.zeros((8, 6), bool)
    wanted[1:3, 1:3] = wanted[5:8, 2:5] = True
    assert np.array_equal(covered([one, other]), wanted)
    assert covered(one).sum() == 4, "one polygon that is not in a list"
    assert covered([one, [0, 0, 5, 5]]).sum() == 4, "a line covers nothing"
    assert covered([[-3, -3, 9, -3, 9, 12, -3, 12]]).all(), "what lies outside is cut off"


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        (None, "no outline"),
        ([], "no outline"),
        ("text", "no outline"),
        ([[0, 0, 5, 5]], "only a line"),
        ([[]], "a polygon of 0 numbers"),
        ([[1, 1, 2, 2, 3]], "a polygon of 5 numbers"),
        ([[1, 1, 5, 1, 5, float("nan")]], "no number"),
        ([[1, 1, 5, 1, 5, "9"]], "no number"),
        ([[1, 1, 5, 1, 5, True]], "no number"),
        ([[1, 1, 5, 1, 5, 1e9]], "more than its side"),
        ([[-7, 1, 5, 1, 5, 1]], "more than its side"),
        ({}, "of the size None"),
        ({"size": [6, 8], "counts": [48]}, r"of the size \[6, 8\]; expected \[8, 6\]"),
        ({"size": [8, 6], "counts": None}, "no whole numbers"),
        ({"size": [8, 6], "counts": [1.5, 46.5]}, "no whole numbers"),
        ({"size": [8, 6], "counts": [3, 4]}, "do not fill the picture of 6 x 8"),
        ({"size": [8, 6], "counts": [3, 400]}, "do not fill"),
        ({"size": [8, 6], "counts": [50, -2]}, "do not fill"),
        ({"size": [8, 6], "counts": []}, "do not fill"),
        ({"size": [8, 6], "counts": "32"}, "do not fill"),
        ({"size": [8, 6], "counts": "é"}, "compressed form"),
        ({"size": [8, 6], "counts": "o" * 9}, "compressed form"),
        ({"size": [8, 6], "counts": "o"}, "break off"),
    ],
)
def test_what_is_no_outline_has_its_reason(covered, outline, reason):
    with pytest.raises(Undrawable, match=reason):
        covered(outline)


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(MissingExtra, match="drawn by pycocotools") as caught:
        polygon_filler()
    assert caught.value.hint == "pip install 'headstart[segmentation]'"
