"""Pictures that tables name, with an answer of any kind for each.

metadata.csv  a.jpg  b.jpg                  columns file_name and that of the answer
train/metadata.csv  train/a.jpg             the same in each of the split folders
values.csv  images/a.jpg                    one table beside the pictures, or one for each split
a table alone, or a DataFrame               whose file names are relative to it, or to the current folder
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..types import Finding, Named
from . import layouts
from .images.decode import looks_like_image
from .listing import Listing, entries, joined, shown, split_of, with_unnamed
from .reading import PLAIN, Reading
from .tables.metadata import metadata_of
from .tables.named_files import NamedFiles
from .tables.records import stem_of, suffix_of
from .tables.rows import is_table, names_pictures, placing, read_rows
from .tables.splits import split_tables, unread_tables
from .tabular import Said

if TYPE_CHECKING:
    from .tables.records import Table

FILES = "file_name"


@dataclass(frozen=True)
class PictureTables:
    """One kind of answers in tables of pictures."""

    answer: str
    """What we call the column of answers."""
    says: Callable[[Table, Reading], Said | None]
    """How a table's answers are read; None where it has none of this kind. Reads headers and a few rows."""
    example: str
    """Such a table in a few words, for hints."""

    def claims(self, data: Named, reading: Reading = PLAIN) -> int:
        """2 where every table of the data says it; 1 where a column could be a class too."""
        tables = _tables(data)
        if not tables or not all(self._fits(table, reading) for table, _ in tables):
            return 0
        return 1 if names_pictures(tables[0][0], reading) else 2

    def read(self, data: Named, reading: Reading = PLAIN) -> Listing:
        """The rows of all tables.

        Raises:
            DataError: there is no table of this kind, or one cannot be read.
        """
        tables = _tables(data)
        if not tables:
            raise DataError(
                f"expected a table that names pictures, `{data}` has none", f"give {self.example}"
            )
        # one way for all: what are labels in the training table are labels in every other one too
        first = next((table for table, split in tables if split == "train"), tables[0][0])
        said = self.says(first, reading) or Said(reading)
        listing = joined(self._rows(table, split, data, said) for table, split in tables)
        if not is_table(data) and layouts.existing(data).is_dir():
            listing = with_unnamed(listing, layouts.existing(data), looks_like_image)
        return replace(
            listing,
            findings=(*listing.findings, *said.findings(), *_beside(data, tables)),
        )

    def _fits(self, table: Table, reading: Reading) -> bool:
        return self.says(table, reading) is not None and names_pictures(table, reading, (FILES,))

    def _rows(self, table: Table, split: str | None, data: Any, said: Said) -> Listing:
        names = (FILES, self.answer)
        if not isinstance(table, Path):
            return read_rows(table, names, placing(table), said.reading, told=said.told)
        root = layouts.existing(data)
        files = NamedFiles(table.parent, root if root.is_dir() else table.parent, stem_of(table))
        prefix = f"{shown(table, root)} " if root.is_dir() else ""
        listing = read_rows(table, names, files.place, said.reading, split, prefix, said.told)
        return replace(listing, findings=(*listing.findings, *files.findings()))


def _tables(data: Any) -> list[tuple[Table, str | None]]:
    """The tables of the data, and the split that each is of where its place says it; none of another file."""
    if is_table(data):
        return [(data, None)]
    path = layouts.existing(data)
    if path.is_file():
        return [(path, None)] if suffix_of(path) else []
    folders = [(one, split_of(one.name)) for one in entries(path) if one.is_dir()]
    inside = [(metadata_of(one), split) for one, split in folders if split is not None]
    named = [(table, split) for table, split in inside if table is not None]
    if named:
        return [*named]
    own = metadata_of(path)
    return [(own, None)] if own is not None else [*split_tables(path)]


def _beside(data: Any, tables: list[tuple[Table, str | None]]) -> list[Finding]:
    """That other tables lie beside those that are read."""
    if is_table(data) or layouts.existing(data).is_file():
        return []
    return unread_tables(layouts.existing(data), [table for table, _ in tables if isinstance(table, Path)])
