"""Tables whose rows are examples: a data frame, a file, or a folder with a table for each split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError
from ..types import Finding, Named
from . import layouts
from .listing import Listing, joined, shown
from .reader import Reader
from .reading import PLAIN, Reading
from .strings import encoded
from .tables.cells import Place, Placed, Told
from .tables.records import TABLES, suffix_of
from .tables.rows import has_columns, is_table, read_rows
from .tables.splits import split_tables, unread_tables

if TYPE_CHECKING:
    from .tables.records import Table


@dataclass(frozen=True)
class Said:
    """How the answers of one table are read."""

    reading: Reading
    told: Told | None = None
    """What cells say; one text each where it is not given."""
    findings: Callable[[], list[Finding]] = list
    """About how they were read."""


def text_row(row: str, cell: str) -> Placed:
    """An example that is itself the cell of a table."""
    return row, encoded(cell), None


@dataclass(frozen=True)
class Tabular:
    """One kind of tables."""

    columns: tuple[str, ...]
    """What we call the column of examples, and that of answers; without the second they have none."""
    wanted: str
    """The hint for data of another kind."""
    says: Callable[[Table, Reading], Said | None] | None = None
    """How answers are read, None where a table has none; where it is not given, a text a cell."""
    place: Place = text_row
    """What a cell of the first column stands for."""

    def claims(self, data: Named, reading: Reading = PLAIN) -> bool:
        """Are these such tables? Reads headers only."""
        if is_table(data):
            return self._said(data, reading) is not None
        path = layouts.existing(data)
        if path.is_file():
            return suffix_of(path) is not None and self._said(path, reading) is not None
        tables = split_tables(path)
        return bool(tables) and all(self._said(file, reading) is not None for file, _ in tables)

    def read(self, data: Named, reading: Reading = PLAIN) -> Listing:
        """The rows of such tables.

        Raises:
            DataError: a folder holds none, a file cannot be read, or a column is missing.
        """
        listing = self.find(data, reading)
        if listing is None:
            root = layouts.existing_folder(layouts.existing(data))
            raise DataError(
                f"expected tables, but `{root}` holds {', '.join(layouts.suffixes(root))}", self.wanted
            )
        return listing

    def find(self, data: Named, reading: Reading = PLAIN) -> Listing | None:
        """The same; None for a folder that holds none."""
        if is_table(data):
            return self._one(data, reading, "")
        path = layouts.existing(data)
        if path.is_file():
            if suffix_of(path) is None:
                raise DataError(f"expected a table ({', '.join(TABLES)}), but got `{path.name}`", self.wanted)
            return self._one(path, reading, f"{path.name} ")
        root = layouts.existing_folder(path)
        tables = split_tables(root)
        return self._several(tables, root, reading) if tables else None

    def reader(self) -> Reader:
        """For a task that has no other data: without labels the first column alone is read."""
        heap = replace(self, columns=self.columns[:1], says=None)
        return Reader(self.columns, (), self.claims, self.read, heap.read)

    def _one(self, table: Table, reading: Reading, prefix: str) -> Listing:
        said = self._said(table, reading) or Said(reading)
        listing = read_rows(table, self.columns, self.place, said.reading, prefix=prefix, told=said.told)
        return replace(listing, findings=(*listing.findings, *said.findings()))

    def _several(self, tables: list[tuple[Path, str | None]], root: Path, reading: Reading) -> Listing:
        said = self._said(tables[0][0], reading) or Said(reading)
        listing = joined(
            read_rows(
                *(path, self.columns, self.place, said.reading, split, f"{shown(path, root)} ", said.told)
            )
            for path, split in tables
        )
        unread = unread_tables(root, [path for path, _ in tables])
        return replace(listing, findings=(*listing.findings, *unread, *said.findings()))

    def _said(self, table: Table, reading: Reading) -> Said | None:
        if self.says is not None:
            return self.says(table, reading)
        return Said(reading) if has_columns(table, self.columns, reading) else None
