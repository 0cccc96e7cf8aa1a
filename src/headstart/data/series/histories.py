"""One window of one series as bytes: what an example is, before and after it is cut.

A line of JSON (who it is, how far apart its values are, when the last one was), then the values as float64
of 8 bytes each, NaN for a gap.

Notation: T known values, H steps ahead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import DataError
from ...preprocessing.series import SeriesPreprocess
from ...types import FloatArray, Source
from . import calendar
from .calendar import Frequency
from .lags import Frame, framed, recent

LONGEST = 3_000
"""Last values of a history that are looked at."""


@dataclass(frozen=True)
class History:
    """T values of a series, and what tells the stamps of those that follow."""

    series: str
    values: FloatArray
    """(T,) NaN where there is a gap."""
    season: int
    frequency: str
    last: int
    """The stamp of the last value."""

    def encoded(self) -> bytes:
        """The window as the bytes of an example."""
        about = {
            "series": self.series,
            "season": self.season,
            "frequency": self.frequency,
            "last": self.last,
        }
        return json.dumps(about).encode() + b"\n" + self.values[-LONGEST:].astype("<f8").tobytes()

    def framed(self, horizon: int) -> Frame:
        """The numbers around its season, and their unit."""
        return framed(self.values, self.season, horizon)

    def shown(self, how: SeriesPreprocess) -> FloatArray:
        """(rows, H) what a network is shown."""
        frame = self.framed(how.size)
        if not how.past:
            return frame.inputs
        beside = np.zeros((how.rows - len(frame.inputs), how.size))
        beside.flat[: how.past] = recent(self.values, self.season, how.past, frame.scale)
        return np.concatenate([frame.inputs, beside])

    def stamps(self, steps: int) -> list[str]:
        """Of the steps that follow."""
        return [self.stamp(number) for number in range(1, steps + 1)]

    def stamp(self, step: int) -> str:
        """So many steps after the last value; before it, where that is negative."""
        grid = self._frequency
        return calendar.written(calendar.after(self.last, grid, step), grid)

    @cached_property
    def _frequency(self) -> Frequency:
        return calendar.named(self.frequency)


def decoded(source: Source) -> History:
    """The window of an example's bytes.

    Raises:
        DataError: they are none.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    head, _, body = content.partition(b"\n")
    try:
        about = json.loads(head)
        values = np.frombuffer(body, dtype="<f8").astype(np.float64)
        calendar.named(about["frequency"])
        return History(about["series"], values, about["season"], about["frequency"], int(about["last"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError("these bytes are no window of a series", "give a table of series") from error


def examined(source: Source) -> str | None:
    """Why nothing can be forecast from a window; None where it can."""
    try:
        history = decoded(source)
    except DataError as error:
        return error.message
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    return None if np.isfinite(history.values).any() else "it has no value that is known"
