"""Time stamps in any usual form: seconds or milliseconds since 1970, years, dates, dates with hours.

Notation: n stamps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...types import BoolArray, FloatArray, IntArray
from ..series import dates
from ..tables.cells import is_missing

_UNITS = (1e11, 1e14, 1e17)
"""Numbers from here on count milli-, micro- and nanoseconds since 1970."""
_DATE = 1e8
"""Smaller whole numbers are dates as 20130801, where they can be."""


def seconds_of(cells: Sequence[object]) -> tuple[IntArray, BoolArray]:
    """(n,) cells as seconds since 1970 (or as numbers in their order), and which of them are none."""
    numbers = _numbers(cells)
    fine = np.isfinite(numbers)
    there = sum(cell is not None and not is_missing(cell) for cell in cells)
    if 2 * fine.sum() <= there or np.abs(numbers[fine]).max(initial=0) < _DATE:
        spelling = dates.spelling_of(cells)
        if spelling != dates.PLACES:
            return dates.stamps_of(cells, spelling)
    size = np.abs(numbers)
    for unit in _UNITS:
        numbers = np.where(size >= unit, numbers / 1000, numbers)
    return np.where(fine, numbers, 0).astype(np.int64), ~fine


def _numbers(cells: Sequence[object]) -> FloatArray:
    found = np.full(len(cells), np.nan)
    for place, cell in enumerate(cells):
        if isinstance(cell, int | float | str | np.number) and not isinstance(cell, bool):
            try:
                found[place] = float(cell)
            except ValueError:
                continue
    return np.where(np.isfinite(found) & (np.abs(found) < 9e18), found, np.nan)
