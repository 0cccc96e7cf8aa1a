"""A table as a stream of rows: CSV, TSV, JSON, Parquet, Excel or a DataFrame, read once, a chunk at a time.

Rows are numbered from 1. Neither the header nor blank lines of a CSV file count, and a row of it may
span several lines; of JSON lines, the number is the line's.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import DataError
from ..strings import encoded
from . import delimited, json_tables, parquet, workbooks

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import TypeIs

    Table = Path | pd.DataFrame

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
"""Names that are those of tables and of nothing else."""
TABLES = (*SUFFIXES, ".json", ".xlsx")
CALLED = "headstart_called"
"""Among the attributes of a DataFrame that was read here: the name of its file."""
_PACKED = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
"""What may end in `.gz` too."""
_LINES = (".jsonl", ".ndjson")
_LOOKED_AT = 100
"""JSON lines whose keys are the columns."""
_SHOWN_NAME = 40
_SHOWN = 20
_JSON_HINT = 'write a list of rows: [{"text": "…", "label": "…"}, …], or a row a line'
_UNREADABLE = (csv.Error, ValueError, OSError, RecursionError, NotImplementedError, EOFError, zlib.error)


class Record(NamedTuple):
    """One row: its cells, or why it cannot be read."""

    number: int
    cells: tuple[Any, ...] = ()
    reason: str | None = None


def is_table(data: object) -> TypeIs[pd.DataFrame]:
    """A DataFrame, asked without importing pandas."""
    return hasattr(data, "iloc") and hasattr(data, "columns")


def suffix_of(path: Path) -> str | None:
    """Which of `TABLES` the name of a table ends in, `.gz` aside; None where it is no table's."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        suffix = path.with_suffix("").suffix.lower()
        return suffix if suffix in _PACKED else None
    return suffix if suffix in TABLES else None


def stem_of(path: Path) -> str:
    """The name of a table without its suffixes."""
    return path.with_suffix("").stem if path.suffix.lower() == ".gz" else path.stem


def has_lines(data: Table) -> bool:
    """Are its rows lines of JSON?"""
    return isinstance(data, Path) and suffix_of(data) in _LINES


def title(data: Table) -> str:
    """What messages call a table."""
    return data.name if isinstance(data, Path) else str(data.attrs.get(CALLED, "the DataFrame"))


def header(data: Table) -> list[str]:
    """The names of the columns; of JSON, the keys of the first hundred rows.

    Raises:
        DataError: the file cannot be read as what its name says.
    """
    with _read(data):
        if not isinstance(data, Path):
            return [str(name) for name in data.columns]
        suffix = suffix_of(data) or ".csv"
        if suffix == ".parquet":
            import pyarrow.parquet as pq

            return list(pq.read_schema(data).names)
        if suffix in (*_LINES, ".json"):
            objects = json_tables.objects(data, suffix in _LINES)
            seen = (found for _, found in islice(objects, _LOOKED_AT) if isinstance(found, dict))
            keys = list(dict.fromkeys(key for found in seen for key in found))
            if not keys:
                raise ValueError("none of its first lines is a JSON object")
            return keys
        names = next(_rows(data, suffix), None)
        if not isinstance(names, list):
            raise ValueError(names or "it is empty")
        return ["" if name is None else str(name).strip() for name in names]


def records(data: Table, columns: Sequence[str]) -> Iterator[Record]:
    """The rows with the cells of these columns, which are in its header; None where a cell is missing.

    Raises:
        DataError: the file cannot be read as what its name says.
    """
    with _read(data):
        suffix = suffix_of(data) or ".csv" if isinstance(data, Path) else ""
        if not isinstance(data, Path):
            where = [header(data).index(name) for name in columns]
            yield from _numbered(zip(*(data.iloc[:, index].tolist() for index in where), strict=True))
        elif suffix == ".parquet":
            yield from _numbered(parquet.rows(data, columns))
        elif suffix in (*_LINES, ".json"):
            for number, found in json_tables.objects(data, suffix in _LINES):
                if isinstance(found, str):
                    yield Record(number, reason=found)
                else:
                    yield Record(number, tuple(found.get(name) for name in columns))
        else:
            yield from _delimited(data, suffix, columns)


def sample(data: Table, columns: Sequence[str], count: int = _LOOKED_AT) -> list[tuple[object, ...]]:
    """The cells of these columns in the first rows that can be read."""
    if not columns:
        return []
    return [one.cells for one in islice(records(data, columns), count) if one.reason is None]


def notes(data: Table) -> list[str]:
    """What is unusual about how a file is written.

    Raises:
        DataError: the file cannot be read as what its name says.
    """
    if not isinstance(data, Path):
        return []
    with _read(data):
        suffix = suffix_of(data) or ".csv"
        if suffix in (".csv", ".tsv"):
            return delimited.notes(data, suffix)
        return workbooks.notes_of(data) if suffix == ".xlsx" else []


def shown_names(names: Iterable[str]) -> str:
    """The names of columns as a message lists them: not all of very many; a text taken for one is cut."""
    printable = [encoded(name).decode("utf-8", "replace") for name in names]
    cut = [name if len(name) <= _SHOWN_NAME else f"{name[:_SHOWN_NAME]}…" for name in printable[:_SHOWN]]
    more = len(printable) - len(cut)
    return ", ".join(cut) + (f" and {more} more" if more else "")


@contextmanager
def _read(data: Table) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        kind = (suffix_of(data) or data.suffix)[1:] if isinstance(data, Path) else "table"
        hint = (
            _JSON_HINT
            if kind == "json"
            else "check that it is complete, in UTF-8, has a header and closes its quotes"
        )
        raise DataError(f"`{title(data)}` cannot be read as {kind}: {error}", hint) from error


def _numbered(rows: Iterable[tuple[Any, ...]]) -> Iterator[Record]:
    return (Record(number, cells) for number, cells in enumerate(rows, start=1))


def _rows(file: Path, suffix: str) -> Iterator[list[Any] | str]:
    return workbooks.rows_of(file) if suffix == ".xlsx" else delimited.rows_of(file, suffix)


def _delimited(file: Path, suffix: str, columns: Sequence[str]) -> Iterator[Record]:
    rows = _rows(file, suffix)
    names = header(file)
    next(rows)
    where = [names.index(name) for name in columns]
    for number, row in enumerate(rows, start=1):
        if isinstance(row, str):
            yield Record(number, reason=row)
        elif len(row) == len(names):
            yield Record(number, tuple([row[index] for index in where]))
        else:
            yield Record(number, reason=f"{len(row)} cells where the header has {len(names)}")
