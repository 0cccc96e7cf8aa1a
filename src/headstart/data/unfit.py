"""Why no task fits a table, in words that help: which columns it has, and what to say about them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError
from .cells import placed
from .column_names import Found, found, usual_pair
from .formats import advice
from .one_hot import nearly_one_hot
from .reading import Reading
from .records import header, sample, shown_names, title
from .tables import FILES, placing, require_columns

if TYPE_CHECKING:
    from .records import Table

_TEXTS = ("text", "label")
_SEVERAL = 2
_ROWS = 20
_ADDRESS = re.compile(r"\s*(?:https?|s3|gs)://", re.IGNORECASE)
_WORDS = 3
"""A name of a column has hardly more."""
_NAMED = "name it .csv, and let its first line name the columns: text,label"
_PARQUET = "write it as Parquet or CSV"
_WRITTEN = {
    "": _NAMED,
    ".txt": _NAMED,
    ".xls": "save it as .xlsx or CSV",
    ".xlsm": "save it as .xlsx or CSV",
    ".ods": "save it as .xlsx or CSV",
    ".feather": _PARQUET,
    ".arrow": _PARQUET,
    ".orc": _PARQUET,
    ".avro": _PARQUET,
    ".pkl": f"nothing is unpickled, as that may run programs; {_PARQUET}",
    ".pickle": f"nothing is unpickled, as that may run programs; {_PARQUET}",
}


def refused(table: Table, reading: Reading) -> DataError:
    """The error for a table that is no task's."""
    try:
        names = header(table)
        said = found(table, _TEXTS, reading)
        if "label" not in said.columns and (error := _bits(table, said, reading)) is not None:
            return error
        if (column := _addresses(table, names)) is not None:
            return DataError(
                f"the column `{column}` of {title(table)} holds addresses, which are not fetched",
                "download the pictures into a folder beside the table, and write their paths into a column"
                " file_name",
            )
        if "text" in {**said.columns, **said.ambiguous} or usual_pair(table):
            require_columns(table, _TEXTS, reading)
        if "file_name" in found(table, FILES, reading).columns:
            require_columns(table, FILES, reading)
            return _no_pictures(table, reading)
    except DataError as error:
        return error
    message = f"no task fits {title(table)}: its columns are {shown_names(names) or 'none'}"
    if any(len(name.split()) > _WORDS for name in names):
        message += "; that looks like a first row, not like a header"
    return DataError(
        message,
        "say what they are: --columns text=NAME,label=NAME for texts, file_name=NAME,label=NAME for "
        "pictures; a file without a header needs one",
    )


def unread(path: Path) -> DataError | None:
    """The error for a table that is not read, but could be written as one that is; None for others."""
    hint = _WRITTEN.get(path.suffix.lower()) or advice(path)
    return None if hint is None else DataError(f"`{path.name}` is no table that is read here", hint)


def _addresses(table: Table, names: list[str]) -> str | None:
    """The column in which all cells are addresses of the web, if a table has one and no texts."""
    said = found(table, _TEXTS, Reading())
    if "text" in {**said.columns, **said.ambiguous}:
        return None
    there = list(dict.fromkeys(names))
    rows = sample(table, there, _ROWS)
    for place, name in enumerate(there):
        if rows and all(_ADDRESS.match(str(row[place])) for row in rows):
            return name
    return None


def _bits(table: Table, said: Found, reading: Reading) -> DataError | None:
    """Labels that have a column each, but not of 0 and 1 alone, or not of texts."""
    names = [name for name in nearly_one_hot(table) if name not in said.columns.values()]
    if len(names) < _SEVERAL or "text" in said.ambiguous:
        return None
    message = f"{title(table)} has no column `label`, but columns of 0 and 1: {shown_names(names)}"
    if "text" in said.columns:
        hint = f"to read them, without the rows that say something else: --set names={','.join(names)}"
        return DataError(message, hint)
    if "file_name" in found(table, FILES, reading).columns:
        return DataError(message, "a picture has one label: write its name into one column, `label`")
    return None


def _no_pictures(table: Table, reading: Reading) -> DataError:
    column = found(table, FILES, reading).columns["file_name"]
    for (cell,) in sample(table, [column], 1):
        _, _, reason = placed(cell, "", "file_name", placing(table))
        why = f"{str(cell)[:80]!r}: {reason or 'not a picture'}"
        return DataError(
            f"the column `{column}` of {title(table)} names no picture that is there: {why}",
            "put the table beside the pictures, with paths relative to its folder",
        )
    return DataError(f"{title(table)} has no rows", "give a table with rows")
