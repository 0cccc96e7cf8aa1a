"""The head of forecasts: ridge regression on what the base's own forecast leaves, alike for every step.

With an infinite penalty it *is* the base's own forecast, and it stays that unless series that were left out
say otherwise, by more than twice the standard error of the gain.

Notation: n windows, H steps, d width of a step's features, Q quantiles, r rows (window, step) that are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...cache import Array
from ...types import BoolArray, FloatArray, IntArray
from ..scores.forecasts import LEVELS, MEDIAN
from .base import LinearHead, standardised

PENALTIES = np.logspace(-3, 3, 25)
"""Per row and feature, of standardised features."""
FLOOR = 0.1
"""Of the mean deviation of features."""
FOLDS, ENOUGH = 5, 20
"""Parts that are left out in turn; and series from which on those are series alone, and not times too."""
ROWS = 100
"""Of a step, from which on its own tell how far quantiles are apart."""
CLEAR = 2.0
"""Standard errors by which series that were left out have to gain."""


@dataclass(frozen=True)
class StepHead(LinearHead):
    """weight (Q, d) for a step's features, the last Q of which are the base's own quantiles; bias (H, Q)."""

    def outputs(self, features: Array) -> FloatArray:
        """(n, H d) -> (n, H Q)."""
        steps = _by_step(features, len(self.bias))
        found = steps @ self.weight.T + steps[..., -len(LEVELS) :] + self.bias
        return np.asarray(found.reshape(len(features), -1))


class EachStep(NamedTuple):
    """A regression for each step."""

    weight: FloatArray
    """(H, L)."""
    bias: FloatArray
    """(H,)."""
    errors: FloatArray
    """(n, H) of windows that were left out, NaN where nobody knows."""


def solve(features: Array, right: NDArray[np.void], k: int) -> StepHead:
    """The head for (n, H d) features and what is right for n windows; `k` is H. Deterministic."""
    return ridge(features, right, k, CLEAR)


def ridge(features: Array, right: NDArray[np.void], k: int, clear: float) -> StepHead:
    """The same, where leaving the base's own forecast has to gain by so many standard errors."""
    steps = _by_step(features, k)
    known = np.isfinite(right["values"])
    rest = (right["values"] - steps[..., MEDIAN - len(LEVELS)])[known]
    rows, center, scale = standardised(steps[known], FLOOR)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    window = np.repeat(np.arange(len(right)), known.sum(1))
    foldings = _foldings(right["series"], right["origin"])
    looks = [(_left_out(rows, rest, fold[window]), unit[window]) for fold, unit in foldings]
    best = _chosen(looks, rest, clear)
    errors = looks[0][0]
    weight = np.zeros(rows.shape[1]) if best is None else _fits(rows.T @ rows, rows.T @ rest, len(rows))[best]
    raw = weight[:-1] / scale
    bias = np.full((k, len(LEVELS)), weight[-1] - raw @ center)
    penalty, left = (np.inf, rest) if best is None else (float(PENALTIES[best]), errors[best])
    if best is not None:
        spread = steps[..., -len(LEVELS) :] - steps[..., MEDIAN - len(LEVELS), None]
        bias += _offsets(left, spread[known], np.nonzero(known)[1], k)
    return StepHead(np.tile(raw, (len(LEVELS), 1)), bias, penalty, -float(np.abs(left).mean()))


def _offsets(left: FloatArray, spread: FloatArray, step: IntArray, k: int) -> FloatArray:
    """(H, Q) by how much quantiles move so that as many of the left-out rows lie below them as should.

    That of the median is 0. A step with few rows takes those of all.
    """
    found = np.zeros((k, len(LEVELS)))
    for number in range(k):
        own = step == number
        some = own if own.sum() >= ROWS else np.ones_like(own)
        found[number] = [
            np.quantile(left[some] - spread[some, place], level) for place, level in enumerate(LEVELS)
        ]
    found[:, MEDIAN] = 0.0
    return found if spread.any() else _around(found)


def _around(found: FloatArray) -> FloatArray:
    """(H, Q) with the median at 0 and the others on its two sides, so that the forecast stays what it is."""
    place = np.sign(np.arange(len(LEVELS)) - MEDIAN)
    return np.asarray(place * np.maximum(place * found, 0.0))


def straight(features: Array, right: NDArray[np.void], k: int, number: int | None) -> StepHead:
    """A head that tells one of the features, or 0; quantiles are as far away as training's errors are."""
    steps, many = _by_step(features, k), len(LEVELS)
    told = steps[..., number] if number is not None else np.zeros(steps.shape[:2])
    weight = np.zeros((many, steps.shape[-1]))
    if number is not None:
        weight[:, number] = 1.0
    return StepHead(weight, *spread_out(right["values"] - told))


def spread_out(errors: FloatArray) -> tuple[FloatArray, float, float]:
    """(H, Q) biases that put quantiles as far away as (n, H) errors are; no penalty; and how good that is."""
    bias = np.array([np.nanquantile(_some(errors, step), LEVELS) for step in range(errors.shape[1])])
    return _around(bias), 0.0, -float(np.nanmean(np.abs(errors)))


def each_step(values: FloatArray, wanted: FloatArray, right: NDArray[np.void]) -> EachStep:
    """A ridge regression for each step on the same numbers, with one penalty for all steps.

    With an infinite penalty it tells 0, and does so unless what was left out says clearly otherwise.

    Args:
        values: (n, L), which are of one kind and in one unit.
        wanted: (n, H), NaN where nobody knows.
        right: (n,) records of the windows, which tell what is left out together.
    """
    scale = max(float(values.std(0).mean()), 1e-12)
    rows, known = np.hstack([values / scale, np.ones((len(values), 1))]), np.isfinite(wanted)
    foldings, left = _foldings(right["series"], right["origin"]), list[FloatArray]()
    groups = _known_alike(known)
    for fold, _ in foldings:
        errors = np.full((len(PENALTIES), *wanted.shape), np.nan)
        for some, steps in groups:
            errors[:, some[:, None], steps] = _left_out(rows[some], wanted[np.ix_(some, steps)], fold[some])
        left.append(errors[:, known])
    looks = [(one, np.repeat(unit, known.sum(1))) for one, (_, unit) in zip(left, foldings, strict=True)]
    best, errors = _chosen(looks, wanted[known], CLEAR), wanted.copy()
    weight = np.zeros((rows.shape[1], wanted.shape[1]))
    if best is not None:
        errors[known] = left[0][best]
        for some, steps in groups:
            own = rows[some]
            weight[:, steps] = _fits(own.T @ own, own.T @ wanted[np.ix_(some, steps)], len(own))[best]
    return EachStep(weight[:-1].T / scale, weight[-1], errors)


def _known_alike(known: BoolArray) -> list[tuple[IntArray, IntArray]]:
    """The windows and the steps of each group of steps that are known of the same windows, if of any."""
    masks, group = np.unique(known.T, axis=0, return_inverse=True)
    each = [
        (np.flatnonzero(mask), np.flatnonzero(group.ravel() == place)) for place, mask in enumerate(masks)
    ]
    return [(some, steps) for some, steps in each if len(some)]


def _some(errors: FloatArray, step: int) -> FloatArray:
    """Errors of a step; of all steps, where it is never known."""
    own = errors[:, step]
    return own if np.isfinite(own).any() else errors


def _by_step(features: Array, horizon: int) -> FloatArray:
    """(n, H d) -> (n, H, d)."""
    return np.asarray(features, dtype=np.float64).reshape(len(features), horizon, -1)


def _foldings(series: IntArray, origin: IntArray) -> list[tuple[IntArray, IntArray]]:
    """(n,) folds of windows, and the units that count as evidence: series; times too where series are few."""
    _, number, count = np.unique(series, return_inverse=True, return_counts=True)
    order, time = np.lexsort((origin, number)), np.empty(len(series), dtype=np.int64)
    time[order] = np.concatenate([np.arange(one) * FOLDS // one for one in count])
    by_time, by_series = (time, FOLDS * number + time), (number % FOLDS, number)
    if len(count) >= ENOUGH:
        return [by_series]
    return [by_time, by_series] if len(count) >= FOLDS else [by_time]


def _left_out(rows: FloatArray, rest: FloatArray, fold: IntArray) -> FloatArray:
    """(penalties, r, …) what heads that were solved without its fold leave of each row; `rest` (r, …)."""
    gram, moment = rows.T @ rows, rows.T @ rest
    errors = np.empty((len(PENALTIES), *rest.shape))
    for number in np.unique(fold):
        out = fold == number
        some = rows[out]
        weights = _fits(gram - some.T @ some, moment - some.T @ rest[out], int((~out).sum()))
        errors[:, out] = rest[out] - np.moveaxis(np.tensordot(weights, some, (1, 1)), -1, 1)
    return errors


def _fits(gram: FloatArray, moment: FloatArray, count: int) -> FloatArray:
    """(penalties, d + 1, …) weights, as `moment` is (d + 1, …); the last, of the constant, is nearly free."""
    free = np.ones(len(gram))
    free[-1] = 1e-6
    root = 1 / np.sqrt(free)
    values, vectors = np.linalg.eigh(root[:, None] * gram * root)
    along = (vectors.T * root) @ moment
    shrink = 1 / (np.maximum(values, 0) + PENALTIES[:, None] * max(count, 1))
    return np.stack([(root[:, None] * vectors) @ (one * along.T).T for one in shrink])


def _chosen(looks: list[tuple[FloatArray, IntArray]], rest: FloatArray, clear: float) -> int | None:
    """The penalty that leaves least, in absolute terms as MASE has it; None for an infinite one."""
    best = int(np.argmin(np.mean([np.abs(errors).mean(1) for errors, _ in looks], 0)))
    if not clear:
        return best
    for errors, unit in looks:
        _, number = np.unique(unit, return_inverse=True)
        gains = np.bincount(number, np.abs(rest) - np.abs(errors[best])) / np.bincount(number)
        if len(gains) < 2 or gains.mean() <= clear * gains.std(ddof=1) / np.sqrt(len(gains)):
            return None
    return best
