"""What one outline of COCO covers: polygons, or runs of pixels, plain or compressed.

    [[x, y, x, y, x, y], ...]                        polygons: all that any of them covers
    {"size": [h, w], "counts": [5, 2, ...]}          runs, column by column: 5 outside, 2 inside, ...
    {"size": [h, w], "counts": "52..."}              the same runs as text

Polygons are filled by pycocotools, which decides as COCO does which pixels an edge takes. It trusts its
input: a coordinate that is no number, or far away, makes it ask for all memory, and runs that do not fill the
picture make it give back memory that was never written. So polygons are checked first, and runs decoded here.

Notation: h, w sides of the image in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import MissingExtra
from ..images.decode import MAX_PIXELS

Filled = NDArray[np.bool_]
"""(h, w) is the pixel inside?"""
Fill = Callable[[list[list[float]], int, int], Filled]
"""Polygons, h, w -> what they cover."""


class Undrawable(Exception):
    """An outline cannot be drawn; its text is the reason, and no person meets the error itself."""


def polygon_filler() -> Fill:
    """What fills polygons.

    Raises:
        MissingExtra: pycocotools is not installed.
    """
    try:
        from pycocotools import mask as coco
    except ImportError as error:
        raise MissingExtra.of("outlines in COCO files are drawn by pycocotools", "segmentation") from error

    def fill(polygons: list[list[float]], height: int, width: int) -> Filled:
        runs = coco.merge(coco.frPyObjects(polygons, height, width))["counts"].decode()
        return _from_runs(_uncompressed(runs), height, width)  # its own `decode` warns with numpy 2

    return fill


def extent(outline: Any) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of an outline; None where it has none."""
    try:
        if isinstance(outline, dict):
            height, width = outline["size"]
            if not 0 < height * width <= MAX_PIXELS:
                return None
            rows, columns = np.nonzero(_from_runs(_runs(outline, height, width), height, width))
            if not len(rows):
                return None
            edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            return float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3])
        parts = outline if isinstance(outline[0], list) else [outline]
        xs = [float(one) for part in parts for one in part[0::2]]
        ys = [float(one) for part in parts for one in part[1::2]]
    except (Undrawable, TypeError, ValueError, LookupError, OverflowError):
        return None
    if not xs or not ys or not all(map(math.isfinite, [*xs, *ys])):
        return None
    return min(xs), min(ys), max(xs), max(ys)


def inside(outline: Any, height: int, width: int, fill: Fill) -> Filled:
    """(h, w) what an outline covers.

    Raises:
        Undrawable: it is none, or does not fit the picture.
    """
    if isinstance(outline, dict):
        return _from_runs(_runs(outline, height, width), height, width)
    if not isinstance(outline, list) or not outline:
        raise Undrawable("no outline")
    parts = outline if all(isinstance(part, list) for part in outline) else [outline]
    polygons = [_polygon(part, height, width) for part in parts if len(part) != _LINE]
    if not polygons:
        raise Undrawable("no outline, only a line")
    return fill(polygons, height, width)


_LINE = 4
"""Numbers of a polygon with two corners: it covers nothing (and pycocotools takes it for a box)."""


def _polygon(part: Sequence[Any], height: int, width: int) -> list[float]:
    if len(part) < 6 or len(part) % 2:
        raise Undrawable(f"a polygon of {len(part)} numbers; expected x y of at least three corners")
    if not all(type(number) in (int, float) and math.isfinite(number) for number in part):
        raise Undrawable("a corner of a polygon that is no number")
    xs, ys = part[::2], part[1::2]
    for numbers, side in ((xs, width), (ys, height)):
        if min(numbers) < -side or max(numbers) > 2 * side:
            raise Undrawable("a polygon that leaves the picture by more than its side")
    return [float(number) for number in part]


def _runs(outline: dict[str, Any], height: int, width: int) -> list[int]:
    size, counts = outline.get("size"), outline.get("counts")
    if size != [height, width]:
        raise Undrawable(f"runs of a picture of the size {size}; expected [{height}, {width}]")
    if isinstance(counts, str):
        return _uncompressed(counts)
    if not isinstance(counts, list) or not all(type(count) is int for count in counts):
        raise Undrawable("runs that are no whole numbers")
    return counts


def _uncompressed(text: str) -> list[int]:
    """Five bits a letter, lowest first; from the fourth run on, the difference to the run two before."""
    runs, value, shift = list[int](), 0, 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 30:
            raise Undrawable("runs that are not in COCO's compressed form")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value, shift = 0, 0
    if shift:
        raise Undrawable("runs that break off")
    return runs


def _from_runs(runs: Sequence[int], height: int, width: int) -> Filled:
    if not runs or min(runs) < 0 or sum(runs) != height * width:
        raise Undrawable(f"runs that do not fill the picture of {width} x {height}")
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(width, height).T
