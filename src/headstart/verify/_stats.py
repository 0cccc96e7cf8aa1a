"""Intervals of a mean and of a paired difference, over seeds and test items.

Hierarchical bootstrap: each replicate draws seeds, then test items, with replacement; the items of a
replicate are the same for all its seeds and for both arms, since they were tested on the same items.

Notation: s seeds, n test items, r replicates.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..types import FloatArray, Interval

REPLICATES = 4_000
SEED = 20_231
"""Fixed: the same scores always give the same interval."""
LEVEL = 0.95


def interval(scores: FloatArray) -> Interval:
    """The 95 % interval of the mean of (s, n) scores."""
    s, n = scores.shape
    draws = np.random.default_rng(SEED)
    seeds = draws.multinomial(s, np.full(s, 1 / s), REPLICATES) / s  # (r, s)
    items = draws.multinomial(n, np.full(n, 1 / n), REPLICATES) / n  # (r, n)
    means = ((seeds @ scores) * items).sum(1).clip(scores.min(), scores.max())  # rounding can leave it
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def call(difference: Interval) -> Literal["helps", "hurts", "undecided"]:
    """What the interval of a difference says."""
    if difference.low > 0:
        return "helps"
    return "hurts" if difference.high < 0 else "undecided"
