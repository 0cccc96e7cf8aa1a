"""Shapes that labelling tools draw, as outlines: rectangles and ellipses, which may be turned.

A corner is (x, y) in pixels, y downward; turned by an angle in degrees is clockwise, as it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Corner = tuple[float, float]
_STEPS = 32
"""Corners of an ellipse."""


def rectangle(left: float, top: float, right: float, bottom: float) -> list[Corner]:
    """The four corners."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def ellipse(centre: Corner, across: float, down: float) -> list[Corner]:
    """Corners on an ellipse whose half axes are that long; its outermost points are among them."""
    turns = [2 * math.pi * step / _STEPS for step in range(_STEPS)]
    return [(centre[0] + across * math.cos(turn), centre[1] + down * math.sin(turn)) for turn in turns]


def turned(corners: Sequence[Corner], degrees: float, about: Corner) -> list[Corner]:
    """The corners after a turn about a point."""
    if not degrees % 360:
        return list(corners)
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    moved = [(x - about[0], y - about[1]) for x, y in corners]
    return [(about[0] + x * cosine - y * sine, about[1] + x * sine + y * cosine) for x, y in moved]


def outlined(corners: Sequence[Corner]) -> dict[str, object]:
    """An annotation of COCO with this outline; empty where there is none."""
    return {"segmentation": [[number for corner in corners for number in corner]]} if len(corners) > 2 else {}
