"""What a person wants forecasts for: tables of series, whose last values are the last that are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from ...errors import DataError
from ..asked import MISSING, Asked, Input
from ..reading import Reading
from ..tables.frames import adopted
from .gridded import Told
from .layouts import history, series_of


def series_asked(inputs: Sequence[object], reading: Reading) -> Asked:
    """Tables, files and folders of them; each series is an input, called by its name.

    Raises:
        DataError: nothing is there, or a table is none of series.
    """
    if not inputs:
        raise DataError("there is nothing to forecast", "give a table of series")
    return Asked(chain.from_iterable([list(_of(given, reading)) for given in inputs]))


def _of(given: object, reading: Reading) -> Iterator[Input]:
    if isinstance(given, bytes):
        return iter([Input("(bytes)", given)])
    if isinstance(given, str | Path) and not Path(given).exists():
        raise DataError(f"`{given}`: {MISSING}", "give a table of series")
    series, told = series_of(adopted(given), reading)
    found = [Input(one.name, history(one, len(one.values)).encoded()) for one in series]
    return chain(found, _left_out(told))


def _left_out(told: Told) -> Iterator[Input]:
    return (Input(one.file, b"", one.reason) for one in told.dropped)
