"""How dates are written: in one way in a whole column, so that no day is a month in some cells of it.

A stamp is a number of seconds since 1970 in UTC.

Notation: T cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ...types import BoolArray, FloatArray, IntArray
from .calendar import frequency_of, places

PLACES = "places"
"""Whole numbers that are no dates: the place of each value."""
_ISO = "ISO8601"
_MIDNIGHTS = "midnights"
"""ISO 8601, each cell the beginning of a day in a zone of its own: the days count, as they are written."""
_WEEKS = "%G%V"
"""ISO weeks as whole numbers, by their Mondays."""
_SINCE = {
    "s": (1e8, 1e10, 1),
    "ms": (1e11, 1e13, 10**3),
    "us": (1e14, 1e16, 10**6),
    "ns": (1e17, 1e19, 10**9),
}
"""Seconds since 1970 and parts of them: the least and the most, from 1973 on, and how many are a second."""
_DAYS = ("%d-%m-%Y", "%d-%m-%y")
_MONTHS = ("%m-%d-%Y", "%m-%d-%y")
_DATES = (
    *("%Y-%m-%d", "%Y-%m", "%m-%Y"),
    *("%d-%b-%Y", "%d-%B-%Y", "%d-%b-%y", "%b-%d-%Y", "%B-%d-%Y", "%b-%d-%y"),
    *("%Y-%b-%d", "%b-%Y", "%B-%Y", "%Y-%b", "%Y-%B", "%b-%y", "%B-%y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M%p", " %I:%M:%S%p")
_KEYS = {str, int, float, pd.Timestamp}
"""Kinds of cells that are equal only where they say the same."""
_TRIED = 200
"""Cells by which ways that read none of them are told from the others."""
_CLOCK = re.compile(r"[ T]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*([AaPp])?\.?[Mm]?\.?\s*$")
_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d)[ T]00:00(?::00(?:\.0+)?)?[+-]\d\d(?::?\d\d)?$")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[\s,.]+(?=\S)", re.IGNORECASE)
_QUARTER = re.compile(r"^(?:(\d{4})[-/ ]?Q([1-4])|Q([1-4])[-/ ]?(\d{4}))$", re.IGNORECASE)
_MONTH = re.compile(r"^(\d{4})[-/ ]?M(\d{1,2})$", re.IGNORECASE)
_WEEK = re.compile(r"^(\d{4})[-/ ]?W(\d{1,2})$", re.IGNORECASE)


def spelling_of(cells: Sequence[object]) -> str:
    """The way in which most of (T,) cells are dates, or `PLACES`.

    1995, 199503 and 19950317 are dates where all are, and so are seconds since 1970; other whole numbers are
    places. Where days can be months as well, that way counts in which fewer stamps are missing between the
    others; where both are alike, the month comes first between slashes, else the day.
    """
    different, counts = _different(cells)
    numbers = np.array([_number(cell) for cell in different])
    whole = np.isfinite(numbers) & (numbers == np.round(numbers))
    if counts[whole].sum() > 0.5 * counts.sum():
        return _form(np.unique(numbers[whole]))
    texts = pd.Series(list(dict.fromkeys(filter(None, map(_plain, different)))), dtype=object)
    if len(texts) and texts.str.match(_MIDNIGHT).all():
        return _MIDNIGHTS
    best, chosen = (0.0, 0.0), _ISO
    for way in _ways(texts):
        if _parsed(texts.head(_TRIED), way).notna().any():
            found = _parsed(texts, way)
            if (reached := (float(found.notna().mean()), _fullness(found))) > best:
                best, chosen = reached, way
            if best == (1.0, 1.0):
                break
    return chosen


def stamps_of(cells: Sequence[object], spelling: str) -> tuple[IntArray, BoolArray]:
    """(T,) stamps, or whole numbers where they are places; and which cells are neither."""
    if spelling == PLACES or spelling in _SINCE or spelling in ("%Y", "%Y%m", "%Y%m%d", _WEEKS):
        return _counted(np.array([_number(cell) for cell in cells]), spelling)
    found = _parsed(pd.Series([_plain(cell) for cell in cells], dtype=object), spelling)
    values = found.to_numpy("datetime64[s]")
    return values.astype(np.int64), np.isnat(values)


class Stamps:
    """Stamps by the cells that say them: in a table of many series the same stand again and again."""

    def __init__(self) -> None:
        self._known: dict[str, dict[object, tuple[int, bool]]] = {}

    def of(self, cells: Sequence[object], spelling: str) -> tuple[IntArray, BoolArray]:
        """As `stamps_of`, which reads each different cell once."""
        if not _KEYS.issuperset(map(type, cells)):
            return stamps_of(cells, spelling)
        known = self._known.setdefault(spelling, {})
        new = [cell for cell in dict.fromkeys(cells) if cell not in known]
        if new:
            stamps, bad = stamps_of(new, spelling)
            known |= zip(new, zip(stamps.tolist(), bad.tolist(), strict=True), strict=True)
        found = np.array([known[cell] for cell in cells], dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1] != 0


def _different(cells: Sequence[object]) -> tuple[list[object], IntArray]:
    """The different ones of (T,) cells in order, and how often each is there."""
    if not _KEYS.issuperset(map(type, cells)):
        return [*cells], np.ones(len(cells), dtype=np.int64)
    counts = Counter(cells)
    return [*counts], np.array([*counts.values()], dtype=np.int64)


def _counted(numbers: FloatArray, spelling: str) -> tuple[IntArray, BoolArray]:
    fine = np.isfinite(numbers) & (numbers == np.round(numbers))
    whole = np.where(fine, numbers, 0).astype(np.int64)
    if spelling == PLACES:
        return whole, ~fine
    if spelling in _SINCE:
        return whole // _SINCE[spelling][2], ~fine
    texts = [str(number) if good else "" for number, good in zip(whole, fine, strict=True)]
    if spelling == _WEEKS:
        texts, spelling = [f"{text}1" for text in texts], f"{spelling}%u"
    values = pd.to_datetime(pd.Series(texts), format=spelling, errors="coerce").to_numpy("datetime64[s]")
    return values.astype(np.int64), np.isnat(values)


def _number(cell: object) -> float:
    """A cell that is a number, or says one; NaN for others."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str | np.number):
        return np.nan
    try:
        return float(cell)
    except ValueError:
        return np.nan


def _form(numbers: FloatArray) -> str:
    """How (T,) different whole numbers are dates."""
    year, month = numbers // 100, numbers % 100
    if np.all((numbers >= 1500) & (numbers <= 2200)):
        return "%Y"
    if np.all((year >= 1500) & (year <= 2200) & (month >= 1) & (month <= 12)):
        return "%Y%m"
    if np.all((year >= 1500) & (year <= 2200) & (month >= 1) & (month <= 53)):
        return _WEEKS
    day = numbers // 10_000
    if np.all((day >= 1500) & (day <= 2200) & (year % 100 >= 1) & (year % 100 <= 12) & (month >= 1)):
        return "%Y%m%d"
    return next((unit for unit, (low, high, _) in _SINCE.items() if _within(numbers, low, high)), PLACES)


def _within(numbers: FloatArray, low: float, high: float) -> bool:
    """Are they such numbers, and further apart than places are?"""
    return bool(len(numbers) > 1 and numbers[0] >= low and numbers[-1] < high and np.diff(numbers).min() > 1)


def _plain(cell: object) -> str:
    """A cell with one sign between day, month and year, and periods by the date that they begin on."""
    text = "" if cell is None else _WEEKDAY.sub("", str(cell).strip())
    if found := _QUARTER.match(text):
        year, quarter = found[1] or found[4], int(found[2] or found[3])
        return f"{year}-{3 * quarter - 2:02d}-01"
    if found := _MONTH.match(text):
        return f"{found[1]}-{int(found[2]):02d}"
    if found := _WEEK.match(text):
        return _monday(int(found[1]), int(found[2])) or text
    return text


def _monday(year: int, week: int) -> str | None:
    try:
        return date.fromisocalendar(year, week, 1).isoformat()
    except ValueError:
        return None


def _ways(texts: Any) -> Iterator[str]:
    """Ways to write dates, the usual ones first."""
    yield _ISO
    american = texts.str.contains("/", regex=False).any()
    days = (*_MONTHS, *_DAYS) if american else (*_DAYS, *_MONTHS)
    for clock in _CLOCKS:
        for day in (*days, *_DATES):
            yield day + clock


def _parsed(texts: Any, way: str) -> Any:
    """Dates in one way; with zones the clock of UTC counts."""
    if way == _MIDNIGHTS:
        return pd.to_datetime(texts.str.extract(_MIDNIGHT, expand=False), errors="coerce", format="%Y-%m-%d")
    if way == _ISO:
        return pd.to_datetime(texts, errors="coerce", utc=True, format=way).dt.tz_localize(None)
    return pd.to_datetime(texts.map(_joined), errors="coerce", format=way)


def _joined(text: str) -> str:
    """`31/1/2020 4:05 p.m.` as `31-1-2020 4:05pm`."""
    clock = _CLOCK.search(text)
    day = text[: clock.start()] if clock else text
    joined = re.sub(r"[\s/.,-]+", "-", day.strip(" ,"))
    return joined if clock is None else f"{joined} {clock[1]}{clock[2].lower() + 'm' if clock[2] else ''}"


def _fullness(found: Any) -> float:
    """The share of stamps that are there, of all between the first one and the last; 0 without a grid."""
    stamps = np.unique(found.dropna().to_numpy("datetime64[s]").astype(np.int64))
    frequency = frequency_of(stamps)
    return 0.0 if frequency is None else len(stamps) / float(places(stamps, frequency)[-1] + 1)
