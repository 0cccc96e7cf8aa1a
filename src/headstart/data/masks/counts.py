"""What the masks of a set hold, counted once over all of them: what their values mean follows from it.

Of each value: how many pixels have it, how many of those lie inside an area of it (all eight neighbours are
the same), and how many lie between a darker and a brighter neighbour. Values of classes have areas; values
of soft edges lie between their neighbours and have none.

Notation: h, w sides of a mask in pixels, v different values.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label, maximum_filter, minimum_filter

from ...parallel import stream
from ..listing import unusable
from .files import Kind, Plane, Unusable, read_plane

Numbers = NDArray[np.int64]
_EXAMINED = 200
"""Masks of a set, evenly chosen, whose neighbours are looked at."""
_LEAST_SIDE = 8
"""A smaller mask has no insides."""
_MOST_VALUES = 4096
"""Of a mask; of a photograph only the commonest are kept."""
_MOST_AREAS = 1500
"""Different values of a mask whose areas are still counted."""
CLOSE = 8
"""Values of a byte so near to each other are nearly the same."""
_EIGHT = np.ones((3, 3), np.int64)


@dataclass(frozen=True)
class Counted:
    """What one mask holds; all arrays have one entry for each of its v values, sorted."""

    path: Path
    plane: Plane
    """Without its pixels."""
    values: Numbers
    pixels: Numbers
    different: int
    """How many values there are; more than v where only the commonest are kept."""
    solid: Numbers | None = None
    """Pixels whose neighbours are the same; None where nobody looked."""
    between: Numbers | None = None
    """Pixels with a lower and a higher neighbour."""
    calm: Numbers | None = None
    """Pixels whose neighbours are nearly the same."""
    areas: Numbers | None = None
    """Connected areas; None where nobody looked."""


@dataclass(frozen=True)
class Total:
    """What all masks of a set hold together; arrays as in `Counted`."""

    values: Numbers
    pixels: Numbers
    looked: Numbers
    """Pixels in masks whose neighbours were looked at."""
    solid: Numbers
    between: Numbers
    calm: Numbers

    def shares(self) -> dict[int, float]:
        """The share of all pixels of each value, commonest first."""
        order = np.argsort(-self.pixels, kind="stable")
        every = max(1, int(self.pixels.sum()))
        return {int(self.values[one]): int(self.pixels[one]) / every for one in order}


def counted(masks: Sequence[Path], root: Path, kind: Kind) -> list[Counted]:
    """The masks that can be read; the others are left out, with reasons, when they are read for good."""
    step = max(1, len(masks) // _EXAMINED)
    examined = set(masks[::step])

    def look(mask: Path) -> Counted | None:
        try:
            return (
                None if unusable(mask, root) else count(mask, read_plane(mask, root, kind), mask in examined)
            )
        except Unusable:
            return None

    found = stream(look, masks, os.cpu_count() or 1)
    return [one for one in found if one is not None]


def count(path: Path, plane: Plane, examined: bool = True) -> Counted:
    """Count one mask; `examined`: look at neighbours too."""
    values, codes = np.unique(plane.values.astype(np.int64), return_inverse=True)
    codes, size = codes.reshape(plane.values.shape), len(values)
    pixels = np.bincount(codes.ravel(), minlength=size).astype(np.int64)
    different, kept = size, np.arange(size)
    if size > _MOST_VALUES:
        kept = np.sort(np.argsort(-pixels)[:_MOST_VALUES])
    rest = plane.emptied()
    if not examined or min(plane.values.shape) < _LEAST_SIDE:
        return Counted(path, rest, values[kept], pixels[kept], different)
    ramp, near = ramp_of(plane.values, plane.coloured), nearness(plane.values, plane.coloured)
    low, high = minimum_filter(ramp, 3, mode="nearest"), maximum_filter(ramp, 3, mode="nearest")
    solid = np.bincount(codes[low == high], minlength=size)
    between = np.bincount(codes[(low < ramp) & (ramp < high)], minlength=size)
    calm = np.bincount(codes[high - low <= near], minlength=size)
    areas = _areas(codes, size) if size <= _MOST_AREAS else None
    looked = (solid[kept], between[kept], calm[kept])
    return Counted(path, rest, values[kept], pixels[kept], different, *looked, areas)


def together(masks: Sequence[Counted]) -> Total:
    """The sums over masks."""
    values = np.unique(np.concatenate([np.zeros(0, np.int64), *(mask.values for mask in masks)]))
    sums = np.zeros((5, len(values)), np.int64)
    for mask in masks:
        at = np.searchsorted(values, mask.values)
        sums[0, at] += mask.pixels
        if mask.solid is not None and mask.between is not None and mask.calm is not None:
            sums[1, at] += mask.pixels
            sums[2, at] += mask.solid
            sums[3, at] += mask.between
            sums[4, at] += mask.calm
    return Total(values, *sums)


def written(values: Mapping[int, float], coloured: bool, most: int = 6) -> str:
    """The commonest values with their shares, as people read them."""
    said = [f"{f'#{one:06x}' if coloured else one} ({100 * share:.1f} %)" for one, share in values.items()]
    more = len(said) - most
    return ", ".join(said[:most]) + (f" and {more} more" if more > 0 else "")


def ramp_of(values: NDArray[np.generic], coloured: bool) -> Numbers:
    """(h, w) a number that is between those of two colours where a colour is between them."""
    wide = values.astype(np.int64)
    return (wide >> 16) + 2 * ((wide >> 8) & 255) + 4 * (wide & 255) if coloured else wide


def nearness(values: NDArray[np.generic], coloured: bool) -> int:
    """How far numbers of `ramp_of` may be apart that are nearly the same."""
    if coloured:
        return 7 * CLOSE
    return CLOSE * (257 if values.size and int(values.max()) > 255 else 1)


def _areas(codes: NDArray[np.int64], size: int) -> Numbers:
    """(v,) in how many connected areas each value lies."""
    found = np.zeros(size, np.int64)
    for number, place in enumerate(find_objects((codes + 1).astype(np.int32))):
        if place is not None:
            found[number] = label(codes[place] == number, _EIGHT)[1]
    return found
