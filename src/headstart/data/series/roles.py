"""Which columns of a table are what, and whether it is a table of series at all.

Notation: T stamps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...errors import DataError
from ..reading import Reading, mapped
from ..tables.numerals import pointed
from ..tables.records import header, sample, title
from . import dates
from .beside import KNOWN, require_columns

if TYPE_CHECKING:
    from ..tables.records import Table

COLUMNS = ("unique_id", "ds", "y")
_NAMES: Mapping[str, Sequence[str]] = {
    "unique_id": ("unique_id", "series_id", "item_id", "series", "id"),
    "ds": ("ds", "date", "datetime", "timestamp", "time", "month", "week", "day", "year", "start"),
    "y": ("y", "target", "value"),
}
"""What our columns are usually called; the table's own names may be of any case."""
_BESIDE_STAMPS = (
    "id",
    "index",
    "row",
    "unnamed: 0",
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "weekday",
    "hour",
)
"""Columns of numbers that are no series where stamps stand beside them."""
LISTS = (list, tuple, np.ndarray)
_DATED = re.compile(r"^(?=.*\d).{3,40}$")
"""What a date may look like: short, and with a digit."""
_MANY = 3
"""Values of a series in a row, at least."""
NEEDED = 0.9
"""Of the first cells of a column of stamps, or of numbers, that have to be such."""


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
    roles = roles_of(table, reading)
    if roles is None:
        return False
    if roles.layout == "long" and ("y" in reading.columns or _is_lists(sample(table, roles.values))):
        return True
    if roles.layout == "across":
        return bool(dated_names(roles.values))
    return roles.stamp is not None and (roles.layout == "wide" or _nothing_else(table, names, roles))


def _nothing_else(table: Table, names: Sequence[str], roles: Roles) -> bool:
    """Is all of a long table what its roles say: dates and numbers beside the names of series?"""
    if not {name for name in names if name.strip()} <= {roles.series, roles.stamp, *roles.values}:
        return False
    stamps, values = zip(*sample(table, [str(roles.stamp), roles.values[0]]), strict=True)
    return is_stamps(stamps) and _is_numbers(values)


def roles_of(table: Table, reading: Reading) -> Roles | None:
    """Which columns are what.

    Raises:
        DataError: one that was named is not there, or cannot stand beside the values.
    """
    every, known = header(table), KNOWN.of(reading.options)
    require_columns(known, every, [_by_name(role, every, reading) for role in COLUMNS], title(table))
    roles = _found(table, [name for name in every if name not in known], reading)
    if roles is None or not known:
        return roles
    listed = roles.layout == "long" and _is_lists(sample(table, roles.values))
    if roles.stamp is None or roles.layout == "across" or listed:
        raise DataError(
            f"{title(table)} has no row for each stamp, so that there are no columns beside the values",
            "give a row for each value (unique_id,ds,y), or leave out --set known=…",
        )
    return replace(roles, known=known)


def _found(table: Table, names: Sequence[str], reading: Reading) -> Roles | None:
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
    if (roles := _found_across(names, columns, series)) is not None:
        return roles
    if stamp is None:
        dated = [name for name in names if is_stamps(columns[name])]
        stamp = dated[0] if dated else None
    rest = [name for name in names if name != stamp and name.strip()]
    told = [name for name in rest if name.strip().lower() not in _BESIDE_STAMPS]
    if stamp is not None and told:
        rest = told
    numeric = tuple(name for name in rest if _is_numbers(columns[name]))
    if not numeric or len(numeric) < len(rest):
        return None
    return Roles(None, stamp, numeric, "wide")


def _found_across(
    names: Sequence[str], columns: Mapping[str, Sequence[object]], series: str | None
) -> Roles | None:
    """Of a series in each row: beside its name, columns of numbers that are called by stamps, or numbered."""
    numeric = tuple(name for name in names if _is_numbers(columns[name]) or not _there(columns[name]))
    words = [name for name in names if name not in numeric]
    dated = dated_names(numeric)
    if len(dated) >= _MANY and (series or words):
        return Roles(series or words[0], None, dated, "across")
    counted = {name.rstrip("0123456789") for name in numeric}
    if len(words) == 1 and len(numeric) >= _MANY and len(counted) == 1 and not is_stamps(columns[words[0]]):
        return Roles(words[0], None, numeric, "across")
    return None


def _by_name(role: str, names: Sequence[str], reading: Reading, usual: bool = True) -> str | None:
    """The column of a role: as a person called it, else as it is usually called."""
    if role in reading.columns:
        return reading.columns[role] if reading.columns[role] in names else None
    lowered = {name.strip().lower(): name for name in reversed(names)}
    wanted = _NAMES[role] if usual else (role,)
    return next((lowered[name] for name in wanted if name in lowered), None)


def dated_names(names: Sequence[str]) -> tuple[str, ...]:
    """Those names of columns that are stamps, years among them."""
    like = [name for name in names if _DATED.search(name)]
    spelling = dates.spelling_of(like) if like else dates.PLACES
    if spelling == dates.PLACES:
        return ()
    _, bad = dates.stamps_of(like, spelling)
    return tuple(name for name, none in zip(like, bad, strict=True) if not none)


def _there(column: Sequence[object]) -> list[object]:
    return [cell for cell in column if cell is not None and str(cell).strip()]


def is_stamps(column: Sequence[object]) -> bool:
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
    return bool(rows) and all(isinstance(row[0], LISTS) for row in rows)


def number_of(cell: object) -> float | None:
    """A cell as a number, which may be none or infinite; None where it says something else."""
    if isinstance(cell, bool):
        return None
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
