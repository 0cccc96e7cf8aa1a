"""Folders of Parquet files that hold pictures themselves, as data sets on a hub do.

data/train-00000-of-00002.parquet  data/test-00000-of-00001.parquet       columns image, label
"""

from __future__ import annotations

from pathlib import Path

from ..listing import Listing, joined, shown
from ..reading import Reading
from .records import suffix_of
from .rows import names_pictures, read_metadata
from .splits import split_tables

Shards = list[tuple[Path, str | None]]


def shards_of(root: Path, reading: Reading) -> Shards:
    """The files and their splits; none where the folder is something else."""
    found = split_tables(root)
    if not all(suffix_of(path) == ".parquet" and names_pictures(path, reading) for path, _ in found):
        return []
    return found


def read_shards(found: Shards, root: Path, reading: Reading) -> Listing:
    """The pictures of these files; each is called by its file and row.

    Raises:
        DataError: a file cannot be read, a column is missing, or a split has an unknown name.
    """
    parts = (read_metadata(path, root, reading, split, f"{shown(path, root)} ") for path, split in found)
    return joined(parts)
