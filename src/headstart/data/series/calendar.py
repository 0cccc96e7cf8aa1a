"""The stamps of one series: how far apart they are, and which place on that grid each has.

A stamp is a number of seconds since 1970 in UTC; of series that are only numbered, a whole number.

Notation: T stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...types import BoolArray, IntArray

DAY = 86_400


@dataclass(frozen=True)
class Frequency:
    """A grid of stamps: some months, some seconds, or one working day apart; or whole numbers."""

    name: str
    season: int
    """Values in the season that is usual for it; 1 where there is none."""
    horizon: int
    """Steps that are usually asked for, as in the M competitions."""
    months: int = 0
    seconds: int = 0


YEARLY = Frequency("yearly", 1, 6, months=12)
QUARTERLY = Frequency("quarterly", 4, 8, months=3)
MONTHLY = Frequency("monthly", 12, 12, months=1)
WEEKLY = Frequency("weekly", 52, 13, seconds=7 * DAY)
DAILY = Frequency("daily", 7, 14, seconds=DAY)
BUSINESS = Frequency("business", 5, 10)
HOURLY = Frequency("hourly", 24, 48, seconds=3600)
NUMBERED = Frequency("numbered", 1, 8)
KNOWN = {one.name: one for one in (YEARLY, QUARTERLY, MONTHLY, WEEKLY, DAILY, BUSINESS, HOURLY, NUMBERED)}
_BY_MONTHS = {1: MONTHLY, 3: QUARTERLY, 12: YEARLY}
_MOST_MONTHS = 120
"""Ten years: what is further apart is told by its seconds."""
_LONGEST_SEASON = 100
"""Values: of stamps that are nearer, an hour is the season, or a minute."""
_OFF = 0.1
"""Of a step, that a stamp may lie beside its place."""


def seconds_apart(seconds: int) -> Frequency:
    """The grid of so many seconds: days and weeks have their names, others that of their seconds."""
    named = {one.seconds: one for one in KNOWN.values() if one.seconds}
    if seconds in named:
        return named[seconds]
    for period in (DAY, 3600, 60):
        if seconds < period and period // seconds <= _LONGEST_SEASON:
            return Frequency(f"{seconds} s", period // seconds, min(48, period // seconds), seconds=seconds)
    return Frequency(f"{seconds} s", 1, 8, seconds=seconds)


def months_apart(months: int) -> Frequency:
    """The grid of so many months: a few have their names; the season is a year, where it has several."""
    known = _BY_MONTHS.get(months)
    season = max(1, 12 // months) if not 12 % months else 1
    return known or Frequency(f"{months} months", season, max(6, season), months=months)


def named(name: str) -> Frequency:
    """The grid of that name.

    Raises:
        ValueError: there is none.
    """
    if name in KNOWN:
        return KNOWN[name]
    count, _, unit = name.partition(" ")
    if unit == "s" and count.isdecimal() and int(count):
        return seconds_apart(int(count))
    if unit == "months" and count.isdecimal() and 0 < int(count) <= _MOST_MONTHS:
        return months_apart(int(count))
    raise ValueError(f"expected {', '.join(KNOWN)}, or as in `900 s` or `6 months`")


def frequency_of(stamps: IntArray) -> Frequency | None:
    """The grid of (T,) different sorted stamps; None of fewer than three, or where they have none."""
    if len(stamps) < 3:
        return None
    apart = np.diff(stamps)
    usual = float(np.median(apart))
    months = np.diff(_months(stamps))
    for count, frequency in _BY_MONTHS.items():
        if 27.5 * count <= usual / DAY <= 31.5 * count and np.all(months > 0):
            return frequency if np.mean(months % count == 0) >= 0.98 else None
    if (several := _months_between(stamps, months)) is not None:
        return months_apart(several)
    if usual == DAY and len(stamps) >= 10 and not np.any(is_weekend(stamps)):
        return BUSINESS
    step = apart / usual
    return seconds_apart(round(usual)) if np.mean(np.abs(step - np.round(step)) <= _OFF) >= 0.98 else None


def _months_between(stamps: IntArray, months: IntArray) -> int | None:
    """How many months lie between stamps of one day of the month, as of half-years; None of others."""
    count = int(np.median(months))
    days = (_dated(stamps).astype("datetime64[D]") - _dated(stamps).astype("datetime64[M]")).astype(np.int64)
    ends = _months(stamps + DAY) > _months(stamps)
    if not 1 < count <= _MOST_MONTHS or not (np.ptp(days) == 0 or ends.all()):
        return None
    return count if np.mean(months % count == 0) >= 0.98 else None


def places(stamps: IntArray, frequency: Frequency) -> IntArray:
    """(T,) the place of each stamp on the grid, the first one 0."""
    if frequency.months:
        found = _months(stamps) // frequency.months
    elif frequency.seconds:
        found = np.round((stamps - stamps[0]) / frequency.seconds).astype(np.int64)
    elif frequency is BUSINESS:
        days = _dated(stamps).astype("datetime64[D]")
        found = np.asarray(np.busday_count(days[0], days)).astype(np.int64)
    else:
        found = stamps
    return np.asarray(found - found[0])


def after(first: int, frequency: Frequency, steps: int) -> int:
    """The stamp so many steps after another; the last day of a month stays the last day of a month."""
    if not steps and frequency is not BUSINESS:
        return first
    return int(each_after(first, frequency, np.array([steps]))[0])


def each_after(first: int, frequency: Frequency, steps: IntArray) -> IntArray:
    """(T,) the same for (T,) numbers of steps."""
    if frequency.months:
        return _months_after(first, frequency.months * steps)
    if frequency.seconds:
        return np.asarray(first + frequency.seconds * steps)
    if frequency is BUSINESS:
        start = _dated(np.array([first])).astype("datetime64[D]")
        days: Any = np.busday_offset(start, steps, roll="forward")
        return np.asarray(days.astype("datetime64[s]").astype(np.int64))
    return np.asarray(first + steps)


def _months_after(first: int, months: IntArray) -> IntArray:
    month = _months(np.array([first]))
    (begins, ends), (begin, end) = (_ends(one) for one in (month, month + months))
    days, clock = divmod(first - int(begins[0]), DAY)
    last = (end - begin) // DAY - 1
    stays = first - clock + DAY == int(ends[0])
    return np.asarray(begin + (last if stays else np.minimum(days, last)) * DAY + clock)


def _ends(months: IntArray) -> tuple[IntArray, IntArray]:
    """The stamps at which months begin and end, counted from January 1970."""
    begin, end = ((months + more).astype("datetime64[M]").astype("datetime64[s]") for more in (0, 1))
    return begin.astype(np.int64), end.astype(np.int64)


def written(stamp: int, frequency: Frequency) -> str:
    """A stamp as people write it: without a time of day where that is midnight; a number as it is."""
    return each_written(np.array([stamp]), frequency)[0]


def each_written(stamps: IntArray, frequency: Frequency) -> list[str]:
    """The same of (T,) stamps."""
    if frequency is NUMBERED:
        return [str(stamp) for stamp in stamps.tolist()]
    parts = (str(one).partition("T") for one in np.datetime_as_string(_dated(stamps)))
    return [day if clock == "00:00:00" else f"{day} {clock}" for day, _, clock in parts]


def _dated(stamps: IntArray) -> Any:
    return stamps.astype("datetime64[s]")


def _months(stamps: IntArray) -> IntArray:
    return np.asarray(_dated(stamps).astype("datetime64[M]").astype(np.int64))


def month_of(stamps: IntArray) -> IntArray:
    """(T,) 1 for January."""
    return _months(stamps) % 12 + 1


def is_weekend(stamps: IntArray) -> BoolArray:
    """(T,) is it a Saturday or a Sunday?"""
    # 1970-01-01 was a Thursday
    return np.asarray((stamps // DAY + 3) % 7 >= 5)
