"""How wide intervals should be: by one factor, where windows that were not learned from clearly say so.

A conformal correction (Romano, Patterson & Candès, "Conformalized quantile regression", NeurIPS 2019) in its
simplest form: distances of all quantiles from the median are stretched alike. We differ: the factor is the
one of least pinball loss, not of coverage; it is 1 unless that of the earlier windows helps the later
ones, and the other way round, by more than two standard errors. From one window it would be erratic.

Notation: n windows, H steps, Q quantiles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...types import FloatArray, IntArray
from ..scores.forecasts import LEVELS, MEDIAN, quantiles
from .steps import CLEAR, ENOUGH

FACTORS = np.exp(np.linspace(-1.0, 1.0, 41))
"""To choose from; the one in the middle is 1."""


def factor(outputs: FloatArray, right: NDArray[np.void]) -> float:
    """By how much quantiles move from the median; 1 where that helps nobody for sure.

    Args:
        outputs: (n, H Q) of models like the one that ships, for windows that each has not learned from.
        right: (n,) what is right; seeds may share windows.
    """
    losses = np.stack([_pinball(stretched(outputs, float(one)), right) for one in FACTORS])
    parts = _earlier(right["series"], right["origin"])
    if parts.all() or not parts.any():
        return 1.0
    plain, gains = losses[len(FACTORS) // 2], np.zeros(len(right))
    for part in (parts, ~parts):
        gains[part] = (plain - losses[int(np.argmin(losses[:, ~part].mean(1)))])[part]
        if gains[part].mean() <= 0:
            return 1.0
    means = _by_unit(gains, right)
    clear = len(means) > 1 and means.mean() > CLEAR * means.std(ddof=1) / np.sqrt(len(means))
    return float(FACTORS[int(np.argmin(losses.mean(1)))]) if clear else 1.0


def stretched(outputs: FloatArray, by: float) -> FloatArray:
    """(n, H Q) with quantiles so many times as far from the median."""
    found = np.asarray(outputs, np.float64).reshape(len(outputs), -1, len(LEVELS))
    middle = found[..., MEDIAN, None]
    return np.asarray((middle + by * (found - middle)).reshape(len(outputs), -1))


def _pinball(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    """(n,) mean over the steps that are known, and all quantiles."""
    error, levels = right["values"][..., None] - quantiles(outputs, right), np.array(LEVELS)
    return np.asarray(np.nanmean(np.maximum(levels * error, (levels - 1) * error), (1, 2)))


def _earlier(series: IntArray, origin: IntArray) -> NDArray[np.bool_]:
    """(n,) is a window one of the earlier half of its series'? A series with one window is of the later."""
    found = np.zeros(len(series), dtype=bool)
    for name in np.unique(series):
        own = series == name
        found[own] = origin[own] < np.median(np.unique(origin[own]))
    return found


def _by_unit(gains: FloatArray, right: NDArray[np.void]) -> FloatArray:
    """Mean gains of series; of windows, where series are few."""
    few = len(np.unique(right["series"])) < ENOUGH
    keys = np.stack([right["series"], right["origin"] if few else np.zeros_like(right["origin"])], 1)
    _, unit = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(np.bincount(unit.ravel(), gains) / np.bincount(unit.ravel()))
