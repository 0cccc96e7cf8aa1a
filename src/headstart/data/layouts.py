"""Class-labelled layouts: class folders, split folders, a metadata file, or a DataFrame.

cats/1.jpg  dogs/2.jpg                      class folders
train/cats/1.jpg  test/cats/2.jpg           split folders of class folders
train/metadata.csv  train/1.jpg             split folders, each with its metadata file
metadata.csv|jsonl|parquet                  columns file_name, label, and perhaps split and a group

And without labels: any folder of files, a heap; folders at its top that are named like splits are splits.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..types import Dropped, Row
from .listing import OUTSIDE, Listing, entries, files, is_inside, joined, shown, split_of, unusable
from .reading import PLAIN, Reading
from .records import suffix_of
from .tables import is_table, read_metadata, read_table

__all__ = ["Listing", "existing", "existing_folder", "heap", "inside", "is_table", "read", "suffixes"]

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_WANTED = "give a folder with one folder of files per class, or with a metadata.csv (file_name,label)"


def read(data: Any, reading: Reading = PLAIN) -> Listing:
    """The rows of a folder (any layout of this page) or of a DataFrame.

    Raises:
        DataError: there is no such layout here, or a column is missing.
    """
    if is_table(data):
        return read_table(data, reading)
    root = existing_folder(data)
    if (metadata := _metadata(root)) is not None:
        return read_metadata(metadata, root, reading)
    splits = _split_folders(root)
    if splits:
        return joined(_read_split(folder, root, split, reading) for folder, split in splits)
    return _class_folders(root, root, None, reading)


def heap(data: Any, wanted: Callable[[Path], bool]) -> Listing:
    """The wanted files of a folder, however deep, as rows without a label; nothing outside is opened.

    Raises:
        DataError: there is no folder, or nothing in it.
    """
    root = existing_folder(data)
    found = [path for path in files(root) if unusable(path, root) or wanted(path)]
    return joined(_file(path, root, "", split_of(path.relative_to(root).parts[0])) for path in found)


def existing(data: Any) -> Path:
    """The path of a file or folder that is there and can be read as it is.

    Raises:
        DataError: there is nothing, or an archive.
    """
    if not os.fspath(data):
        raise DataError("expected a data folder, but got an empty text", "give the path of one")
    path = Path(data).expanduser()
    if not path.exists():
        raise DataError(f"expected a data folder, but `{path}` does not exist", "check the path")
    if path.is_file() and path.suffix.lower() in _ARCHIVES and suffix_of(path) is None:
        raise DataError(f"`{path.name}` is an archive, not a folder", "unpack (unzip) it and give the folder")
    return path


def existing_folder(data: Any) -> Path:
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
    """The kinds of files that a folder (or file) holds, commonest first, at most five."""
    found = inside(path) if path.is_dir() else [path]
    counts = Counter(file.suffix.lower() or "files without a suffix" for file in found)
    return [suffix for suffix, _ in counts.most_common(5)]


def _metadata(folder: Path) -> Path | None:
    found = [folder / name for name in _METADATA if (folder / name).is_file()]
    if len(found) > 1:
        raise DataError(
            f"expected one metadata file, found {', '.join(path.name for path in found)}",
            "remove all but one",
        )
    return found[0] if found else None


def _split_folders(root: Path) -> list[tuple[Path, str]]:
    """Folders named like a split that hold class folders or metadata; a class may be called `test`."""
    named = [(path, split_of(path.name)) for path in _folders(root)]
    splits = [(path, split) for path, split in named if split is not None]
    return splits if any(_metadata(path) or _folders(path) for path, _ in splits) else []


def _read_split(folder: Path, root: Path, split: str, reading: Reading) -> Listing:
    metadata = _metadata(folder)
    if metadata is not None:
        return read_metadata(metadata, root, reading, split)
    return _class_folders(folder, root, split, reading)


def _class_folders(folder: Path, root: Path, split: str | None, reading: Reading) -> Listing:
    if reading.group is not None:
        raise DataError(
            f"there is no column `{reading.group}`: the classes of `{folder.name}` are folders",
            f"leave the group out, or add a metadata.csv with the columns file_name, label, {reading.group}",
        )
    if split is None and not _folders(folder) and not any(map(Path.is_symlink, entries(folder))):
        raise DataError(f"`{folder}` has no class folders, only files", _WANTED)
    return joined(_entry(path, root, split) for path in entries(folder))


def _entry(path: Path, root: Path, split: str | None) -> Listing:
    """One thing beside the class folders: usually a class folder."""
    if not is_inside(path, root):
        return Listing(dropped=(Dropped(shown(path, root), OUTSIDE),))
    if path.is_dir() and not path.is_symlink():
        return joined(_file(found, root, path.name, split) for found in files(path))
    # A licence or a read-me beside the class folders is no example, so it is not counted as a lost one.
    return Listing()


def _file(path: Path, root: Path, label: str, split: str | None) -> Listing:
    name = shown(path, root)
    if reason := unusable(path, root):
        return Listing(dropped=(Dropped(name, reason),), lost=(label,) if label else ())
    return Listing(rows=(Row(name, path, label, split),))


def _folders(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if path.is_dir() and not path.is_symlink()]
