"""How good values are: the share of their variance that is explained, and errors in their own unit.

R² and RMSE are of all examples together; the score of one example is its part in them to first order (the
infinitesimal jackknife: Jaeckel, Bell Laboratories memorandum, 1972), so that the mean is the metric.

Notation: n examples, e error of one, d its distance from the mean value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...types import FloatArray
from .base import Score, Scores


def _errors(outputs: Any, right: Any) -> FloatArray:
    return np.asarray(outputs, dtype=np.float64).reshape(len(right)) - np.asarray(right, dtype=np.float64)


def _absolute(outputs: Any, right: Any) -> FloatArray:
    return np.abs(_errors(outputs, right))


def _root(outputs: Any, right: Any) -> FloatArray:
    """RMSE + (e² - MSE) / (2 RMSE)."""
    squares = _errors(outputs, right) ** 2
    whole = float(np.sqrt(squares.mean()))
    return np.full(len(squares), whole) + (squares - squares.mean()) / (2 * whole) if whole else squares


def _explained(outputs: Any, right: Any) -> FloatArray:
    """R² - (e² - MSE) / var + MSE (d² - var) / var²; 0 where all values are one."""
    squares = _errors(outputs, right) ** 2
    apart = (np.asarray(right, dtype=np.float64) - np.mean(right)) ** 2
    error, variance = squares.mean(), apart.mean()
    if variance <= 0:
        return np.zeros(len(squares))
    own = (squares - error) / variance - error * (apart - variance) / variance**2
    return np.asarray(1 - error / variance - own)


R2 = Score("r2", _explained, low=-np.inf)
VALUES = Scores(
    (
        R2,
        Score("rmse", _root, better="lower", high=np.inf, has_unit=True),
        Score("mae", _absolute, better="lower", high=np.inf, has_unit=True),
    )
)
"""R² first: it has no unit, so that a margin and a gain mean the same for any data."""
