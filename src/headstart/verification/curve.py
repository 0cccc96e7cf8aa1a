"""The learning curve: what fewer labels would have given, what the transfer saved, what more would give.

Subsets of a seed's training rows are nested, each half of the one before, and the same for every arm.
Transfer is measured by heads on frozen features, which cost next to nothing; training from scratch is
run again on the subsets where the plan has time for it.

Notation: s seeds, n test items, m sizes of the training set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .. import stats
from ..adaptation import sizes_of
from ..tasks.scores.base import Score
from ..types import FloatArray, IntArray, Interval

REPLICATES = 1_000
LEAST_SLOPE = 0.02
"""Of log error over log labels: below it, more labels of the same kind lead nowhere."""


@dataclass(frozen=True)
class Point:
    """One size of the training set."""

    labels: int
    """Training examples, mean over the seeds."""
    scores: FloatArray
    """(s, n) score of each test item under each seed."""
    units: IntArray | None = None
    """(n,) equal for test items of one unit (`Examples.units`)."""

    @property
    def value(self) -> float:
        """The mean metric."""
        return float(self.scores.mean())


@dataclass(frozen=True)
class Curves:
    """Sizes from small to large; scratch has at least the whole set."""

    frozen: tuple[Point, ...]
    scratch: tuple[Point, ...]
    score: Score
    """What the points are scored by."""
    missing: str = "there are too few examples of a class to halve them"
    """Why there are not enough points to say more, where there are not."""

    def interval(self, point: Point) -> Interval:
        """The 95 % interval of a point."""
        return stats.of_value(point.scores, point.units, self.score.low, self.score.high)

    def errors(self, means: FloatArray) -> FloatArray:
        """(m,) how far means are from the best that the metric can be."""
        return means - self.score.low if self.score.sign < 0 else self.score.high - means


@dataclass(frozen=True)
class Saved:
    """How many times the labels training from scratch needs for the same result."""

    multiplier: float
    interval: tuple[float | None, float | None]
    """95 %; None where the curves end before it does."""
    censored: Literal["at_least", "at_most"] | None
    """The curve ends before the other arm's result: the truth lies beyond the number."""


@dataclass(frozen=True)
class Needed:
    """How many labels a better result would take, extrapolated."""

    value: float
    """The metric that is wanted: half of the error that is left."""
    labels: int
    interval: tuple[int, int | None]
    """None: no end is in sight."""


def subsets(rows: IntArray, targets: IntArray, seed: int) -> list[IntArray]:
    """Nested subsets of (n,) training rows, smallest first and all of them last, each class halved alike.

    Args:
        rows: of one seed.
        targets: (all,) class of every example.
        seed: of the order in which the examples of a class leave.
    """
    draws, share = np.random.default_rng(seed), np.empty(len(rows))
    for label in np.unique(targets[rows]):
        members = np.flatnonzero(targets[rows] == label)
        share[draws.permutation(members)] = np.arange(len(members)) / len(members)
    least = int(np.bincount(targets[rows])[np.unique(targets[rows])].min())
    return [np.sort(rows[share < 0.5**halved]) for halved in range(sizes_of(least) - 1, -1, -1)]


def saved(curves: Curves) -> Saved:
    """The data multiplier: labels of scratch over labels of transfer for the lower of their best results.

    Bootstrapped over seeds and units of test items, the same ones for both curves.
    """
    sizes = [np.log([point.labels for point in curve]) for curve in (curves.frozen, curves.scratch)]
    sign = curves.score.sign
    drawn = np.array(
        [_multiplier(sign * ours, sign * theirs, *sizes) for ours, theirs in _replicates(curves)]
    )
    means = [sign * np.array([point.value for point in curve]) for curve in (curves.frozen, curves.scratch)]
    middle = _multiplier(*means, *sizes)
    low, high = (float(end) for end in np.exp(np.quantile(drawn[:, 0], [0.025, 0.975])))
    open_below, open_above = ((drawn[:, 1] == side).mean() > 0.025 for side in (-1, 1))
    ends = None if open_below else low, None if open_above else high
    censored: Literal["at_least", "at_most"] | None = None
    if middle[1]:
        censored = "at_least" if middle[1] > 0 else "at_most"
    return Saved(float(np.exp(middle[0])), ends, censored)


def needed(curves: Curves) -> Needed | None:
    """Labels for half of the error that is left, by a power law through the curve; None where it is flat.

    Error = a labels^-b, fitted by least squares of the logarithms (Hestness et al., "Deep learning scaling is
    predictable, empirically", 2017); half an item is added to the errors, so that none is 0.
    """
    curve = curves.frozen
    if len(curve) < 3:
        return None
    labels = np.log([point.labels for point in curve])
    whole = curve[-1]
    left = float(curves.errors(np.array([whole.value]))[0])
    if left <= 0:
        return None

    def errors(means: FloatArray) -> FloatArray:
        # parts of a metric of all examples together may add up to more than it can be
        return np.maximum(curves.errors(means), 0.0) + 0.5 / whole.scores.size

    def more(means: FloatArray) -> float:
        slope = -float(np.polyfit(labels, np.log(errors(means)), 1)[0])
        return np.log(2) / slope if slope > LEAST_SLOPE else np.inf

    middle = more(np.array([point.value for point in curve]))
    if not np.isfinite(middle):
        return None
    drawn = [more(means) for means, _ in _replicates(Curves(tuple(curve), (whole,), curves.score))]
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    here = whole.labels
    ends = (
        round(here * np.exp(low)),
        round(here * np.exp(high)) if np.isfinite(high) and high < 20 else None,
    )
    half = whole.value + curves.score.sign * left / 2
    return Needed(half, round(here * np.exp(min(middle, 20))), ends)


def _multiplier(frozen: FloatArray, scratch: FloatArray, x: FloatArray, y: FloatArray) -> tuple[float, int]:
    """Log of the multiplier, and its censoring (1: at least, -1: at most), from (m,) means and log sizes."""
    if frozen[-1] >= scratch[-1]:
        there, beyond = _inverted(frozen, x, scratch[-1])
        return float(y[-1] - there), int(beyond)
    there, beyond = _inverted(scratch, y, frozen[-1])
    return float(there - x[-1]), -int(beyond)


def _inverted(means: FloatArray, sizes: FloatArray, wanted: float) -> tuple[float, bool]:
    """Log labels at which a curve that never falls reaches a metric; True where its smallest size does."""
    rising = np.maximum.accumulate(means)
    if rising[0] >= wanted:
        return float(sizes[0]), True
    after = int(np.argmax(rising >= wanted))
    share = (wanted - rising[after - 1]) / (rising[after] - rising[after - 1])
    return float(sizes[after - 1] + share * (sizes[after] - sizes[after - 1])), False


def _replicates(curves: Curves) -> Iterator[tuple[FloatArray, FloatArray]]:
    """(m,) means of both curves for each draw of seeds and units of items."""
    draws, whole = np.random.default_rng(stats.SEED), curves.frozen[-1]
    s, n = whole.scores.shape
    _, units = np.unique(np.arange(n) if whole.units is None else whole.units, return_inverse=True)
    g = int(units.max()) + 1
    for _ in range(REPLICATES):
        seeds = np.asarray(draws.integers(0, s, s))
        items = draws.multinomial(g, np.full(g, 1 / g))[units]
        items = items / items.sum()
        yield _drawn(curves.frozen, seeds, items), _drawn(curves.scratch, seeds, items)


def _drawn(curve: Sequence[Point], seeds: IntArray, items: FloatArray) -> FloatArray:
    """(m,) means; a point of fewer seeds takes those that it has in turn."""
    return np.array([point.scores[seeds % len(point.scores)].mean(0) @ items for point in curve])


Scores = Callable[[int, IntArray], FloatArray]
"""Number of the seed and training rows to the (n,) scores of the test items."""


def curve(
    rows: Sequence[Sequence[IntArray]], scores: Scores, units: IntArray | None = None
) -> tuple[Point, ...]:
    """A point for each size: `rows[seed][size]` are what a seed learns from; `units` (n,) of the items."""
    sizes = range(min(len(one) for one in rows))
    return tuple(
        Point(
            round(float(np.mean([len(one[size]) for one in rows]))),
            np.stack([scores(seed, one[size]) for seed, one in enumerate(rows)]),
            units,
        )
        for size in sizes
    )
