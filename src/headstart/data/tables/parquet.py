"""The rows of a Parquet file, a batch at a time; pictures and recordings in it are left where they lie.

`datasets` keeps such a file as {"bytes", "path"} in a cell. Its bytes are compressed with those of the rows
around it, so that they are read again a group of rows at a time, and the latest groups are kept. A set that
is small is read once so; of a large one whoever goes through the rows in their order reads each group once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .arrow import cells_of, names_of_schema, said
from .members import Member
from .ranges import KEPT

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1024
"""Rows that are in memory at a time."""
KEPT_BYTES = 512_000_000
"""Of the latest groups of rows."""
_CHANGED = "its table was changed"


class Cell(Member):
    """A file in a cell of a table: `data/train-0.parquet/17`, though no such path is on the disk.

    It begins at a row of a group of rows, not at a byte.
    """

    __slots__ = ("column", "part")
    column: str
    part: int
    """Which group."""

    @classmethod
    def of(cls, table: Path, number: int, column: str, place: tuple[int, int], size: int) -> Cell:
        """The file of so many bytes in row `number` from 0, whose place is a group and a row in that."""
        cell = cls(table, str(number))
        cell.archive, cell.column, (cell.part, cell.start), cell.size = table, column, place, size
        return cell

    def __reduce__(self) -> tuple[Any, ...]:
        return Cell.of, (self.archive, int(self.name), self.column, (self.part, self.start), self.size)

    def open(self, mode: str = "rb", *args: Any, **kwargs: Any) -> IO[bytes]:  # type: ignore[override]
        """Its bytes.

        Raises:
            OSError: the table cannot be read, or was changed.
        """
        facts = self.archive.stat()
        files = _latest.files(self.archive, (facts.st_mtime_ns, facts.st_size), self.part, self.column)
        content = files[self.start].as_py() if self.start < len(files) else None
        if content is None or len(content) != self.size:
            raise OSError(None, _CHANGED)
        return BytesIO(content)


def rows(table: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The cells of these columns, row by row; names of classes in the place of their numbers.

    Raises:
        OSError, pyarrow.ArrowException: the file cannot be read.
    """
    import pyarrow.parquet as pq

    wanted = list(dict.fromkeys(columns))
    with pq.ParquetFile(table) as parquet:
        names, number = names_of_schema(parquet.schema_arrow.metadata), 0
        for group in range(parquet.num_row_groups):
            row = 0
            for batch in parquet.iter_batches(BATCH, row_groups=[group], columns=wanted):
                found = {
                    name: _left(batch.column(name), table, name, number, (group, row))
                    or _plain(batch.column(name), names.get(name))
                    for name in wanted
                }
                yield from zip(*(found[name] for name in columns), strict=True)
                number, row = number + len(batch), row + len(batch)


def _plain(column: pa.Array, names: Sequence[str] | None) -> list[Any]:
    cells = cells_of(column)
    return cells if names is None else [said(cell, names) for cell in cells]


def _left(
    column: pa.Array, table: Path, name: str, number: int, place: tuple[int, int]
) -> list[dict[str, object]] | None:
    """Files as they lie in the table, from row `number` on, at a place; None where these are none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_struct(column.type) or {field.name for field in column.type} != KEPT:
        return None
    contents = pc.struct_field(column, "bytes")
    if not (pa.types.is_binary(contents.type) or pa.types.is_large_binary(contents.type)):
        return None
    sizes = pc.binary_length(contents).to_pylist()
    paths = pc.struct_field(column, "path").to_pylist()
    group, row = place
    return [
        {"bytes": Cell.of(table, number + at, name, (group, row + at), size) if size else None, "path": path}
        for at, (size, path) in enumerate(zip(sizes, paths, strict=True))
    ]


class _Latest:
    """The groups of rows that were asked for last. Threads may ask at once."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[object, ...], pa.ChunkedArray] = OrderedDict()
        self._lock = threading.Lock()

    def files(self, table: Path, stamp: tuple[int, int], group: int, column: str) -> pa.ChunkedArray:
        """The files in a column of a group; `stamp` changes with the table."""
        key = (table, stamp, group, column)
        with self._lock:
            if key not in self._held:
                self._held[key] = _files(table, group, column)
                while len(self._held) > 1 and sum(one.nbytes for one in self._held.values()) > KEPT_BYTES:
                    self._held.popitem(last=False)
            self._held.move_to_end(key)
            return self._held[key]


_latest = _Latest()


def _files(table: Path, group: int, column: str) -> pa.ChunkedArray:
    """The bytes of the files in a column of a group of rows."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(table) as parquet:
            return pc.struct_field(parquet.read_row_group(group, columns=[column]).column(column), "bytes")
    except (pa.ArrowException, IndexError, KeyError) as error:
        raise OSError(None, _CHANGED) from error
