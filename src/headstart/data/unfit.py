"""Why no task fits a table, in words that help: which columns it has, and what to say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DataError
from .cells import placed
from .column_names import found, usual_pair
from .reading import Reading
from .records import header, sample, shown_names, title
from .tables import FILES, placing, require_columns

if TYPE_CHECKING:
    from .records import Table

_TEXTS = ("text", "label")
_WORDS = 3
"""A name of a column has hardly more."""


def refused(table: Table, reading: Reading) -> DataError:
    """The error for a table that is no task's."""
    try:
        names = header(table)
        said = found(table, _TEXTS, reading)
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
