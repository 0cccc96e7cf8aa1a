"""Tables of series: a row for each value, a column for each series, or a list of values in a row.

    unique_id,ds,y          long: which series, when, what
    ds,y                    the same of one series
    date,shop 1,shop 2      wide: a column of stamps, the others are series
    country,1990,1991,1992  across: a series in a row, the columns are called by their stamps
    id,V1,V2,V3             the same without stamps
    {"unique_id": "a", "ds": "2020-01", "y": [1, 2, 3]}     a series in a cell, from its first stamp on

Notation: T stamps.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ...errors import DataError
from ...types import Finding
from ..reading import Reading, mapped
from ..tables.numerals import pointed
from ..tables.records import header, records, sample, shown_names, title
from . import dates
from .beside import KNOWN, require_columns

if TYPE_CHECKING:
    from ..tables.records import Table

COLUMNS = ("unique_id", "ds", "y")
EMPTY = ("", "na", "n/a", "nan", "null", "none", "-", ".")
"""What people write where there is no value."""
_NAMES: Mapping[str, Sequence[str]] = {
    "unique_id": ("unique_id", "series_id", "item_id", "series", "id"),
    "ds": ("ds", "date", "datetime", "timestamp", "time", "month", "week", "day", "year", "start"),
    "y": ("y", "target", "value"),
}
"""What our columns are usually called; the table's own names may be of any case."""
_LISTS = (list, tuple, np.ndarray)
Numbers: TypeAlias = "list[object] | array[float]"
"""Cells of a column; numbers alone, NaN where a cell is empty, where all of its table's are plainly such."""
_DATED = re.compile(r"^(?=.*\d).{3,40}$")
"""What a date may look like: short, and with a digit."""
_MANY = 3
"""Values of a series in a row, at least."""
NEEDED = 0.9
"""Of the first cells of a column of stamps, or of numbers, that have to be such."""


@dataclass(frozen=True)
class Cells:
    """One series as it stands in a table."""

    name: str
    stamps: list[object]
    """Of each value; of a list in a row, of the first one alone; none where rows are in order of time."""
    values: Numbers
    spelling: str = dates.PLACES
    """How the stamps of its table are written."""
    beside: tuple[Numbers, ...] = ()
    """Of each column beside the values whose future is known, as many cells as there are stamps."""


@dataclass(frozen=True)
class Roles:
    """Which columns of a table are what."""

    series: str | None
    stamp: str | None
    values: tuple[str, ...]
    """One of a long table, several of others."""
    layout: Literal["long", "wide", "across"]
    known: tuple[str, ...] = ()
    """Columns beside the values whose future is known."""


def claimed(table: Table, reading: Reading) -> bool:
    """Is a table one of series beyond doubt: by its names, or all of it stamps and numbers?"""
    names = header(table)
    if all(_by_name(role, names, reading, usual=False) for role in ("ds", "y")):
        return True
    roles = _roles(table, reading)
    if roles is None:
        return False
    if roles.layout == "long" and ("y" in reading.columns or _is_lists(sample(table, roles.values))):
        return True
    if roles.layout == "across":
        return bool(_dated(roles.values))
    return roles.stamp is not None and (roles.layout == "wide" or _nothing_else(table, names, roles))


def _nothing_else(table: Table, names: Sequence[str], roles: Roles) -> bool:
    """Is all of a long table what its roles say: dates and numbers beside the names of series?"""
    if not {name for name in names if name.strip()} <= {roles.series, roles.stamp, *roles.values}:
        return False
    stamps, values = zip(*sample(table, [str(roles.stamp), roles.values[0]]), strict=True)
    return _is_stamps(stamps) and _is_numbers(values)


def cells(table: Table, reading: Reading, prefix: str = "") -> list[Cells]:
    """The series of a table, in order of their first rows.

    Raises:
        DataError: it is no table of series.
    """
    roles = _roles(table, reading)
    if roles is None:
        raise DataError(
            f"{title(table)} is no table of series: its columns are {shown_names(header(table))}",
            f"give columns unique_id, ds and y, or one of stamps and others of numbers; {mapped(COLUMNS)}",
        )
    _require_header(table, roles)
    found = _READ[roles.layout](table, roles, prefix)
    series = [one for one in found.values() if one.values]
    if not series:
        raise DataError(f"{title(table)} has no rows", "give a table with values")
    # one table, one spelling: of a wide one every series has the same stamps
    stamps = series[0].stamps if roles.layout != "long" else [cell for one in series for cell in one.stamps]
    spelling, spread = dates.spelling_of(stamps), [_spread(one) for one in series]
    values = _alike([one.values for one in spread])
    beside = [_alike([one.beside[number] for one in spread]) for number in range(len(roles.known))]
    return [
        replace(one, spelling=spelling, values=own, beside=tuple(column[place] for column in beside))
        for place, (one, own) in enumerate(zip(spread, values, strict=True))
    ]


def _alike(columns: Sequence[Numbers]) -> Sequence[Numbers]:
    """The same cells, with numbers written in one way in all of them."""
    if all(isinstance(column, array) for column in columns):
        return columns
    every = iter(pointed([cell for column in columns for cell in column]))
    return [list(islice(every, len(column))) for column in columns]


def remarks(table: Table, reading: Reading) -> list[Finding]:
    """Findings about what of a table is not read."""
    roles = _roles(table, reading)
    if roles is None:
        return []
    read = {roles.series, roles.stamp, *roles.values, *roles.known}
    unread = [name for name in header(table) if name not in read and name.strip()]
    message = (
        f"{title(table)}: not read is {shown_names(unread)}; --set known=NAME,NAME names columns of numbers "
    )
    message += "whose future is known"
    return [Finding("unused_columns", message, tuple(unread))] if unread else []


def _require_header(table: Table, roles: Roles) -> None:
    """Raises DataError: the first row is one of values, which would be lost as names."""
    if not isinstance(table, Path):
        return  # columns of a DataFrame may be numbered
    values = all(number_of(name) is not None for name in roles.values)
    stamp = roles.stamp is None or roles.stamp == "" or _is_stamps([roles.stamp]) or number_of(roles.stamp)
    if values and stamp and roles.layout == "wide":
        raise DataError(
            f"{title(table)} begins with a row of values: {shown_names(header(table))}",
            "let its first line name the columns: unique_id,ds,y, or ds and a name for each series",
        )


def _long(table: Table, roles: Roles, prefix: str) -> dict[str, Cells]:
    """Numbers in eight bytes each, where all cells plainly are some; else cells as they stand."""
    try:
        return _rows_of(table, roles, prefix, lambda: array("d"), _plain_number)
    except (ValueError, TypeError, OverflowError):
        return _rows_of(table, roles, prefix, list[object], lambda cell: cell)


def _plain_number(cell: object) -> float:
    """A number that is written as Python writes one, NaN for an empty cell.

    Raises:
        ValueError, TypeError: it is something else.
    """
    if isinstance(cell, bool):
        raise ValueError(cell)
    if cell is None:
        return np.nan
    try:
        return float(cell)  # type: ignore[arg-type]
    except ValueError:
        if isinstance(cell, str) and cell.strip().lower() in EMPTY:
            return np.nan
        raise


def _rows_of(
    table: Table,
    roles: Roles,
    prefix: str,
    column: Callable[[], Numbers],
    kept: Callable[[object], Any],
) -> dict[str, Cells]:
    """The series of a long table: what is `kept` of each cell of numbers, in a `column` of each series."""
    columns = [
        name for name in (roles.series, roles.stamp, roles.values[0], *roles.known) if name is not None
    ]
    found: dict[str, Cells] = {}
    stamps: dict[str, str] = {}  # a date that many series have is in memory once
    stamp_at = int(roles.series is not None)
    value_at = stamp_at + int(roles.stamp is not None)
    for row in _readable(table, columns):
        name = str(row[0]).strip() if roles.series else prefix or "series"
        if name not in found:
            called = f"{prefix} {name}" if prefix and roles.series else name
            found[name] = Cells(called, [], column(), beside=tuple(column() for _ in roles.known))
        one = found[name]
        if value_at > stamp_at:
            stamp = row[stamp_at]
            one.stamps.append(stamps.setdefault(stamp, stamp) if type(stamp) is str else stamp)
        one.values.append(kept(row[value_at]))
        for beside, cell in zip(one.beside, row[value_at + 1 :], strict=True):
            beside.append(kept(cell))
    return found


def _wide(table: Table, roles: Roles, prefix: str) -> dict[str, Cells]:
    columns = [*([roles.stamp] if roles.stamp else []), *roles.values, *roles.known]
    rows = list(_readable(table, columns))
    stamps = [row[0] for row in rows] if roles.stamp else []
    first = 1 if roles.stamp else 0
    beside = tuple([row[place] for row in rows] for place in range(first + len(roles.values), len(columns)))
    return {
        name: Cells(
            f"{prefix} {name}".strip(), list(stamps), [row[first + number] for row in rows], beside=beside
        )
        for number, name in enumerate(roles.values)
    }


def _across(table: Table, roles: Roles, prefix: str) -> dict[str, Cells]:
    stamps: list[object] = list(_dated(roles.values))
    found: dict[str, Cells] = {}
    for number, (cell, *values) in enumerate(_readable(table, [str(roles.series), *roles.values]), start=1):
        name = str(cell).strip()
        if name in found:
            raise DataError(
                f"{title(table)} has a series in each row, and {name!r} in two of them",
                "name the column that tells them apart: --columns unique_id=NAME",
            )
        if not stamps:  # series of different lengths end with empty cells
            while values and (values[-1] is None or not str(values[-1]).strip()):
                values.pop()
        found[name or f"row {number}"] = Cells(f"{prefix} {name}".strip(), list(stamps), list(values))
    return found


_READ = {"long": _long, "wide": _wide, "across": _across}


def _spread(one: Cells) -> Cells:
    """A list of values in one row as as many values."""
    if len(one.values) == 1 and isinstance(one.values[0], _LISTS):
        return replace(one, values=list(one.values[0]))
    return one


def _readable(table: Table, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The cells of each row.

    Raises:
        DataError: a row cannot be read: without it there would be a gap that nobody made.
    """
    for record in records(table, columns):
        if record.reason is not None:
            raise DataError(f"{title(table)}, row {record.number}: {record.reason}", "mend or remove the row")
        yield record.cells


def _roles(table: Table, reading: Reading) -> Roles | None:
    """Which columns are what.

    Raises:
        DataError: one that was named is not there, or cannot stand beside the values.
    """
    every, known = header(table), KNOWN.of(reading.options)
    require_columns(known, every, [_by_name(role, every, reading) for role in COLUMNS], title(table))
    roles = _roles_of(table, [name for name in every if name not in known], reading)
    if roles is None or not known:
        return roles
    listed = roles.layout == "long" and _is_lists(sample(table, roles.values))
    if roles.stamp is None or roles.layout == "across" or listed:
        raise DataError(
            f"{title(table)} has no row for each stamp, so that there are no columns beside the values",
            "give a row for each value (unique_id,ds,y), or leave out --set known=…",
        )
    return replace(roles, known=known)


def _roles_of(table: Table, names: Sequence[str], reading: Reading) -> Roles | None:
    series, stamp, value = (_by_name(role, names, reading) for role in COLUMNS)
    for role in COLUMNS:
        if role in reading.columns and reading.columns[role] not in names:
            raise DataError(
                f"{title(table)} has no column `{reading.columns[role]}`, but {', '.join(names)}",
                mapped(COLUMNS),
            )
    if value and (series or stamp or "y" in reading.columns):
        return Roles(series, stamp, (value,), "long")
    some = sample(table, names)
    if not some:
        return None
    columns = dict(zip(names, zip(*some, strict=True), strict=True))
    if (roles := _roles_across(names, columns, series)) is not None:
        return roles
    if stamp is None:
        dated = [name for name in names if _is_stamps(columns[name])]
        stamp = dated[0] if dated else None
    rest = [name for name in names if name != stamp and name.strip()]
    numeric = tuple(name for name in rest if _is_numbers(columns[name]))
    if not numeric or len(numeric) < len(rest):
        return None
    return Roles(None, stamp, numeric, "wide")


def _roles_across(
    names: Sequence[str], columns: Mapping[str, Sequence[object]], series: str | None
) -> Roles | None:
    """Of a series in each row: beside its name, columns of numbers that are called by stamps, or numbered."""
    numeric = tuple(name for name in names if _is_numbers(columns[name]) or not _there(columns[name]))
    words = [name for name in names if name not in numeric]
    dated = _dated(numeric)
    if len(dated) >= _MANY and (series or words):
        return Roles(series or words[0], None, dated, "across")
    counted = {name.rstrip("0123456789") for name in numeric}
    if len(words) == 1 and len(numeric) >= _MANY and len(counted) == 1 and not _is_stamps(columns[words[0]]):
        return Roles(words[0], None, numeric, "across")
    return None


def _by_name(role: str, names: Sequence[str], reading: Reading, usual: bool = True) -> str | None:
    """The column of a role: as a person called it, else as it is usually called."""
    if role in reading.columns:
        return reading.columns[role] if reading.columns[role] in names else None
    lowered = {name.strip().lower(): name for name in reversed(names)}
    wanted = _NAMES[role] if usual else (role,)
    return next((lowered[name] for name in wanted if name in lowered), None)


def _dated(names: Sequence[str]) -> tuple[str, ...]:
    """Those names of columns that are stamps, years among them."""
    like = [name for name in names if _DATED.search(name)]
    spelling = dates.spelling_of(like) if like else dates.PLACES
    if spelling == dates.PLACES:
        return ()
    _, bad = dates.stamps_of(like, spelling)
    return tuple(name for name, none in zip(like, bad, strict=True) if not none)


def _there(column: Sequence[object]) -> list[object]:
    return [cell for cell in column if cell is not None and str(cell).strip()]


def _is_stamps(column: Sequence[object]) -> bool:
    """Dates beyond doubt: whole numbers alone are none."""
    there = _there(column)
    if not there or sum(_DATED.search(str(cell)) is not None for cell in there) < NEEDED * len(there):
        return False
    if _is_numbers(there):
        return False
    _, bad = dates.stamps_of(there, dates.spelling_of(there))
    return bool(1 - bad.mean() >= NEEDED)


def _is_numbers(column: Sequence[object]) -> bool:
    there = pointed(_there(column))
    fine = [number_of(cell) is not None for cell in there]
    return bool(fine) and sum(fine) >= NEEDED * len(fine)


def _is_lists(rows: Sequence[tuple[object, ...]]) -> bool:
    return bool(rows) and all(isinstance(row[0], _LISTS) for row in rows)


def number_of(cell: object) -> float | None:
    """A cell as a number, which may be none or infinite; None where it says something else."""
    if isinstance(cell, bool):
        return None
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
