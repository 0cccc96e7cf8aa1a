"""Series on their grids: sorted, each stamp once, gaps as gaps; what is odd is told, nothing is invented.

Notation: T values, gaps included; K columns beside them.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import DataError
from ...types import Dropped, Finding, FloatArray, IntArray
from . import calendar, dates
from .calendar import Frequency
from .roles import number_of
from .tables import EMPTY, Cells

MOST_GAPS = 0.5
"""Of a series: with more of them its frequency is another one."""
FEW = 1_000
"""Gaps that are worth room in memory, whatever else there is."""
CLOCKS = (3, 4, 9, 10, 11)
"""Months in which clocks go back somewhere."""
MORNING, EVENING = 4 * 3600, 23 * 3600
"""Of a weekend's day, in seconds: before or after it they do, nearly everywhere."""
_DATES = "name the right frequency with --set freq=…, or bring the stamps into order first"


@dataclass(frozen=True)
class Series:
    """One series on its grid."""

    name: str
    values: FloatArray
    """(T,) NaN where there is a gap."""
    frequency: Frequency
    season: int
    first: int
    """The stamp of the first value."""
    known: tuple[str, ...] = ()
    """Names of the columns beside the values."""
    beside: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    """(K, T or more) those columns, as far as the table has rows; NaN where there is a gap."""

    def stamp(self, place: int) -> int:
        """The stamp of a value, by its place."""
        return calendar.after(self.first, self.frequency, place)


@dataclass
class Told:
    """What was odd, by kind and message, and the series that it is about."""

    odd: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    dropped: list[Dropped] = field(default_factory=list)

    def findings(self) -> tuple[Finding, ...]:
        """One for each kind."""
        return tuple(
            Finding(kind, message.format(n=_many(names)), tuple(names))
            for (kind, message), names in self.odd.items()
        )


def gridded(
    found: Sequence[Cells],
    frequency: Frequency | None,
    season: int | None,
    known: tuple[str, ...] = (),
) -> tuple[list[Series], Told]:
    """The series of some tables; those that cannot be used are left out with a reason.

    Args:
        found: as they stand in tables.
        frequency: of all, where that was said.
        season: the same.
        known: names of the columns beside the values.

    Raises:
        DataError: stamps or values are none, or a stamp has two values.
    """
    told, series, known_stamps = Told(), list[Series](), dates.Stamps()
    for one in found:
        _require_text(one.name)
        columns = [_numbers(one.name, one.values, told)]
        columns += [
            _numbers(f"{one.name}, column {name}", cells, told)
            for name, cells in zip(known, one.beside, strict=True)
        ]
        stamps = _stamps(one, known_stamps)
        made = _placed(one, stamps, np.stack(columns), (frequency, season), told)
        if made is not None and (usable := _beside(made, known, told)) is not None:
            series.append(usable)
    kinds = Counter(one.frequency.name for one in series)
    if len(kinds) > 1:
        what = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
        told.odd["frequencies", f"the series have different frequencies: {what}"] = list(kinds)
    return series, told


def _require_text(name: str) -> None:
    """Raises DataError: a name is of bytes that are no UTF-8, as a header in Shift-JIS is."""
    if not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name):
        shown = name.encode("utf-8", "replace").decode()
        raise DataError(f"the name of a series is no text: {shown!r}", "save the table as UTF-8")


def _beside(series: Series, known: tuple[str, ...], told: Told) -> Series | None:
    """With the names of its columns; None where one of them is empty."""
    length = len(series.values)
    for name, column in zip(known, series.beside, strict=True):
        missing = int(np.isnan(column[:length]).sum())
        if missing == length:
            told.dropped.append(Dropped(series.name, f"its column `{name}` has no value"))
            return None
        if missing:
            message = (
                f"`{name}` has no value at stamps of {{n}}: these steps are not learned from, nor measured"
            )
            told.odd["gaps", message].append(f"{series.name}: {missing}")
    return replace(series, known=known)


def _numbers(name: str, cells: Sequence[object], told: Told) -> FloatArray:
    """(T,) the cells of a column as they stand; NaN where there is no value."""
    known = isinstance(cells, array)
    numbers = np.array(cells) if known else np.full(len(cells), np.nan)
    wrong, infinite = list[object](), bool(np.isinf(numbers).any())
    numbers[np.isinf(numbers)] = np.nan
    for place, cell in enumerate(() if known else cells):
        if cell is None or (isinstance(cell, str) and cell.strip().lower() in EMPTY):
            continue
        value = number_of(cell)
        if value is None:
            wrong.append(cell)
        elif np.isinf(value):
            infinite = True
        else:
            numbers[place] = value
    if wrong:
        raise DataError(
            f"{name}: {len(wrong)} values are no numbers, the first is {str(wrong[0])[:40]!r}",
            "write a decimal point and nothing else, and leave cells empty where there is no value",
        )
    if infinite:
        told.odd["infinite", "infinite values are taken as gaps in {n}"].append(name)
    return numbers


def _placed(
    one: Cells,
    cells: tuple[IntArray, bool],
    numbers: FloatArray,
    asked: tuple[Frequency | None, int | None],
    told: Told,
) -> Series | None:
    """On its grid: `cells` are its stamps, and whether they are dates; `asked` are frequency and season."""
    (stamps, dated), (frequency, season) = cells, asked
    if len(stamps) < numbers.shape[1]:  # in order of time, from the first stamp on
        if dated and frequency is None:
            raise DataError(
                f"{one.name}: its values have one stamp, so that nothing says how far apart they are",
                "say it for all series: --set freq=monthly, weekly, daily, hourly, …",
            )
        grid = frequency or calendar.NUMBERED
        return _series(one.name, numbers, grid, season or grid.season, int(stamps[0]), told)
    kept = _once(one.name, stamps, numbers, told, dated)
    stamps, numbers = stamps[kept], numbers[:, kept]
    found = frequency or (calendar.frequency_of(stamps) if dated else calendar.NUMBERED)
    if found is None:
        told.dropped.append(Dropped(one.name, _gridless(len(stamps))))
        return None
    places = calendar.places(stamps, found)
    if len(np.unique(places)) < len(places):
        raise DataError(f"{one.name}: some stamps are nearer than {found.name}", _DATES)
    if places[-1] >= len(places) / MOST_GAPS + FEW:
        gaps = places[-1] + 1 - len(places)
        told.dropped.append(Dropped(one.name, _gaping(int(gaps), int(places[-1]) + 1, found)))
        return None
    return _series(one.name, _spread(places, numbers), found, season or found.season, int(stamps[0]), told)


def _gridless(stamps: int) -> str:
    if stamps < 3:
        return f"{stamps} values are too few to tell how far apart they are"
    return "its stamps are irregular: they are on no grid of equal steps (--set freq=… names one)"


def _gaping(missing: int, every: int, frequency: Frequency) -> str:
    return f"{missing} of {every} values are missing, if they are {frequency.name} (--set freq=…)"


def _stamps(one: Cells, known: dates.Stamps) -> tuple[IntArray, bool]:
    """Stamps, as many as the table has; and whether they are dates, rather than numbers."""
    if not one.stamps:
        return np.zeros(1, dtype=np.int64), False
    stamps, bad = known.of(one.stamps, one.spelling)
    if bad.any():
        cell, many = one.stamps[int(np.argmax(bad))], f"{int(bad.sum())} of {len(bad)}"
        raise DataError(
            f"{one.name}: {many} stamps are no dates, the first is {str(cell)[:40]!r}",
            "write dates as 2020-01-31, all of a column in the same way, or whole numbers",
        )
    return stamps, one.spelling != dates.PLACES


def _once(name: str, stamps: IntArray, numbers: FloatArray, told: Told, dated: bool) -> IntArray:
    """Rows in order of time, each stamp once."""
    order = np.lexsort((np.arange(len(stamps)), stamps))
    again = np.append(False, stamps[order][1:] == stamps[order][:-1])
    if not again.any():
        return np.asarray(order)
    sorted_ = numbers[:, order]
    here, before = sorted_[:, again], sorted_[:, np.flatnonzero(again) - 1]
    other = np.flatnonzero(again)[~((here == before) | (np.isnan(here) & np.isnan(before))).all(0)]
    if len(other):
        _require_clock(name, stamps[order], other, dated)
        kind, what = "clock", "an hour occurs twice where the clock goes back in {n}: the first is taken"
        first = calendar.written(int(stamps[order][other[0]]), calendar.DAILY)
        told.odd[kind, what].append(f"{name}: {first}")
    else:
        kind, what = "duplicates", "rows that say the same twice are taken once in {n}"
        told.odd[kind, what].append(name)
    return np.asarray(order[~again])


def _require_clock(name: str, stamps: IntArray, other: IntArray, dated: bool) -> None:
    """Raises DataError: stamps with two values are none of an hour that the clock repeats."""
    apart = np.diff(np.unique(stamps))
    usual = int(np.median(apart)) if len(apart) else calendar.DAY
    if dated and usual < calendar.DAY:
        years = 1 + int(apart.sum()) // (366 * calendar.DAY)
        at = stamps[other]
        told = np.isin(calendar.month_of(at), CLOCKS) & calendar.is_weekend(at)
        told &= (at % calendar.DAY < MORNING) | (at % calendar.DAY >= EVENING)
        if len(other) <= years * max(1, 3600 // usual) and np.all(told):
            return
    shown = calendar.written(int(stamps[other[0]]), calendar.DAILY if dated else calendar.NUMBERED)
    raise DataError(
        f"{name}: {len(other)} stamps have two different values, the first is {shown}",
        "where the table holds several series, name the column that tells them apart: "
        "--columns unique_id=NAME; else add up or average its rows first",
    )


def _spread(places: IntArray, numbers: FloatArray) -> FloatArray:
    """(1 + K, T) with a gap wherever the grid has a place and the table no row."""
    values = np.full((len(numbers), int(places[-1]) + 1), np.nan)
    values[:, places] = numbers
    return values


def _series(
    name: str, values: FloatArray, grid: Frequency, season: int, first: int, told: Told
) -> Series | None:
    """Without gaps at its ends; `values` (1 + K, T), of which columns go on after the last value."""
    values, beside = values[0], values[1:]
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        told.dropped.append(Dropped(name, "it has no value"))
        return None
    start, end = int(known[0]), int(known[-1]) + 1
    if end < len(values) and not len(beside):
        told.odd["later", "rows after the last value are left out of {n}"].append(name)
    missing = end - start - len(known)
    if missing > MOST_GAPS * (end - start):
        told.dropped.append(Dropped(name, _gaping(missing, end - start, grid)))
        return None
    if missing:
        message = "values are missing in {n}: gaps stay gaps, nothing is learned from them"
        told.odd["gaps", message].append(f"{name}: {missing}")
    begin = calendar.after(first, grid, start)
    return Series(name, values[start:end], grid, season, begin, beside=beside[:, start:])


def _many(names: Sequence[str]) -> str:
    return "1 series" if len(names) == 1 else f"{len(names)} series"
