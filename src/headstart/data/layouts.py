"""Class-labelled layouts: class folders, split folders, a metadata file, or a DataFrame.

cats/1.jpg  dogs/2.jpg                      class folders
train/cats/1.jpg  test/cats/2.jpg           split folders of class folders, and more: class_folders.py
train/metadata.csv  train/1.jpg             split folders, each with its metadata file
metadata.csv|jsonl|parquet                  columns file_name, label, and perhaps split and a group
labels.csv  images/1.jpg                    a table with these columns of another name: beside.py
train-000000.tar  test-000000.tar           archives of examples and their labels: tables/tars.py

And without labels: any folder of files, a heap; folders at its top that are named like splits are splits.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import DataError
from ..types import Finding, Named
from .folders.class_folders import WANTED as _WANTED
from .folders.class_folders import read_class_folders, row_of
from .folders.seen import kinds, links
from .folders.tree import Wanted
from .listing import OUTSIDE, Listing, entries, files, joined, split_of, unusable
from .reading import PLAIN, Reading
from .tables.records import suffix_of
from .tables.rows import is_table, read_table

__all__ = ["Listing", "existing", "existing_folder", "heap", "inside", "is_table", "read", "suffixes"]

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


def read(data: Named, reading: Reading = PLAIN, wanted: Wanted | None = None) -> Listing:
    """The rows of a folder (any layout of this page) or of a DataFrame.

    Args:
        data: A folder or a DataFrame.
        reading: What was asked.
        wanted: Could a file be an example? Folders without one are no classes; all are where it is not given.

    Raises:
        DataError: there is no such layout here, a column is missing, or the folders are probably no classes.
    """
    if is_table(data):
        return read_table(data, reading)
    root = existing_folder(data)
    listing = read_class_folders(root, reading, wanted)
    lost = (item.file for item in listing.dropped if item.reason == OUTSIDE)
    outside = [name for name in lost if (root / name).is_symlink()]
    if not outside:
        return listing
    message = f"{links([root / name for name in outside], root)}; they were left out"
    return replace(listing, findings=(*listing.findings, Finding("links", message, tuple(outside))))


def heap(data: Named, wanted: Callable[[Path], bool]) -> Listing:
    """The wanted files of a folder, however deep, as rows without a label; nothing outside is opened.

    Raises:
        DataError: there is no folder, or nothing in it.
    """
    root = existing_folder(data)
    everything = list(files(root))
    found = [path for path in everything if unusable(path, root) or wanted(path)]
    listing = joined(row_of(path, root, "", split_of(path.relative_to(root).parts[0])) for path in found)
    others = tuple(path.relative_to(root).as_posix() for path in sorted({*everything} - {*found}))
    message = f"{len(others)} files of other kinds were not looked at"
    return replace(
        listing, findings=(*listing.findings, *[Finding("others", message, others)] * bool(others))
    )


def existing(data: Named) -> Path:
    """The path of a file or folder that is there and can be read as it is.

    Raises:
        DataError: there is nothing, or an archive.
    """
    if is_table(data):
        raise DataError("expected a file or folder, but got a table", "give the path of one")
    if not os.fspath(data):
        raise DataError("expected a data folder, but got an empty text", "give the path of one")
    path = (data if isinstance(data, Path) else Path(data)).expanduser()
    if not path.exists():
        raise DataError(f"expected a data folder, but `{path}` does not exist", "check the path")
    if path.is_file() and path.suffix.lower() in _ARCHIVES and suffix_of(path) is None:
        raise DataError(
            f"`{path.name}` is an archive, not a folder",
            "unpack (unzip) it and give the folder; tars of examples are read as they are, in a folder",
        )
    return path


def existing_folder(data: Named) -> Path:
    """The path of a folder that holds something.

    Raises:
        DataError: it is not a folder, or it is empty.
    """
    path = existing(data)
    if not path.is_dir():
        raise DataError(f"expected a folder, but `{path.name}` is a single file", _WANTED)
    try:
        if not entries(path):
            raise DataError(f"the folder `{path}` is empty", _WANTED)
    except PermissionError as error:
        raise DataError(
            f"the folder `{path}` cannot be read: permission denied", "change its rights"
        ) from error
    return path


def inside(folder: Path) -> Iterator[Path]:
    """The files below a folder that may be opened."""
    return (path for path in files(folder) if unusable(path, folder) is None)


def suffixes(path: Path) -> list[str]:
    """The kinds of files that a folder (or file) holds with their counts, commonest first, at most five."""
    return kinds(path)
