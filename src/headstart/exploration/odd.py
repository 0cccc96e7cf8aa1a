"""Rows that lie apart from all others, and how far something new may be before it is unlike anything seen.

Notation: n rows, p components, m landmarks.
"""

from __future__ import annotations

import numpy as np

from ..tasks.answers.groups import PLACED_BY
from ..types import BoolArray, FloatArray, IntArray
from . import space
from .maps import nearest
from .space import Rows

LANDMARKS = 2_000
"""Rows that a bundle keeps at most."""
SEEN = 0.99
"""Share of rows that are within the limit of all others."""
FEWEST = 20
"""Rows; of fewer nobody can say what is usual."""
FENCE = 3.0
"""Ranges between quartiles above the third, from which on a row lies far out (Tukey, 1977)."""


def loneliness(rows: Rows, members: IntArray) -> FloatArray:
    """(n,) mean distance to the five nearest others over the median in the row's cluster: 1 is usual."""
    if len(rows) < 2:
        return np.ones(len(rows))
    near, _ = nearest(rows, rows, min(PLACED_BY, len(rows) - 1) + 1)
    apart = near[:, 1:].mean(1)
    usual = np.array([np.median(apart[members == one]) for one in range(int(members.max()) + 1)])
    usual = np.maximum(usual, max(1e-6, float(np.median(apart)) / 4))  # copies make a cluster of no width
    return np.asarray(apart / usual[members])


def lonely(scores: FloatArray) -> BoolArray:
    """(n,) which lie far out; none where all are alike, or so few that nothing is usual."""
    if len(scores) < FEWEST:
        return np.zeros(len(scores), bool)
    first, third = np.quantile(scores, [0.25, 0.75])
    return np.asarray(scores > third + FENCE * max(third - first, 1e-3))


def landmarks(rows: Rows) -> IntArray:
    """Which rows a bundle keeps, evenly spread."""
    return space.evenly(len(rows), LANDMARKS)


def limit(rows: Rows, marks: IntArray) -> float:
    """The mean distance to the nearest landmarks that 99 in 100 rows have at most, each without itself."""
    count = min(PLACED_BY, len(marks) - 1)
    if count < 1:
        return 1.0
    near, _ = nearest(rows[marks], rows[marks], count + 1)
    return max(float(np.quantile(near[:, 1:].mean(1), SEEN)), 1e-3)
