"""What a network is shown of a series: numbers around the same season one cycle before, for each step ahead.

The unit is the mean absolute change over a season, so that an error of 1 is one of MASE (Hyndman & Koehler,
"Another look at measures of forecast accuracy", International Journal of Forecasting 22, 2006). Nothing here
knows a value after the last one of the history, or another series.

Notation: T known values, H steps ahead, F numbers for each, m values in a season.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...preprocessing.series import CHANGES, CYCLES, DRIFT, NUMBERS, RECENT, SEASONAL
from ...types import FloatArray, IntArray

LARGEST = 50.0
"""Units: what is farther away is shown as so far."""
LONG_CYCLE = {24: 168, 48: 336, 96: 672}
"""Values in a week, where a season is a day."""


@dataclass(frozen=True)
class Scale:
    """What answers about a history stand for."""

    cycle: int
    """Values in the season that a forecast starts from."""
    reference: FloatArray
    """(H,) what an answer of 0 stands for, in units of the series' values."""
    scale: float
    """What an answer of 1 is more, in the same; 1 where the history never changes."""
    squares: float
    """The root of the mean squared change over a season."""
    floor: float
    """Answers are not below it: 0 where the history never is, else none."""


@dataclass(frozen=True)
class Frame(Scale):
    """A history as a network is shown it."""

    inputs: FloatArray
    """(F, H)."""


def scaled(history: FloatArray, season: int, horizon: int) -> Scale:
    """What answers about so many steps after a history with gaps (NaN) stand for."""
    scale, squares = changes(history, season)
    cycle = picked(history, season, horizon)
    reference = repeated(filled(history, season), cycle, horizon)
    return Scale(cycle, reference, scale, squares, 0.0 if np.nanmin(history) >= 0 else -np.inf)


def framed(history: FloatArray, season: int, horizon: int) -> Frame:
    """The numbers of a history with gaps, for so many steps after it."""
    values, steps = filled(history, season), np.arange(horizon)
    unit = scaled(history, season, horizon)
    cycle, reference, scale = unit.cycle, unit.reference, unit.scale
    inputs = np.zeros((NUMBERS, horizon))
    inputs[:RECENT] = _last(values, RECENT)[:, None] - reference
    seasonal = values[cycle:] - values[:-cycle] if len(values) > cycle else np.zeros(1)
    inputs[RECENT : RECENT + CHANGES] = _last(seasonal, CHANGES, 0.0)[:, None]
    starts = len(values) - cycle * np.arange(1, CYCLES + 1)
    beside = np.arange(-1, 2)[:, None] + steps % cycle
    cycles = inputs[RECENT + CHANGES : RECENT + CHANGES + 4 * CYCLES].reshape(CYCLES, 4, horizon)
    cycles[:, :3] = _at(values, starts[:, None, None] + beside, reference)
    for there, start in zip(cycles, starts.tolist(), strict=True):
        there[3] = values[start : start + cycle].mean() - reference if start >= 0 else 0.0
    week = LONG_CYCLE.get(cycle, cycle)
    inputs[SEASONAL - 1] = _at(values, len(values) - week + steps % week, reference)
    inputs[SEASONAL] = repeated(values, season, horizon) - reference
    inputs[DRIFT] = (steps + 1) * (values[-1] - values[0]) / max(1, len(values) - 1)
    inputs[: DRIFT + 1] = np.clip(inputs[: DRIFT + 1] / scale, -LARGEST, LARGEST)
    inputs[DRIFT + 1] = np.minimum((steps + 1) / cycle, 4.0)
    inputs[DRIFT + 2] = np.log(steps + 1)
    inputs[DRIFT + 3] = np.log(cycle)
    inputs[DRIFT + 4] = np.log(len(values) / cycle)
    inputs[DRIFT + 5] = np.log(len(values))
    return Frame(cycle, reference, scale, unit.squares, unit.floor, inputs)


def folded(history: FloatArray, frame: Scale, context: int) -> FloatArray:
    """(1 + R, H) what answers are around, then the last `context` values in rows of H, NaN for none.

    All in units of the scale around the mean of these values, so that float32 holds what matters of them.
    """
    values, horizon = history[-context:], len(frame.reference)
    values = np.where(np.isfinite(values), values, np.nan)
    middle = frame.reference[0] if np.isnan(values).all() else np.nanmean(values)
    rows = np.full(-(-context // horizon) * horizon, np.nan)
    rows[len(rows) - len(values) :] = values
    return np.vstack([frame.reference, rows.reshape(-1, horizon)]) / frame.scale - middle / frame.scale


def recent(history: FloatArray, season: int, count: int, scale: float, horizon: int) -> FloatArray:
    """(rows, H) how far the last values lie from the very last one, in units of the scale; then 0."""
    values, rows = filled(history, season), np.zeros((-(-count // horizon), horizon))
    rows.flat[:count] = np.clip((_last(values, count) - values[-1]) / scale, -LARGEST, LARGEST)
    return rows


def changes(history: FloatArray, season: int) -> tuple[float, float]:
    """The mean absolute change over a season, and the root of the mean square; 1 where nothing ever changes.

    Of one step, where there is no such pair of values.
    """
    for apart in (season, 1):
        found = history[apart:] - history[:-apart]
        found = found[np.isfinite(found)]
        if np.any(found):
            most = np.abs(found).max()  # squares of huge values are too large for a number
            return float(np.abs(found).mean()), float(most * np.sqrt(((found / most) ** 2).mean()))
    return 1.0, 1.0


def picked(history: FloatArray, season: int, horizon: int) -> int:
    """The season, or 1: whichever would have told the last known values better, had they not been known."""
    held = min(max(horizon, 1), len(history) // 3)
    before = filled(history[: len(history) - held], season)
    if season < 2 or len(before) <= season or not held:
        return 1
    told = [_mean(np.abs(history[len(before) :] - repeated(before, cycle, held))) for cycle in (season, 1)]
    return season if told[0] <= told[1] or not np.isfinite(told[1]) else 1


def _mean(values: FloatArray) -> float:
    """The mean of those that are there."""
    mean = float(values.mean())
    return float(np.nanmean(values)) if np.isnan(mean) else mean


def repeated(values: FloatArray, season: int, horizon: int) -> FloatArray:
    """(H,) the last season over and over: the seasonal naive forecast; the last value where there is none."""
    cycle = season if len(values) >= season else 1
    return values[len(values) - cycle + np.arange(horizon) % cycle]


def filled(history: FloatArray, season: int) -> FloatArray:
    """The history with each gap as the value one season before, else the last known one.

    To look at alone: no gap is ever learned from or measured on.
    """
    gaps = np.flatnonzero(~np.isfinite(history))
    if not len(gaps):
        return history
    values = history.copy()
    known = np.flatnonzero(np.isfinite(history))
    values[: known[0]] = values[known[0]]
    for gap in gaps[gaps > known[0]].tolist():
        values[gap] = values[gap - season] if gap >= season else values[gap - 1]
    return values


def _last(values: FloatArray, count: int, before: float | None = None) -> FloatArray:
    """(count,) the last values, the last one first; before the first one that, or `before`."""
    found = values[::-1][:count]
    rest = values[0] if before is None else before
    return np.append(found, np.full(count - len(found), rest))


def _at(values: FloatArray, places: IntArray, otherwise: FloatArray) -> FloatArray:
    """(…, H) how far values lie from what they are compared with; 0 for those before the first."""
    there = values[np.minimum(np.maximum(places, 0), len(values) - 1)]
    return np.where(places >= 0, there - otherwise, 0.0)
