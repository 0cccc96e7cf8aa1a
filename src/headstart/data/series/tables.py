"""Tables of series: a row for each value, a column for each series, or a list of values in a row.

    unique_id,ds,y          long: which series, when, what
    ds,y                    the same of one series
    date,shop 1,shop 2      wide: a column of stamps, the others are series
    {"unique_id": "a", "ds": "2020-01", "y": [1, 2, 3]}     a series in a row, from its first stamp on

Notation: T stamps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ..reading import Reading, mapped
from ..tables.records import header, records, sample, title
from .calendar import stamps_of

if TYPE_CHECKING:
    from ..tables.records import Table

COLUMNS = ("unique_id", "ds", "y")
_NAMES: Mapping[str, Sequence[str]] = {
    "unique_id": ("unique_id", "series_id", "item_id", "series", "id"),
    "ds": ("ds", "date", "datetime", "timestamp", "time", "month", "week", "day", "year"),
    "y": ("y", "target", "value"),
}
"""What our columns are usually called; the table's own names may be of any case."""
NEEDED = 0.9
"""Of the first cells of a column of stamps, or of numbers, that have to be such."""


@dataclass(frozen=True)
class Cells:
    """One series as it stands in a table."""

    name: str
    stamps: list[object]
    """Of each value; of a list in a row, of the first one alone; none where rows are in order of time."""
    values: list[object]


@dataclass(frozen=True)
class Roles:
    """Which columns of a table are what."""

    series: str | None
    stamp: str | None
    values: tuple[str, ...]
    """One of a long table, several of a wide one."""
    wide: bool


def claimed(table: Table, reading: Reading) -> bool:
    """Is a table one of series beyond doubt: by its names, or all of it stamps and numbers?"""
    names = header(table)
    if all(_by_name(role, names, reading, usual=False) for role in ("ds", "y")):
        return True
    roles = _roles(table, reading)
    if roles is None or roles.stamp is None:
        return False
    return roles.wide or _nothing_else(table, names, roles)


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
            f"{title(table)} is no table of series: its columns are {', '.join(header(table))}",
            f"give columns unique_id, ds and y, or one of stamps and others of numbers; {mapped(COLUMNS)}",
        )
    found = _wide(table, roles, prefix) if roles.wide else _long(table, roles, prefix)
    series = [one for one in found.values() if one.values]
    if not series:
        raise DataError(f"{title(table)} has no rows", "give a table with values")
    return [_spread(one) for one in series]


def _long(table: Table, roles: Roles, prefix: str) -> dict[str, Cells]:
    columns = [name for name in (roles.series, roles.stamp, roles.values[0]) if name is not None]
    found: dict[str, Cells] = {}
    for row in _readable(table, columns):
        parts = iter(row)
        name = str(next(parts)).strip() if roles.series else prefix or "series"
        stamp = [next(parts)] if roles.stamp else []
        one = found.setdefault(name, Cells(f"{prefix} {name}" if prefix and roles.series else name, [], []))
        one.stamps.extend(stamp)
        one.values.append(next(parts))
    return found


def _wide(table: Table, roles: Roles, prefix: str) -> dict[str, Cells]:
    columns = [*([roles.stamp] if roles.stamp else []), *roles.values]
    rows = list(_readable(table, columns))
    stamps = [row[0] for row in rows] if roles.stamp else []
    first = 1 if roles.stamp else 0
    return {
        name: Cells(f"{prefix} {name}".strip(), list(stamps), [row[first + number] for row in rows])
        for number, name in enumerate(roles.values)
    }


def _spread(one: Cells) -> Cells:
    """A list of values in one row as as many values."""
    if len(one.values) == 1 and isinstance(one.values[0], list | tuple):
        return Cells(one.name, one.stamps, list(one.values[0]))
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
    names = header(table)
    series, stamp, value = (_by_name(role, names, reading) for role in COLUMNS)
    for role in COLUMNS:
        if role in reading.columns and reading.columns[role] not in names:
            raise DataError(
                f"{title(table)} has no column `{reading.columns[role]}`, but {', '.join(names)}",
                mapped(COLUMNS),
            )
    if value and (series or stamp or "y" in reading.columns):
        return Roles(series, stamp, (value,), wide=False)
    some = sample(table, names)
    if not some:
        return None
    columns = dict(zip(names, zip(*some, strict=True), strict=True))
    if stamp is None:
        dated = [name for name in names if _is_stamps(columns[name])]
        stamp = dated[0] if dated else None
    rest = [name for name in names if name != stamp and name.strip()]
    numeric = tuple(name for name in rest if _is_numbers(columns[name]))
    if not numeric or len(numeric) < len(rest):
        return None
    return Roles(None, stamp, numeric, wide=True)


def _by_name(role: str, names: Sequence[str], reading: Reading, usual: bool = True) -> str | None:
    """The column of a role: as a person called it, else as it is usually called."""
    if role in reading.columns:
        return reading.columns[role] if reading.columns[role] in names else None
    lowered = {name.strip().lower(): name for name in reversed(names)}
    wanted = _NAMES[role] if usual else (role,)
    return next((lowered[name] for name in wanted if name in lowered), None)


def _is_stamps(column: Sequence[object]) -> bool:
    """Dates beyond doubt: whole numbers alone are none."""
    there = [cell for cell in column if cell is not None and str(cell).strip()]
    if not there or _is_numbers(there):
        return False
    _, bad = stamps_of(there)
    return bool(1 - bad.mean() >= NEEDED)


def _is_numbers(column: Sequence[object]) -> bool:
    there = [cell for cell in column if cell is not None and str(cell).strip()]
    fine = [number_of(cell) is not None for cell in there]
    return bool(fine) and sum(fine) >= NEEDED * len(fine)


def number_of(cell: object) -> float | None:
    """A cell as a number, which may be none or infinite; None where it says something else."""
    if isinstance(cell, bool):
        return None
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
