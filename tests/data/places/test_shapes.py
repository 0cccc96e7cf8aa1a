"""Shapes as outlines, turned as they are shown."""

import math

import pytest

from headstart.data.places.shapes import ellipse, outlined, rectangle, turned

WIDE = rectangle(0, 0, 4, 2)


def test_a_quarter_turn_clockwise_makes_a_wide_box_tall():
    found = turned(WIDE, 90, (2, 1))
    assert [(round(x, 9), round(y, 9)) for x, y in found] == [(3, -1), (3, 3), (1, 3), (1, -1)]


@pytest.mark.parametrize("degrees", [0, 360, -720])
def test_a_whole_turn_changes_nothing(degrees):
    assert turned(WIDE, degrees, (9, 9)) == WIDE


def test_an_ellipse_reaches_its_half_axes():
    xs, ys = zip(*ellipse((5, 7), 3, 2), strict=True)
    assert (min(xs), max(xs)) == pytest.approx((2, 8))
    assert (min(ys), max(ys)) == pytest.approx((5, 9))
    assert all(math.hypot((x - 5) / 3, (y - 7) / 2) == pytest.approx(1) for x, y in zip(xs, ys, strict=True))


def test_two_corners_are_no_outline():
    assert outlined(WIDE[:2]) == {}
    assert outlined(WIDE[:3]) == {"segmentation": [[0, 0, 4, 0, 4, 2]]}
