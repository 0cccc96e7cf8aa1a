"""The interval of the difference of two models on the same test examples.

A bootstrap of few test examples, on hardly any of which two models differ, is too narrow
(`benchmarks/comparing.py`). Where each example is right or wrong, and on its own, an end is therefore the
further one of the bootstrap's and of that of Bonett and Price ("Adjusted Wald confidence interval for a
difference of binomial proportions based on paired data", Journal of Educational and Behavioral Statistics 37,
2012), which counts one more win and one more loss.

Notation: n test examples.
"""

from __future__ import annotations

import numpy as np

from .. import stats
from ..types import FloatArray, IntArray, Interval

NORMAL = 1.96


def interval(difference: FloatArray, units: IntArray) -> Interval:
    """The 95 % interval of the mean of (n,) differences of examples in (n,) units."""
    found = stats.interval(difference[None], units)
    if len(np.unique(units)) < len(units) or not np.isin(difference, (-1.0, 0.0, 1.0)).all():
        return found
    low, high = adjusted(int((difference > 0).sum()), int((difference < 0).sum()), len(difference))
    return Interval(min(low, found.low), max(high, found.high))


def adjusted(wins: int, losses: int, n: int) -> Interval:
    """Bonett and Price's interval of (wins - losses) / n."""
    won, lost = (wins + 1) / (n + 2), (losses + 1) / (n + 2)
    delta = won - lost
    half = NORMAL * np.sqrt((won + lost - delta**2) / (n + 2))
    return Interval(float(delta - half), float(delta + half))
