"""How good forecasts are, in units of how much a series changes over a season.

MASE is Hyndman & Koehler's (International Journal of Forecasting 22, 2006), RMSSE and the mean over series
those of the M5 competition (Makridakis et al., International Journal of Forecasting 38, 2022). The score of
an example is that of one window of one series: the mean over them is the metric.

Notation: n windows, H steps, Q quantiles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...preprocessing import series
from ...types import FloatArray
from .base import Score, Scores

LEVELS = series.LEVELS
"""The quantiles, the median in the middle: the outer ones are an 80 % interval."""
MEDIAN = LEVELS.index(0.5)


def future(horizon: int) -> np.dtype[np.void]:
    """The record of what is right for one window.

    `values` are (H,), in units of the scale around the reference, NaN where nobody knows them; the others
    are known from the history: (H,) `reference`, `scale` and `squares` in the series' own unit, `floor`
    (H,) in units of the scale, `series`, a number that windows of one series share, and `origin`, how many
    values of it are known.
    """
    steps = (np.float64, (horizon,))
    return np.dtype(
        [
            ("values", *steps),
            ("reference", *steps),
            ("floor", *steps),
            ("scale", np.float64),
            ("squares", np.float64),
            ("series", np.int64),
            ("origin", np.int64),
        ]
    )


def quantiles(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    """(n, H, Q) forecasts in units of the scale, sorted, and none below the floor."""
    found = np.asarray(outputs, dtype=np.float64).reshape(len(right), -1, len(LEVELS))
    return np.asarray(np.maximum(np.sort(found, -1), right["floor"][..., None]))


def _errors(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    return np.asarray(quantiles(outputs, right)[..., MEDIAN] - right["values"])


def _scaled(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    return np.asarray(np.nanmean(np.abs(_errors(outputs, right)), 1))


def _own(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    return np.asarray(_scaled(outputs, right) * right["scale"])


def _squared(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    errors = _errors(outputs, right) * (right["scale"] / right["squares"])[:, None]
    return np.asarray(np.sqrt(np.nanmean(errors**2, 1)))


def _relative(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    """2 |y - f| / (|y| + |f|); 0 where both are 0."""
    errors = np.abs(_errors(outputs, right)) * right["scale"][:, None]
    known = right["reference"] + right["values"] * right["scale"][:, None]
    told = known + _errors(outputs, right) * right["scale"][:, None]
    size = np.abs(known) + np.abs(told)
    return np.asarray(np.nanmean(2 * errors / np.where(size == 0, 1.0, size), 1))


def _inside(outputs: FloatArray, right: NDArray[np.void]) -> FloatArray:
    """Share of the steps that lie in their 80 % interval."""
    found, values = quantiles(outputs, right), right["values"]
    inside = (values >= found[..., 0]) & (values <= found[..., -1])
    return np.asarray(np.nanmean(np.where(np.isnan(values), np.nan, inside), 1))


def _more(outputs: FloatArray, right: NDArray[np.void]) -> dict[str, float]:
    found = quantiles(outputs, right)
    return {
        "coverage_80": float(_inside(outputs, right).mean()),
        "width_80": float((found[..., -1] - found[..., 0]).mean()),
    }


MASE = Score("mase", _scaled, better="lower", high=np.inf, title="MASE")
FORECASTS = Scores(
    (
        MASE,
        Score("smape", _relative, better="lower", high=2.0, title="sMAPE"),
        Score("mae", _own, better="lower", high=np.inf, has_unit=True, title="MAE"),
        Score("rmsse", _squared, better="lower", high=np.inf, title="RMSSE"),
    ),
    more=_more,
    amounts=("width_80",),
)
"""MASE first: it has no unit. MAE is a mean over series of their own units."""
