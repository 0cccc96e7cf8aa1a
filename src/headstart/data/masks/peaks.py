"""Soft edges and loss: which values of masks are classes, and which only lie between them.

A mask that was scaled smoothly, drawn with soft edges or saved as JPEG has values that no class has. They
lie between their neighbours and fill no area; the values that do are the peaks. With two peaks of grey, a
pixel belongs to the nearer one. With more, a value between two peaks may look like a third, so a pixel away
from all peaks takes the peak of the nearest pixel that is on one.

Notation: h, w sides of a mask in pixels, v different values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, maximum_filter, minimum_filter

from .counts import CLOSE, Numbers, Total, nearness, ramp_of

_HOLLOW = 0.1
"""A value of which less lies inside areas has no area of its own."""
_BETWEEN = 0.5
_ONE_BYTE = 255
_NOISY = 32
"""Rare values so near to a peak are it too."""
_RARE = 0.05
_LEAST = 0.0005
"""Of all pixels, on a peak."""
_FLAT = 0.3
"""A value of which more lies inside areas of it alone is no noise."""
_MOVED = 3
"""How far loss moves a flat area."""
_APART = 40
"""Peaks that are nearer than this may be made one of the other by loss."""
_MOST_SOFT, _MOST_NOISY = 0.5, 0.35
"""Of all pixels: with more away from peaks, the peaks are not clear."""
_STEPS = 8
"""From black to white, that are compared where nothing fills areas."""
_MANY = 32
"""Different values from which on those that fill no areas are suspicious."""


@dataclass(frozen=True)
class Peaks:
    """The values of a set that are classes."""

    values: tuple[int, ...]
    """Sorted."""
    coloured: bool
    close: int
    """How far a pixel's value may be from a peak to be on it."""
    share: float
    """Of all pixels, that are away from all peaks."""
    clear: bool
    """Can classes be told by them?"""

    @property
    def limit(self) -> int | None:
        """The highest value of the lower of two greys; None where they are not two, or colours."""
        return None if self.coloured or len(self.values) != 2 else sum(self.values) // 2

    def applied(self, values: NDArray[np.integer]) -> NDArray[np.int64]:
        """(h, w) each pixel's peak."""
        peaks = np.array(self.values, np.int64)
        if self.limit is not None:
            above: NDArray[np.int64] = (values > self.limit).astype(np.int64)
            return peaks[above]
        found, codes = np.unique(values.astype(np.int64), return_inverse=True)
        apart = _apart(found[:, None], peaks[None], self.coloured)
        nearest, away = apart.argmin(1)[codes], (apart.min(1) > self.close)[codes]
        nearest, away = nearest.reshape(values.shape), away.reshape(values.shape)
        away |= _passing(values, self.coloured)
        if away.any() and not away.all():
            rows, columns = distance_transform_edt(away, return_distances=False, return_indices=True)
            nearest = nearest[rows, columns]
        return np.asarray(peaks[nearest], dtype=np.int64)


def soft(total: Total, lossy: bool, coloured: bool) -> Peaks | None:
    """The peaks of masks with soft edges or loss; None where every value may be a class."""
    hollow, edges = _hollow(total.solid, total), _edges(total)
    if not lossy and not edges.any() and not unfilled(total):
        return None
    exact = _found(total, ~hollow, coloured, lossy, False)
    # One value between two others may be a thin class. Soft edges have many, or middle greys.
    middle = (total.values > _NOISY) & (total.values < _ONE_BYTE - _NOISY) & edges
    two_tone = exact.values == (0, _ONE_BYTE) and bool(middle.any())
    few = max(3, int((~hollow).sum()))
    if not lossy and not two_tone and int(edges.sum()) < few and not unfilled(total):
        return None
    if exact.clear:
        return exact
    noisy = _found(total, ~_hollow(total.calm, total), coloured, lossy, True)
    return noisy if noisy.clear else _black_and_white(total, coloured) or exact


def _black_and_white(total: Total, coloured: bool) -> Peaks | None:
    """Black and white with something between, where thin things fill no areas: each outweighs every grey."""
    deep = len(total.values) > 0 and int(total.values[-1]) > _ONE_BYTE
    white = 65_535 if deep else _ONE_BYTE
    if coloured or not len(total.values) or total.values[0] < 0 or total.values[-1] > white:
        return None
    steps = np.bincount(total.values * _STEPS // (white + 1), weights=total.pixels, minlength=_STEPS)
    black = int(total.pixels[total.values <= CLOSE * white // _ONE_BYTE].sum())
    middle, share = steps[1:-1], float(steps[1:-1].sum() / steps.sum())
    odd = _flat(total) & (total.pixels >= _LEAST * total.pixels.sum())
    odd &= (total.values > _MOVED * white // _ONE_BYTE) & (total.values < white - white // _STEPS)
    outweighed = not odd.any() and min(steps[0], steps[-1]) > 1.5 * middle.max() and black >= 0.9 * steps[0]
    close = white // _STEPS
    return Peaks((0, white), False, close, share, True) if outweighed and share <= _MOST_NOISY else None


def _found(total: Total, firm: NDArray[np.bool_], coloured: bool, lossy: bool, noisy: bool) -> Peaks:
    """The peaks among the firm values; `noisy`: the values of areas are not all the same."""
    scale = 1.0 if coloured else max(1.0, int(total.values[-1]) / _ONE_BYTE)
    alone = _flat(total) if lossy or noisy else np.zeros(len(firm), bool)
    peaks = _peaks(total, firm, alone, coloured, scale)
    gap = _least_gap(peaks, coloured) if len(peaks) > 1 else 0
    close = int(min((_NOISY if lossy or noisy else CLOSE) * scale, gap / 3))
    away = _distances(total.values, peaks, coloured) > close if peaks else np.ones(len(total.values), bool)
    share = int(total.pixels[away].sum()) / max(1, int(total.pixels.sum()))
    apart = gap >= _APART * scale if lossy or noisy else gap > 0
    clear = apart and share <= (_MOST_NOISY if noisy else _MOST_SOFT)
    return Peaks(peaks, coloured, close, share, clear and (coloured or not _beyond(total, peaks, close)))


def _beyond(total: Total, peaks: tuple[int, ...], close: int) -> bool:
    """Are many greys darker or brighter than all peaks? What is soft lies between them."""
    outside = (total.values < peaks[0] - close) | (total.values > peaks[-1] + close)
    most = int(total.pixels.max())
    return int(total.pixels[outside].sum()) > _RARE * (int(total.pixels.sum()) - most)


def _passing(values: NDArray[Any], coloured: bool) -> NDArray[np.bool_]:
    """(h, w) pixels on the way from a lower neighbour to a higher one."""
    ramp, near = ramp_of(values, coloured), nearness(values, coloured)
    low, high = minimum_filter(ramp, 3, mode="nearest"), maximum_filter(ramp, 3, mode="nearest")
    passing: NDArray[np.bool_] = (low < ramp - near) & (ramp + near < high)
    return passing


def unfilled(total: Total) -> bool:
    """Are there many values, most of whose pixels fill no areas? So is a photograph."""
    looked = int(total.looked.sum())
    return len(total.values) > _MANY and int(total.solid.sum()) < looked / 2


def _hollow(inside: Numbers, total: Total) -> NDArray[np.bool_]:
    """(v,) which values fill no areas; none where nobody looked."""
    return (total.looked > 0) & (inside / np.maximum(total.looked, 1) < _HOLLOW)


def _edges(total: Total) -> NDArray[np.bool_]:
    """(v,) which values fill no areas and lie between others."""
    between = total.between / np.maximum(total.looked, 1) >= _BETWEEN
    return _hollow(total.solid, total) & between


def _flat(total: Total) -> NDArray[np.bool_]:
    """(v,) values that fill flat areas: noise does not, and loss moves a flat area by little."""
    return (total.looked > 0) & (total.solid / np.maximum(total.looked, 1) >= _FLAT)


def _peaks(
    total: Total, firm: NDArray[np.bool_], alone: NDArray[np.bool_], coloured: bool, scale: float
) -> tuple[int, ...]:
    """The firm values, each with what is near to it, the commonest first; `alone`: but for the very next."""
    least = _LEAST * int(total.pixels.sum())
    found: dict[int, int] = {}
    for at in np.argsort(-total.pixels, kind="stable"):
        value, pixels = int(total.values[at]), int(total.pixels[at])
        if not firm[at] or pixels < least:
            continue
        apart = [int(_apart(np.int64(value), np.int64(peak), coloured)) for peak in found]
        reach = _MOVED if alone[at] else CLOSE
        rare = [not alone[at] and pixels < _RARE * more for more in found.values()]
        if not any(
            one <= (_NOISY if noise else reach) * scale for one, noise in zip(apart, rare, strict=True)
        ):
            found[value] = pixels
    return tuple(sorted(found))


def _distances(values: Numbers, peaks: tuple[int, ...], coloured: bool) -> Numbers:
    """(v,) how far each value is from the nearest peak."""
    near: Numbers = _apart(values[:, None], np.array(peaks, np.int64)[None], coloured).min(1)
    return near


def _least_gap(peaks: tuple[int, ...], coloured: bool) -> int:
    every = np.array(peaks, np.int64)
    apart = _apart(every[:, None], every[None], coloured)
    return int(apart[apart > 0].min())


def _apart(one: Any, other: Any, coloured: bool) -> Any:
    """How far values are apart; colours as far as the band that differs most."""
    if not coloured:
        return np.abs(one - other)
    bands = [np.abs(((one >> shift) & 255) - ((other >> shift) & 255)) for shift in (16, 8, 0)]
    return np.maximum(np.maximum(bands[0], bands[1]), bands[2])
