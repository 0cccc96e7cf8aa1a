"""Columns beside the values, whose future is known when a forecast is made: prices, promotions, holidays.

A base is shown, for each step, where a column stands, and where it stood in the step that the forecast starts
from, a season before: in the column's own spread, of which all series share a weight, and as what its changes
did to this very series so far. Both come from the window alone.

Notation: K columns, T known values, H steps ahead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import DataError
from ...options import Option
from ...preprocessing.series import BESIDE
from ...registry import nearest
from ...types import Finding, FloatArray
from .lags import LARGEST, filled

CAREFUL = 2.0
"""Changes of each column that changed nothing, which are taken as seen beside those that were."""
TELLS = 0.9999
"""Correlation of changes from which on a column is the value itself."""
FEWEST = 5
"""Changes that can tell that."""


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise ValueError("expected names of columns with commas between them")
    if again := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"`{again[0]}` is named twice")
    return names


KNOWN = Option[tuple[str, ...]](
    "known", "columns beside the values whose future is known (price,holiday)", (), _names
)


def require_columns(
    known: Sequence[str], names: Sequence[str], taken: Sequence[str | None], called: str
) -> None:
    """Raise DataError: a table has no such column, or it is what the forecasts are of.

    Args:
        known: what was named.
        names: the columns of the table.
        taken: those of its series, stamps and values, where it has a row for each value.
        called: the table.
    """
    for name in known:
        if name not in names:
            raise DataError(f"{called} has no column `{name}` (--set known=…)", nearest(name, list(names)))
        if name in taken:
            raise DataError(
                f"`{name}` is no column beside the values of {called}: it holds its series, stamps or values",
                "name others with --set known=…, or none",
            )


def require_untold(series: Sequence[tuple[FloatArray, FloatArray]], known: Sequence[str]) -> None:
    """Raise DataError: a column is the value itself, or goes up and down with it exactly.

    Args:
        series: of each the (T,) values and the (K, T) columns.
        known: names of the columns.
    """
    for number, name in enumerate(known):
        told = [same for values, columns in series if (same := _same(values, columns[number])) is not None]
        if told and np.mean(told) >= 0.5:
            raise DataError(
                f"`{name}` says the values themselves: {sum(told)} of {len(told)} series change as it does",
                "leave it out of --set known=…: when a forecast is made nobody knows it",
            )


def _same(values: FloatArray, column: FloatArray) -> bool | None:
    """Do both change alike; None where that cannot be told."""
    changes = np.diff(values), np.diff(column)
    both = np.isfinite(changes[0]) & np.isfinite(changes[1])
    one, other = changes[0][both], changes[1][both]
    if min(len(np.unique(one)), len(np.unique(other))) < FEWEST:
        return None
    return bool(abs(np.corrcoef(one, other)[0, 1]) > TELLS)


def constant(series: Sequence[FloatArray], known: Sequence[str]) -> list[Finding]:
    """Findings about columns that never change in any of the series' (K, T) columns."""
    still = tuple(
        name
        for number, name in enumerate(known)
        if all(len(np.unique(one[number][np.isfinite(one[number])])) < 2 for one in series)
    )
    message = f"{', '.join(still)} never changes within a series: it says nothing"
    return [Finding("constant_columns", message, still)] if still else []


def framed_beside(
    history: FloatArray, columns: FloatArray, cycle: int, scale: float, horizon: int
) -> FloatArray:
    """(K BESIDE, H) what a network is shown of columns, in the order of the columns.

    Args:
        history: (T,) with gaps.
        columns: (K, T + H), with gaps in the past only.
        cycle: values in the season that the forecast starts from.
        scale: the series' own unit.
        horizon: H.
    """
    steps, known = np.arange(horizon), len(history)
    start = max(0, known - cycle) + steps % min(cycle, known)
    whole = np.stack([filled(one, 1) if np.isfinite(one).any() else np.zeros_like(one) for one in columns])
    middle = whole[:, :known].mean(1, keepdims=True)
    spread = np.where(np.ptp(whole, 1) > 0, whole.std(1), 1.0)[:, None]
    placed = (whole - middle) / spread
    effect = _effects(history, placed[:, :known], cycle)[:, None] / scale
    ahead, before = placed[:, known + steps], placed[:, start]
    shown = np.stack([ahead, before, effect * ahead, effect * before], 1)
    return np.asarray(np.clip(shown, -LARGEST, LARGEST).reshape(len(columns) * BESIDE, horizon))


def _effects(history: FloatArray, placed: FloatArray, cycle: int) -> FloatArray:
    """(K,) by how much a series changed over a season where (K, T) columns changed by one, all at once."""
    changes = history[cycle:] - history[:-cycle] if len(history) > cycle else np.zeros(0)
    moved = placed[:, cycle:] - placed[:, :-cycle] if len(history) > cycle else np.zeros((len(placed), 0))
    some = np.isfinite(changes)
    moved, changes = moved[:, some], changes[some]
    found = np.linalg.solve(moved @ moved.T + CAREFUL * np.eye(len(placed)), moved @ changes)
    return np.asarray(found, np.float64)
