"""What to label first: rows that stand for as many others as possible, none like an earlier one.

Rows are taken one after the other, each the one that brings the whole set nearest to those that are taken
(facility location; greedy is within 1 - 1/e of the best: Nemhauser, Wolsey and Fisher, 1978). Any beginning
of the list is a good choice of that many, and its rows are like the medoids of so many clusters.

Notation: n rows, p components.
"""

from __future__ import annotations

import numpy as np

from ..types import FloatArray, IntArray
from . import space
from .space import Rows

LISTED = 100
COVERED = 4_000
"""Rows that are to be near, and may be taken; evenly spread."""


def to_label(rows: Rows, most: int = LISTED) -> IntArray:
    """(≤ most,) the rows in the order in which to label them."""
    some = space.evenly(len(rows), COVERED)
    alike = np.exp(rows[some] @ rows[some].T - 1)
    covered = np.zeros(len(some), np.float32)
    taken = list[int]()
    for _ in range(min(most, len(some))):
        gains = _gains(alike, covered)
        gains[taken] = -1
        taken.append(int(gains.argmax()))
        covered = np.maximum(covered, alike[taken[-1]])
    return np.asarray(some[taken], np.int64)


def between(rows: Rows, centres: Rows) -> FloatArray:
    """(n,) how near each row is to belonging to another cluster: 1 half way, 0 at its own centre."""
    if len(centres) < 2:
        return np.zeros(len(rows))
    squares = np.square(rows).sum(1, keepdims=True) + np.square(centres).sum(1) - 2 * rows @ centres.T
    apart = np.sqrt(np.maximum(0, squares))
    nearest = np.partition(apart, 1, axis=1)
    return np.asarray(nearest[:, 0] / np.maximum(nearest[:, 1], 1e-12), np.float64)


def _gains(alike: Rows, covered: Rows) -> Rows:
    """(n,) by how much all would be nearer with each."""
    blocks = [alike[start : start + 512] for start in range(0, len(alike), 512)]
    return np.concatenate([np.maximum(block - covered, 0).sum(1) for block in blocks])
