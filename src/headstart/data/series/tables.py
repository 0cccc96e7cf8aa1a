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

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ...errors import DataError
from ...types import Finding
from ..reading import Reading, mapped
from ..tables.numerals import doubtful, pointed
from ..tables.records import header, records, sample, shown_names, title
from . import dates
from .roles import COLUMNS, LISTS, Roles, dated_names, is_stamps, number_of, roles_of

if TYPE_CHECKING:
    from ..tables.records import Table

EMPTY = ("", "na", "n/a", "nan", "null", "none", "-", ".")
"""What people write where there is no value."""
Numbers: TypeAlias = "list[object] | array[float]"
"""Cells of a column; numbers alone, NaN where a cell is empty, where all of its table's are plainly such."""


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


def cells(table: Table, reading: Reading, prefix: str = "") -> list[Cells]:
    """The series of a table, in order of their first rows.

    Raises:
        DataError: it is no table of series.
    """
    roles = roles_of(table, reading)
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
    cells = [cell for column in columns for cell in column]
    if (doubt := doubtful(cells)) is not None:
        raise DataError(
            f"is `{doubt}` more than a thousand, or a little more than one? Others have three digits, too",
            "write numbers without anything between thousands, and all decimals of others: 1019, or 1.0190",
        )
    every = iter(pointed(cells))
    return [list(islice(every, len(column))) for column in columns]


def remarks(table: Table, reading: Reading) -> list[Finding]:
    """Findings about what of a table is not read."""
    roles = roles_of(table, reading)
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
    stamp = roles.stamp is None or roles.stamp == "" or is_stamps([roles.stamp]) or number_of(roles.stamp)
    if values and stamp and roles.layout == "wide":
        raise DataError(
            f"{title(table)} begins with a row of values: {shown_names(header(table))}",
            "let its first line name the columns: unique_id,ds,y, or ds and a name for each series",
        )


def _long(table: Table, roles: Roles, prefix: str) -> dict[str, Cells]:
    """Numbers in eight bytes each, where all cells plainly are some; else cells as they stand."""
    looked = [cell for row in sample(table, [roles.values[0]]) for cell in row]
    if doubtful([*looked, "100"]) is not None:  # all of them tell whether they are
        return _rows_of(table, roles, prefix, list[object], lambda cell: cell)
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
    stamps: list[object] = list(dated_names(roles.values))
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
    if len(one.values) == 1 and isinstance(one.values[0], LISTS):
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
