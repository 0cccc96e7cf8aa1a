"""Intervals of a mean and of a paired difference, over seeds and test items, and what they say.

The scores form a table of seeds by items: every seed is tested on the same items. Both are a sample, so
the interval is a hierarchical bootstrap that draws seeds and items with replacement. Such a bootstrap
alone covers too seldom with few seeds (their spread comes out too small by (s - 1) / s, and six draws are not
normal) and too often with little spread (it counts the interaction twice: Owen, "The pigeonhole
bootstrap", 2007). So its draws are scaled to the unbiased variance of two crossed random effects
(analysis of variance; Satterthwaite's degrees of freedom), and its ends are corrected for bias and
skewness (BCa: Efron, "Better bootstrap confidence intervals", 1987).

Notation: s seeds, n test items, r replicates.
"""

from __future__ import annotations

from itertools import product
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import t as student

from ..types import FloatArray, Interval

REPLICATES = 4_000
SEED = 20_231
"""Fixed: the same scores always give the same interval."""
LEVEL = 0.95
MOST_FLIPPED = 12
"""Seeds up to which all sign flips are looked at; of more, a sample."""


def interval(scores: FloatArray, least: float = 0.0, most: float = 1.0) -> Interval:
    """The 95 % interval of the mean of (s, n) scores from `least` to `most`, over seeds and items.

    Where all scores are equal they have no spread to learn from: then the interval is as wide as
    it would be if n items, all right, had been counted (the rule of three).
    """
    s, n = scores.shape
    mean = scores.mean()
    by_seed, by_item = scores.mean(1) - mean, scores.mean(0) - mean
    variance, freedom = _variance(scores - mean, by_seed, by_item)
    drawn = (by_seed**2).sum() / s**2 + (by_item**2).sum() / n**2
    if variance <= 1e-24 or drawn <= 1e-24:
        unseen = 1 - ((1 - LEVEL) / 2) ** (1 / n)
        return Interval(max(least, float(mean) - unseen), min(most, float(mean) + unseen))
    draws = np.random.default_rng(SEED)
    seeds = draws.multinomial(s, np.full(s, 1 / s), REPLICATES) / s  # (r, s)
    items = draws.multinomial(n, np.full(n, 1 / n), REPLICATES) / n  # (r, n)
    tail = (1 - LEVEL) / 2
    stretch = np.sqrt(variance / drawn) * student.ppf(1 - tail, freedom) / ndtri(1 - tail)
    means = mean + stretch * (seeds @ by_seed + items @ by_item)
    ends = np.quantile(means, _levels(means, mean, np.concatenate([by_seed / s, by_item / n])))
    low, high = ends.clip(scores.min(), scores.max())  # a stretched end can leave what is possible
    return Interval(float(low), float(high))


def of_value(scores: FloatArray, low: float = 0.0, high: float = 1.0) -> Interval:
    """The 95 % interval of a metric that is from `low` to `high`, from (s, n) scores whose mean it is.

    Scores of a metric of all items together (`tasks/_influence.py`) may lie outside, so that of few
    items an end of their interval may, too. The metric itself cannot.
    """
    found = interval(scores, low, high)
    return Interval(min(max(found.low, low), high), min(max(found.high, low), high))


def sign_flip(by_seed: FloatArray) -> float:
    """Two-sided p that (s,) paired differences are as far from 0 if each could as well have the other sign.

    Exact up to twelve seeds. The least p that s seeds can give is 2 / 2^s: below 0.05 from six on.
    """
    s = len(by_seed)
    if s <= MOST_FLIPPED:
        signs = np.array(list(product([1.0, -1.0], repeat=s)))
    else:
        signs = np.random.default_rng(SEED).choice([1.0, -1.0], (2**MOST_FLIPPED, s))
        signs[0] = 1.0
    means = np.abs(signs @ by_seed) / s
    return float((means >= abs(by_seed.mean()) - 1e-12).mean())


def call(difference: Interval, p: float) -> Literal["helps", "hurts", "undecided"]:
    """What the interval and the sign-flip p of a difference say: both must be clear."""
    if p >= 1 - LEVEL:
        return "undecided"
    if difference.low > 0:
        return "helps"
    return "hurts" if difference.high < 0 else "undecided"


def _variance(residual: FloatArray, by_seed: FloatArray, by_item: FloatArray) -> tuple[float, float]:
    """Unbiased variance of the mean of seeds and items that are both drawn, and its degrees of freedom."""
    s, n = residual.shape
    rest = residual - by_seed[:, None] - by_item
    parts = [
        (n * (by_seed**2).sum(), s - 1),
        (s * (by_item**2).sum(), n - 1),
        ((rest**2).sum(), (s - 1) * (n - 1)),
    ]
    seeds, items, both = (total / freedom / (s * n) if freedom else 0.0 for total, freedom in parts)
    variance = max(seeds + items - both, seeds, items)
    spread = sum(
        part**2 / freedom for part, (_, freedom) in zip((seeds, items, both), parts, strict=True) if freedom
    )
    least = max(1, s - 1 if s > 1 else n - 1)
    return variance, max(variance**2 / spread, least) if spread > 0 else least


def _levels(means: FloatArray, mean: float, pulls: FloatArray) -> FloatArray:
    """The two levels of the bootstrap's quantiles; `pulls` are those of each seed and item on the mean."""
    below = ((means < mean).mean() + (means <= mean).mean()) / 2
    bias = ndtri(np.clip(below, 1 / len(means), 1 - 1 / len(means)))
    acceleration = (pulls**3).sum() / (6 * (pulls**2).sum() ** 1.5)
    z = bias + ndtri(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return np.asarray(ndtr(bias + z / (1 - acceleration * z)))
