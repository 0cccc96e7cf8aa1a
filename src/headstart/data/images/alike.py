"""Pairs of rows that are nearly parallel: all of few rows, and of many rows by an index.

Of few rows all pairs are looked at. Of many, each row is filed under the nearest of some rows that are drawn,
and is compared with what is filed under the `_PROBED` nearest of them: n ** 1.5 products instead of n ** 2.
(An inverted file, as in Jegou, Douze & Schmid 2011, without their codes, and with centres that are drawn
instead of trained.) `benchmarks/scale_reading.py` measures what is missed.

Notation: n rows, t their length, m pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...types import IntArray

Floats = NDArray[np.floating]

BLOCK = 512
"""Rows that are compared at a time: bounds the memory to a few times so many n numbers."""
MOST = 20_000
"""Rows of which all pairs are looked at: seconds."""
_PROBED = 8


def alike_pairs(rows: Floats, least: float) -> Iterator[IntArray]:
    """(m, 2) pairs of a part of the rows at a time whose product is `least` or more.

    The later row comes first. Some pairs come twice.

    Args:
        rows: (n, t), each of length 1, or 0 where it is like nothing.
        least: at least 0.
    """
    return _all_pairs(rows, least) if len(rows) <= MOST else _filed_pairs(rows, least)


def _all_pairs(rows: Floats, least: float) -> Iterator[IntArray]:
    for start in range(0, len(rows), BLOCK):
        end = min(start + BLOCK, len(rows))
        later, earlier = np.nonzero(np.tril(rows[start:end] @ rows[:end].T >= least, start - 1))
        yield np.stack([later + start, earlier], axis=1)


def _filed_pairs(rows: Floats, least: float) -> Iterator[IntArray]:
    drawn = np.random.default_rng(0).choice(len(rows), int((_PROBED * len(rows)) ** 0.5), replace=False)
    nearest = _nearest(rows, rows[np.sort(drawn)])
    filed, ends = _together(nearest[:, 0], len(drawn))
    asking, stops = _together(nearest.ravel(), len(drawn))
    for cell in range(len(drawn)):
        members = filed[ends[cell] : ends[cell + 1]]
        askers = asking[stops[cell] : stops[cell + 1]] // _PROBED
        for start in range(0, len(askers), BLOCK):
            some = askers[start : start + BLOCK]
            one, other = np.nonzero(rows[some] @ rows[members].T >= least)
            pairs = np.stack([some[one], members[other]], axis=1)
            pairs.sort(axis=1)
            yield pairs[pairs[:, 0] < pairs[:, 1], ::-1]


def _nearest(rows: Floats, drawn: Floats) -> IntArray:
    """(n, _PROBED) the drawn rows that each row is nearest to, the nearest first."""
    nearest = np.empty((len(rows), _PROBED), np.int64)
    for start in range(0, len(rows), BLOCK):
        products = rows[start : start + BLOCK] @ drawn.T
        some = np.argpartition(products, -_PROBED, axis=1)[:, -_PROBED:]
        order = np.argsort(-np.take_along_axis(products, some, 1), axis=1, kind="stable")
        nearest[start : start + BLOCK] = np.take_along_axis(some, order, 1)
    return nearest


def _together(numbers: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Indices sorted by their numbers, and (count + 1,) where each number's begin."""
    order = np.argsort(numbers, kind="stable")
    return order, np.searchsorted(numbers[order], np.arange(count + 1))
