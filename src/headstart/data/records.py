"""A table as a stream of rows: CSV, TSV, JSON lines, Parquet or a DataFrame, read once, a chunk at a time.

Rows are numbered from 1. Neither the header nor blank lines of a CSV file count, and a row of it may
span several lines; of JSON lines, the number is the line's.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import DataError
from .strings import encoded, reader

if TYPE_CHECKING:
    import pandas as pd

    Table = Path | pd.DataFrame

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")
_BATCH = 1024
"""Rows of Parquet that are in memory at a time."""
_LOOKED_AT = 100
"""JSON lines whose keys are the columns."""
_LONGEST_CELL = 100_000_000
"""Characters. A longer one is a quote that is not closed, and each takes four bytes on its way."""
_END = "end"
"""Follows the last line of a CSV file: it is a row of its own, unless a quote is open."""
_SHOWN_NAME = 40
_UNREADABLE = (csv.Error, ValueError, OSError, RecursionError, NotImplementedError)


class Record(NamedTuple):
    """One row: its cells, or why it cannot be read."""

    number: int
    cells: tuple[Any, ...] = ()
    reason: str | None = None


def is_table(data: Any) -> bool:
    """A DataFrame, asked without importing pandas."""
    return hasattr(data, "columns") and hasattr(data, "iloc")


def title(data: Table) -> str:
    """What messages call a table."""
    return data.name if isinstance(data, Path) else "the DataFrame"


def header(data: Table) -> list[str]:
    """The names of the columns; of JSON lines, the keys of the first hundred.

    Raises:
        DataError: the file cannot be read as what its name says.
    """
    with _read(data):
        if not isinstance(data, Path):
            return [str(name) for name in data.columns]
        if data.suffix.lower() == ".parquet":
            import pyarrow.parquet as pq

            return list(pq.read_schema(data).names)
        if data.suffix.lower() == ".jsonl":
            seen = (found for _, found in islice(_objects(data), _LOOKED_AT) if isinstance(found, dict))
            keys = list(dict.fromkeys(key for found in seen for key in found))
            if not keys:
                raise ValueError("none of its first lines is a JSON object")
            return keys
        names = next(_csv(data), None)
        if not isinstance(names, list):
            raise ValueError(names or "it is empty")
        return _names(names)


def records(data: Table, columns: Sequence[str]) -> Iterator[Record]:
    """The rows with the cells of these columns, which are in its header; None where a cell is missing.

    Raises:
        DataError: the file cannot be read as what its name says.
    """
    with _read(data):
        if not isinstance(data, Path):
            where = [header(data).index(name) for name in columns]
            yield from _numbered(zip(*(data.iloc[:, index].tolist() for index in where), strict=True))
        elif data.suffix.lower() == ".parquet":
            yield from _numbered(_parquet(data, columns))
        elif data.suffix.lower() == ".jsonl":
            for number, found in _objects(data):
                if isinstance(found, str):
                    yield Record(number, reason=found)
                else:
                    yield Record(number, tuple(found.get(name) for name in columns))
        else:
            yield from _delimited(data, columns)


def shown_names(names: Iterable[str]) -> str:
    """The names of columns as a message lists them; a text that was taken for one is cut."""
    printable = (encoded(name).decode("utf-8", "replace") for name in names)
    return ", ".join(name if len(name) <= _SHOWN_NAME else f"{name[:_SHOWN_NAME]}…" for name in printable)


@contextmanager
def _read(data: Table) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        kind = data.suffix[1:] if isinstance(data, Path) else "table"
        raise DataError(
            f"`{title(data)}` cannot be read as {kind}: {error}",
            "check that it is complete, in UTF-8, has a header and closes its quotes",
        ) from error


def _numbered(rows: Iterable[tuple[Any, ...]]) -> Iterator[Record]:
    return (Record(number, cells) for number, cells in enumerate(rows, start=1))


def _csv(file: Path) -> Iterator[list[str] | str]:
    """The rows that are not blank, and what is wrong with a last one that the file breaks off."""
    csv.field_size_limit(_LONGEST_CELL)
    ended = False

    def end() -> Iterator[str]:
        nonlocal ended
        ended = True
        yield _END

    with reader(file, newline="") as stream:
        rows = csv.reader(chain(stream, end()), delimiter="\t" if file.suffix.lower() == ".tsv" else ",")
        first = 1
        for row in rows:
            if ended:
                if row != [_END]:
                    yield f"a quote is not closed; all is lost from line {first} to {rows.line_num - 1}"
                return
            if row:
                yield row
            first = rows.line_num + 1


def _names(row: list[str]) -> list[str]:
    return [name.strip() for name in row]


def _delimited(file: Path, columns: Sequence[str]) -> Iterator[Record]:
    rows = _csv(file)
    names = header(file)
    next(rows)
    where = [names.index(name) for name in columns]
    for number, row in enumerate(rows, start=1):
        if isinstance(row, str):
            yield Record(number, reason=row)
        elif len(row) == len(names):
            yield Record(number, tuple(row[index] for index in where))
        else:
            yield Record(number, reason=f"{len(row)} cells where the header has {len(names)}")


def _objects(file: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Line numbers, and the objects or what is wrong with their lines."""
    with reader(file, newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, _object(line)


def _object(line: str) -> dict[str, Any] | str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return "not JSON"
    return found if isinstance(found, dict) else "not a JSON object"


def _parquet(file: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def plain(column: Any) -> list[Any]:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            return list(column.to_pylist())
        # One text that is no UTF-8 would be the end of all: it is kept as its bytes and judged later.
        cells = column.cast(pa.large_binary()).to_pylist()
        return [None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in cells]

    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(_BATCH, columns=list(dict.fromkeys(columns))):
            yield from zip(*(plain(batch.column(name)) for name in columns), strict=True)
