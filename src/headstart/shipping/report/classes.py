"""The table of classes: how many of each were found, how many of what was called so are right.

All of it comes from the confusion matrix. Notation: k classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...types import Interval
from .evidence import Confusion

_Z = 1.959963984540054
"""Of a normal distribution, 97.5 % lie below."""


@dataclass(frozen=True)
class OfClass:
    """One class on the test split; None where nothing is divided by."""

    label: str
    support: int
    """Test examples of it."""
    precision: float | None
    """Of what was called so, the share that is."""
    recall: float | None
    """Of what is, the share that was called so."""
    interval: Interval | None
    """Of the recall, as if examples were drawn one by one."""
    f1: float | None


def of_classes(confusion: Confusion) -> list[OfClass]:
    """A row of each of k classes, the lowest F1 first; those that were not tested last.

    `confusion.matrix` is (k, k), true classes by rows.
    """
    called = [sum(column) for column in zip(*confusion.matrix, strict=True)]
    rows = [
        _of_class(label, row[place], sum(row), called[place])
        for place, (label, row) in enumerate(zip(confusion.labels, confusion.matrix, strict=True))
    ]
    return sorted(rows, key=lambda row: math.inf if row.f1 is None or not row.support else row.f1)


def wilson(hits: int, tries: int) -> Interval:
    """The 95 % score interval of a share (Wilson, 1927): within 0 and 1, and sound for few tries."""
    share, square = hits / tries, _Z**2 / tries
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / tries + square / (4 * tries)) / (1 + square)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def _of_class(label: str, hits: int, support: int, called: int) -> OfClass:
    return OfClass(
        label=label,
        support=support,
        precision=hits / called if called else None,
        recall=hits / support if support else None,
        interval=wilson(hits, support) if support else None,
        f1=2 * hits / (support + called) if support + called else None,
    )
