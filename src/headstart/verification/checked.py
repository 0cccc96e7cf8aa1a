"""The adapted model against the source-only one on target examples with labels.

Where both say the same class neither gains: only the examples on which they disagree count, and how often
they disagree on the whole target is known without any label. Of the labelled disagreements on which one of
the two is right, the share that the adapted model wins has Jeffreys' binomial interval (Brown, Cai and
DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16, 2001); its ends, times how
often one of the two is right there (with an interval of its own) and times how often they disagree, are those
of the difference. It holds the truth in about 95 of 100 cases from 30 labels on, the exact one of Clopper and
Pearson in 97 to 100, a bootstrap of twenty labels in 55 to 92 (`benchmarks/adapting.py interval`).

Notation: l labelled target rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import betaincinv

from ..types import BoolArray, Interval

LEVEL, HALF = 0.95, 0.5
"""Of the interval; and of that of how often one of the two is right, of which both ends would count twice."""


@dataclass(frozen=True)
class Compared:
    """What labels say of two models; differences are of accuracy, adapted less source only."""

    labels: int
    disagreements: int
    """Of the labelled rows."""
    adapted_right: int
    """Disagreements on which the adapted model is right."""
    source_right: int
    delta: float
    interval: Interval

    @property
    def call(self) -> Literal["helps", "hurts", "undecided"]:
        """`helps`, `hurts` or `undecided`."""
        low, high = self.interval
        return "helps" if low > 0 else "hurts" if high < 0 else "undecided"


def compared(adapted: BoolArray, source: BoolArray, differ: BoolArray, share: float) -> Compared:
    """The two models on labelled rows.

    Args:
        adapted: (l,) where the adapted model is right.
        source: (l,) where the source-only one is.
        differ: (l,) where they say different classes.
        share: of the whole target on which they do.
    """
    wins, losses, m = int((adapted & ~source).sum()), int((source & ~adapted).sum()), int(differ.sum())
    delta = share * (wins - losses) / m if m else 0.0
    return Compared(len(adapted), m, wins, losses, delta, interval(wins, losses, m, share))


def interval(wins: int, losses: int, disagreements: int, share: float) -> Interval:
    """The 95 % interval of the difference of accuracy, from labelled disagreements.

    Args:
        wins: on which the adapted model is right.
        losses: on which the source-only one is.
        disagreements: all, those where neither is right too.
        share: of the whole target on which the two disagree.
    """
    decided = wins + losses
    if not decided:
        most = binomial(0, disagreements).high if disagreements else 1.0
        return Interval(-share * most, share * most)
    ends = [2 * end - 1 for end in binomial(wins, decided)]
    least, most = binomial(decided, disagreements, HALF)
    low = ends[0] * (most if ends[0] < 0 else least)
    high = ends[1] * (least if ends[1] < 0 else most)
    return Interval(share * low, share * high)


def binomial(right: int, of: int, level: float = LEVEL) -> Interval:
    """Jeffreys' interval of a share."""
    tail = (1 - level) / 2
    low = float(betaincinv(right + 0.5, of - right + 0.5, tail)) if right else 0.0
    high = float(betaincinv(right + 0.5, of - right + 0.5, 1 - tail)) if right < of else 1.0
    return Interval(low, high)


def needed(share: float, gain: float = 0.05, most: int = 2_000) -> int | None:
    """Labels after which a gain would be decided in about four of five cases; None beyond `most`.

    Args:
        share: of the target on which the two models disagree.
        gain: of accuracy, that is to be seen.
        most: labels that are still worth the while.
    """
    if share <= 0:
        return None
    lean = min(1.0, gain / share)
    # normal approximation of the sign test: 1.96 and 0.84 standard errors
    count = ((1.96 + 0.84 * np.sqrt(max(0.0, 1 - lean**2))) / lean) ** 2 / share
    return int(np.ceil(count)) if count <= most else None
