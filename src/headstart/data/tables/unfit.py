"""Why no task fits a table, in words that help: which columns it has, and what to say about them."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError
from ..images.formats import advice
from ..listing import entries, shown
from ..reading import Reading
from ..strings import is_address
from .cells import placed
from .column_names import Found, found, usual_pair
from .one_hot import nearly_one_hot
from .records import header, sample, shown_names, title
from .rows import FILES, placing, require_columns

if TYPE_CHECKING:
    from .records import Table

_TEXTS = ("text", "label")
_SEVERAL = 2
_ROWS = 20
_MOST = 5
_START = 200
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
_TOOLS = (
    (
        "an export of Label Studio in JSON",
        {"data", "annotations"},
        "export it from Label Studio as CSV, and name the columns: --columns text=NAME,label=NAME",
    ),
    (
        "choices that were made in Prodigy",
        {"options", "accept"},
        "write for each accepted row its text and the one choice in `accept`: text,label in a CSV file",
    ),
)
"""Tools, columns that only they write, and what to do."""
_PACKED_TARS = (".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
_FASTTEXT = "__label__"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|nan", re.IGNORECASE)


def refused(table: Table, reading: Reading) -> DataError:
    """The error for a table that is no task's."""
    try:
        names = header(table)
        said = found(table, _TEXTS, reading)
        if "label" not in said.columns and (error := _bits(table, said, reading)) is not None:
            return error
        if (error := _exported(table, names)) is not None:
            return error
        if (column := _addresses(table, names)) is not None:
            return DataError(
                f"the column `{column}` of {title(table)} holds addresses, which are not fetched",
                "download the pictures into a folder beside the table, and write their paths into a column"
                " file_name",
            )
        if lists := _lists(table, names):
            return DataError(
                f"no task fits {title(table)}: it holds lists of numbers in {shown_names(lists)}",
                f"if they are series, name the column: --columns unique_id=NAME,y={lists[0]}",
            )
        if "text" in {**said.columns, **said.ambiguous} or usual_pair(table):
            require_columns(table, _TEXTS, reading)
        if "file_name" in found(table, FILES, reading).columns:
            require_columns(table, FILES, reading)
            return _no_pictures(table, reading)
    except DataError as error:
        return error
    message = f"no task fits {title(table)}: its columns are {shown_names(names) or 'none'}"
    if _numbers_alone(table, names):
        if all(map(_NUMBER.fullmatch, names)):
            return DataError(f"{message}: a row of values", "let its first line name the columns")
        return DataError(
            f"{message}, all of them numbers",
            "if its rows are series in order of time, say --task forecasting",
        )
    if 2 * sum(len(name.split()) > _WORDS for name in names) >= len(names) > 0:
        message += "; that looks like a first row, not like a header"
    return DataError(
        message,
        "say what they are: --columns text=NAME,label=NAME for texts, file_name=NAME,label=NAME for "
        "pictures, ds=NAME,y=NAME for series (a series in each row: --task forecasting); a file without a "
        "header needs one",
    )


def unread(path: Path) -> DataError | None:
    """The error for a file or folder that could be written so that it is read; None for others."""
    if path.is_dir():
        return _unread_folder(path)
    if path.suffix.lower() in ("", ".txt") and (error := _fasttext(path)) is not None:
        return error
    hint = _WRITTEN.get(path.suffix.lower()) or advice(path)
    return None if hint is None else DataError(f"`{path.name}` is no table that is read here", hint)


def _numbers_alone(table: Table, names: list[str]) -> bool:
    rows = sample(table, list(dict.fromkeys(names)), _ROWS)
    cells = [str(cell).strip() for row in rows for cell in row if cell is not None]
    return bool(rows) and all(_NUMBER.fullmatch(cell) for cell in cells if cell)


def _lists(table: Table, names: list[str]) -> list[str]:
    """The columns whose cells are lists of many numbers."""
    there = list(dict.fromkeys(names))
    rows = sample(table, there, _ROWS)
    return [name for place, name in enumerate(there) if rows and all(_is_list(row[place]) for row in rows)]


def _is_list(cell: object) -> bool:
    return isinstance(cell, list) and len(cell) > _MOST and all(isinstance(one, int | float) for one in cell)


def _exported(table: Table, names: list[str]) -> DataError | None:
    """What a tool for labelling keeps of its work: no table of texts with one label each."""
    for tool, columns, hint in _TOOLS:
        if columns <= set(names):
            return DataError(f"{title(table)} looks like {tool}: its columns are {shown_names(names)}", hint)
    return None


def _addresses(table: Table, names: list[str]) -> str | None:
    """The column in which all cells are addresses of the web, if a table has one and no texts."""
    said = found(table, _TEXTS, Reading())
    if "text" in {**said.columns, **said.ambiguous}:
        return None
    there = list(dict.fromkeys(names))
    rows = sample(table, there, _ROWS)
    for place, name in enumerate(there):
        if rows and all(is_address(str(row[place])) for row in rows):
            return name
    return None


def _fasttext(path: Path) -> DataError | None:
    """Lines that begin with their label, as fastText wants them."""
    try:
        with path.open("rb") as stream:
            start = stream.readline(_START)
    except OSError:
        return None
    if not start.startswith(_FASTTEXT.encode()):
        return None
    return DataError(
        f"`{path.name}` has lines that begin with {_FASTTEXT}, as fastText reads them",
        "write it as a CSV file with the columns text,label, without that mark",
    )


def _unread_folder(folder: Path) -> DataError | None:
    """Texts in a folder that are not kept as they are read here."""
    there = [path for path in entries(folder) if path.is_file()]
    texts = [path for path in there if path.suffix.lower() == ".txt"]
    for path in texts:
        if (error := _fasttext(path)) is not None:
            return error
    if packed := [path for path in there if path.name.lower().endswith(_PACKED_TARS)]:
        return DataError(
            f"`{folder.name}` holds compressed archives: {shown_names(path.name for path in packed[:_MOST])}",
            "unpack them; `gunzip` is enough where examples lie beside their labels: a .tar is read as it is",
        )
    folders = [path for path in entries(folder) if path.is_dir()]
    if len(texts) > 1 and len(texts) == len(there) and not folders:
        return DataError(
            f"`{folder.name}` holds {shown_names(path.name for path in texts[:_MOST])}, and no folders",
            "if each is a class with a text a line, write all lines into one CSV file with the columns"
            " text,label; if each is one text, put them into a folder per class",
        )
    inside = [path for one in folders for path in islice(entries(one), _ROWS) if path.is_file()]
    bare = [path for path in inside if not path.suffix or path.suffix[1:].isdecimal()]
    if bare and len(bare) == len(inside):
        return DataError(
            f"the files in `{folder.name}` have no suffix to say what they are: {shown(bare[0], folder)}",
            "if they are texts, let their names end in .txt; if pictures, in .jpg or what they are",
        )
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
