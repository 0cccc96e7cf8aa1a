"""Groups beside labels that exist: looked at after everything is found, and only where somebody asks.

Notation: n rows, k clusters, c labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from ..explored import Agreement
from ..stats import of_value
from ..tasks.solvers.neighbours import nearest
from ..types import IntArray, Interval
from . import space
from .space import Rows

VOTED = 3_000
"""Rows whose neighbours vote, evenly spread."""


def agreement(rows: Rows, members: IntArray, labels: Sequence[str], column: str) -> Agreement:
    """Of (n, p) rows in clusters with the n labels that they have in a column."""
    names, numbers = np.unique(np.asarray(labels, object), return_inverse=True)
    counts = np.bincount(numbers)
    some = space.evenly(len(rows), VOTED)
    everyone = np.arange(len(some))
    votes = nearest(rows[some].astype(np.float64), everyone, numbers[some], len(names), everyone)
    right = (votes.argmax(1) == numbers[some]).astype(np.float64)
    return Agreement(
        column=column,
        labels=len(names),
        examples=len(rows),
        nmi=float(normalized_mutual_info_score(numbers, members)),
        ari=float(adjusted_rand_score(numbers, members)),
        matched=matched(members, numbers),
        neighbours=float(right.mean()),
        neighbours_interval=Interval(*of_value(right[None])),
        majority=float(counts.max() / counts.sum()),
    )


def matched(members: IntArray, numbers: IntArray) -> float:
    """Share of rows whose cluster is matched to their label, each cluster and label once."""
    table = np.zeros((int(members.max()) + 1, int(numbers.max()) + 1))
    np.add.at(table, (members, numbers), 1)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / len(members))
