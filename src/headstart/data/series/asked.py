"""What a person wants forecasts for: tables of series, whose last values are the last that are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ...errors import DataError
from ..asked import MISSING, Asked, Input
from ..reading import Reading
from ..tables.frames import adopted
from .beside import KNOWN
from .gridded import Told
from .histories import History
from .layouts import HORIZON, history, series_of


def series_asked(
    inputs: Sequence[object],
    reading: Reading,
    known: tuple[str, ...] = (),
    steps: int = 0,
    learned: tuple[str, ...] = (),
) -> Asked:
    """Tables, files and folders of them; each series is an input, called by its name.

    Args:
        inputs: what was named.
        reading: how it is read.
        known: columns beside the values that the model takes.
        steps: that it tells: these columns have to have values for all of them.
        learned: frequencies that it has learned from, where it cannot tell others.

    Raises:
        DataError: nothing is there, a table is none of series, or the model takes other columns or tells
            another number of steps.
    """
    if steps and HORIZON.of(reading.options) not in (0, steps):
        raise DataError(f"this model tells {steps} steps ahead", "leave out --set horizon=…")
    if KNOWN.of(reading.options) not in ((), known):
        raise DataError(
            f"this model takes {', '.join(known) or 'no columns'} beside the values",
            "leave out --set known=…",
        )
    if known:
        reading = replace(reading, options={**reading.options, KNOWN.name: ",".join(known)})
    if not inputs:
        raise DataError("there is nothing to forecast", "give a table of series")
    # read now, so that an error comes before any forecast; made into inputs one after another
    return Asked(chain.from_iterable([_of(given, reading, steps, learned) for given in inputs]))


def _of(given: object, reading: Reading, steps: int, learned: tuple[str, ...]) -> Iterator[Input]:
    if isinstance(given, bytes):
        return iter([Input("(bytes)", given)])
    if isinstance(given, str | Path) and not Path(given).exists():
        raise DataError(f"`{given}`: {MISSING}", "give a table of series")
    series, told = series_of(adopted(given), reading)
    windows = (history(one, len(one.values), steps) for one in series)
    return chain((_input(window, steps, learned) for window in windows), _left_out(told))


def _input(window: History, steps: int, learned: tuple[str, ...]) -> Input:
    if learned and window.frequency not in learned:
        reason = f"it is {window.frequency}, and this model has learned from {' and '.join(learned)} series"
        return Input(window.series, b"", f"{reason} (--set freq=… where that was found wrongly)")
    missing = window.unknown(steps)
    if missing is None:
        return Input(window.series, window.encoded())
    return Input(window.series, b"", f"{missing}: add rows for the {steps} steps ahead, without a value")


def _left_out(told: Told) -> Iterator[Input]:
    return (Input(one.file, b"", one.reason) for one in told.dropped)
