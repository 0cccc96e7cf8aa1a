"""Tables of interactions: a row for each time that a user took, saw or rated an item.

    user_id,item_id                     an event
    user_id,item_id,rating,timestamp    the same with how much it was liked, and when

Notation: n interactions, u users, m items.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import DataError
from ...types import Dropped, Finding, IntArray
from ..label_names import in_several_cases
from ..reading import Reading, mapped
from ..tables.cells import is_missing
from ..tables.numerals import pointed
from ..tables.records import header, records, shown_names, suffix_of, title
from .stamps import seconds_of

if TYPE_CHECKING:
    from ..tables.records import Table

COLUMNS = ("user_id", "item_id", "rating", "timestamp")
_NAMES: Mapping[str, Sequence[str]] = {
    "user_id": (
        "user_id",
        "userid",
        "user",
        "customer_id",
        "customerid",
        "reviewerid",
        "uid",
        "visitorid",
        "reviewer_id",
        "client_id",
        "member_id",
        "username",
    ),
    "item_id": (
        "item_id",
        "itemid",
        "item",
        "movieid",
        "movie_id",
        "product_id",
        "productid",
        "asin",
        "iid",
        "parent_asin",
        "article_id",
        "book_id",
        "film_id",
        "game_id",
        "song_id",
        "track_id",
        "isbn",
        "sku",
    ),
    "rating": ("rating", "ratings", "stars", "score", "value"),
    "timestamp": ("timestamp", "time", "datetime", "date", "unixreviewtime", "ts", "rated_at"),
}
"""What our columns are usually called, without a type after a colon; of any case."""
SHOWN = 5
"""Rows that are left out for one reason and named one by one."""


@dataclass(frozen=True)
class Interactions:
    """n interactions of one table, each pair of a user and an item once, in the order of the table."""

    users: tuple[str, ...]
    """(u,) ids as they are written."""
    items: tuple[str, ...]
    """(m,)."""
    user: IntArray
    """(n,) number of each interaction's user."""
    item: IntArray
    """(n,)."""
    when: IntArray | None
    """(n,) seconds since 1970; None where the table has no stamps."""
    dropped: tuple[Dropped, ...] = ()
    findings: tuple[Finding, ...] = ()

    def but(self, rows: IntArray) -> Interactions:
        """Some of them, with the same numbers."""
        when = None if self.when is None else self.when[rows]
        return Interactions(
            *(self.users, self.items, self.user[rows], self.item[rows], when),
            dropped=self.dropped,
            findings=self.findings,
        )


def claimed(table: Table, reading: Reading) -> bool:
    """Has a table a column of users and one of items?"""
    names = header(table)
    return all(_column(role, names, reading) is not None for role in ("user_id", "item_id"))


def table_beside(named: str) -> Table:
    """A table that an option names.

    Raises:
        DataError: there is none.
    """
    path = Path(named)
    if not path.is_file() or suffix_of(path) is None:
        raise DataError(f"`{named}` is no table", "give a CSV, TSV, JSON, Parquet or Excel file that exists")
    return path


def has_ratings(table: Table, reading: Reading) -> bool:
    """Has a table a column of ratings?"""
    return _column("rating", header(table), reading) is not None


def interactions(table: Table, reading: Reading, threshold: float | None = None) -> Interactions:
    """The interactions of a table.

    Args:
        table: with a row for each.
        reading: what it calls its columns.
        threshold: the least rating that counts; None where everything does.

    Raises:
        DataError: it has no users or items, or a column that is needed is missing.
    """
    columns = _columns(table, reading, threshold)
    raw = _read(table, columns, threshold)
    found, repeated = _once(raw)
    if not len(found[0]):
        first = f"; the first left out: {raw.told.items[0][1]}" if raw.told.items else ""
        raise DataError(
            f"{title(table)} has no interaction that can be used{first}",
            "give a table with a user and an item in each row; lower --set threshold=… if that was set",
        )
    told = _findings(table, columns, threshold, raw, repeated)
    return Interactions(
        *(tuple(raw.users), tuple(raw.items), *found),
        dropped=raw.told.dropped(title(table)),
        findings=tuple(told),
    )


@dataclass
class _Told:
    """Rows that were left out."""

    items: list[tuple[int, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, row: int, reason: str) -> None:
        self.counts[reason] += 1
        if self.counts[reason] <= SHOWN:
            self.items.append((row, reason))

    def dropped(self, table: str) -> tuple[Dropped, ...]:
        """The first of each reason by their rows, the others as one."""
        more = {reason: count - SHOWN for reason, count in self.counts.items() if count > SHOWN}
        return (
            *(Dropped(f"{table}, row {row}", reason) for row, reason in self.items),
            *(Dropped(f"{table}, {count} more rows", reason) for reason, count in more.items()),
        )


@dataclass
class _Raw:
    """The usable rows as numbers; a user or item is numbered when it is first met."""

    users: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    user: array[int] = field(default_factory=lambda: array("q"))
    item: array[int] = field(default_factory=lambda: array("q"))
    values: Counter[float] = field(default_factory=Counter)
    below: int = 0
    stamps: list[Any] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("q"))
    """Of the rows of stamps, in the table."""
    told: _Told = field(default_factory=_Told)


def _columns(table: Table, reading: Reading, threshold: float | None) -> dict[str, str]:
    names = header(table)
    found = {role: _column(role, names, reading) for role in COLUMNS}
    for role in COLUMNS:
        if role in reading.columns and found[role] is None:
            raise DataError(
                f"{title(table)} has no column `{reading.columns[role]}`, but {shown_names(names)}",
                mapped(COLUMNS),
            )
    needed = ["user_id", "item_id", *(["rating"] if threshold is not None else [])]
    for role in needed:
        if found[role] is None:
            raise DataError(
                f"{title(table)} has no column `{role}`: its columns are {shown_names(names)}",
                mapped(COLUMNS),
            )
    there = {role: name for role, name in found.items() if name is not None}
    if len(set(there.values())) < len(there):
        raise DataError("one column cannot be two things at once", mapped(COLUMNS))
    return there


def _column(role: str, names: Sequence[str], reading: Reading) -> str | None:
    """The column of a role: as a person called it, else as it is usually called (`user_id:token` too)."""
    if role in reading.columns:
        return reading.columns[role] if reading.columns[role] in names else None
    plain = {name.partition(":")[0].strip().lower(): name for name in reversed(names)}
    return next((plain[name] for name in _NAMES[role] if name in plain), None)


def _read(table: Table, columns: dict[str, str], threshold: float | None) -> _Raw:
    raw, roles = _Raw(), list(columns)
    has_rating, has_stamp = "rating" in columns, "timestamp" in columns
    for record in records(table, list(columns.values())):
        if record.reason is not None:
            raw.told.add(record.number, record.reason)
            continue
        row = dict(zip(roles, record.cells, strict=True))
        user, item = id_of(row["user_id"]), id_of(row["item_id"])
        if user is None or item is None:
            raw.told.add(record.number, f"it names no {'user' if user is None else 'item'}")
            continue
        if has_rating and not _rated(raw, record.number, row["rating"], threshold):
            continue
        if has_stamp:
            raw.stamps.append(row["timestamp"])
            raw.numbers.append(record.number)
        raw.user.append(raw.users.setdefault(user, len(raw.users)))
        raw.item.append(raw.items.setdefault(item, len(raw.items)))
    return raw


def _rated(raw: _Raw, number: int, cell: object, threshold: float | None) -> bool:
    """Is a row used, as far as its rating goes?"""
    value = _number(cell)
    if value is None:
        if threshold is None and is_missing(cell):
            return True
        raw.told.add(number, "its rating is no number")
        return False
    if threshold is not None and value < threshold:
        raw.below += 1
        return False
    raw.values[value] += 1
    return True


def id_of(cell: object) -> str | None:
    """An id as text: `007` stays what it is, and 7.0 of a column with gaps is 7; None where there is none."""
    if cell is None or is_missing(cell):
        return None
    if isinstance(cell, float | np.floating):
        value = float(cell)
        if not np.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    text = unicodedata.normalize("NFC", str(cell)).strip()
    return text or None


def _number(cell: object) -> float | None:
    if isinstance(cell, str) and "," in cell:
        (cell,) = pointed([cell])
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if np.isfinite(value) else None


def _once(raw: _Raw) -> tuple[tuple[IntArray, IntArray, IntArray | None], int]:
    """Each pair once, when it was first; and how many there were more."""
    user, item = np.array(raw.user, dtype=np.int64), np.array(raw.item, dtype=np.int64)
    when, rows = None, np.arange(len(user))
    if raw.stamps:
        when, bad = seconds_of(raw.stamps)
        for row in np.flatnonzero(bad).tolist():
            raw.told.add(raw.numbers[row], "its stamp is no time")
        rows = rows[~bad]
        rows = rows[np.argsort(when[rows], kind="stable")]
    _, first = np.unique(user[rows] * len(raw.items) + item[rows], return_index=True)
    kept = np.sort(rows[first])
    return (user[kept], item[kept], None if when is None else when[kept]), len(rows) - len(kept)


def _findings(
    table: Table, columns: dict[str, str], threshold: float | None, raw: _Raw, repeated: int
) -> list[Finding]:
    found, called = [], title(table)
    if repeated:
        found.append(
            Finding("duplicates", f"{called}: {repeated} rows repeat a user and an item; the first counts")
        )
    if threshold is not None:
        found.append(
            Finding("threshold", f"{called}: {raw.below} ratings below {threshold:g} are no interactions")
        )
    elif len(raw.values) > 1:
        low, high = min(raw.values), max(raw.values)
        found.append(
            Finding(
                "threshold",
                f"{called}: ratings from {low:g} to {high:g} count as events, whatever they say; "
                "--set threshold=… keeps those at least so high",
            )
        )
    found += in_several_cases(raw.users, f"users of {called}") + in_several_cases(
        raw.items, f"items of {called}"
    )
    if unread := [name for name in header(table) if name not in columns.values()]:
        told = f"{called}: not read is {shown_names(unread)}; what a row says there changes nothing"
        found.append(Finding("unused_columns", told, (called,)))
    if "timestamp" not in columns:
        found.append(Finding("time", f"{called} has no time stamps: what came first is not known", (called,)))
    return found
