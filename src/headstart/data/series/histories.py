"""One window of one series as bytes: what an example is, before and after it is cut.

A line of JSON (who it is, how far apart its values are, when the last one was), then the values as float64
of 8 bytes each, NaN for a gap.

Notation: T known values, H steps ahead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import DataError
from ...preprocessing.series import HistoryPreprocess, SeriesPreprocess
from ...types import FloatArray, Source
from . import calendar
from .beside import framed_beside
from .calendar import Frequency
from .lags import Frame, Scale, folded, framed, recent, scaled

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
    known: tuple[str, ...] = ()
    """Names of the columns beside the values."""
    beside: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    """(K, T + H) those columns, and of the steps that follow; NaN where there is a gap."""

    def encoded(self) -> bytes:
        """The window as the bytes of an example."""
        about: dict[str, object] = {
            "series": self.series,
            "season": self.season,
            "frequency": self.frequency,
            "last": self.last,
        }
        values, steps = self.values[-LONGEST:], 0
        if self.known:
            steps = self.beside.shape[1] - len(self.values)
            values = np.concatenate([values, self.beside[:, -(len(values) + steps) :].ravel()])
            about |= {"known": self.known, "steps": steps}
        return json.dumps(about).encode() + b"\n" + values.astype("<f8").tobytes()

    def framed(self, horizon: int) -> Frame:
        """The numbers around its season, and their unit."""
        return framed(self.values, self.season, horizon)

    def scaled(self, horizon: int) -> Scale:
        """Their unit alone."""
        return scaled(self.values, self.season, horizon)

    def inputs(self, how: SeriesPreprocess | HistoryPreprocess) -> FloatArray:
        """(rows, H) what a network is shown.

        Raises:
            DataError: it takes columns beside the values that this window has not.
        """
        if isinstance(how, HistoryPreprocess):
            return folded(self.values, self.scaled(how.size), how.context)
        frame = self.framed(how.size)
        parts = [frame.inputs]
        if how.known:
            self._require(how.known)
            beside = self.beside[:, : len(self.values) + how.size]
            parts.append(framed_beside(self.values, beside, frame.cycle, frame.scale, how.size))
        if how.past:
            parts.append(recent(self.values, self.season, how.past, frame.scale, how.size))
        return np.concatenate(parts) if len(parts) > 1 else frame.inputs

    def _require(self, known: tuple[str, ...]) -> None:
        if self.known != known:
            wanted, here = ", ".join(known), ", ".join(self.known) or "none"
            raise DataError(
                f"{self.series}: this model takes the columns {wanted} beside the values, there are {here}",
                f"say so: --set known={','.join(known)}",
            )

    def unknown(self, steps: int) -> str | None:
        """Which column has no value at which of the steps ahead, the first one; None where all have."""
        for step in range(steps):
            place = len(self.values) + step
            for name, column in zip(self.known, self.beside, strict=True):
                if place >= len(column) or np.isnan(column[place]):
                    return f"`{name}` has no value at {self.stamp(step + 1)}, which is to be forecast"
        return None

    def stamps(self, steps: int) -> list[str]:
        """Of the steps that follow."""
        stamps = calendar.each_after(self.last, self._frequency, np.arange(1, steps + 1))
        return calendar.each_written(stamps, self._frequency)

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
        known, steps = tuple(about.get("known", ())), int(about.get("steps", 0))
        length = (len(values) - len(known) * steps) // (1 + len(known))
        values, beside = values[:length], values[length:].reshape(len(known), length + steps)
        about = about["series"], values, about["season"], about["frequency"], int(about["last"])
        return History(*about, known, beside)
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
