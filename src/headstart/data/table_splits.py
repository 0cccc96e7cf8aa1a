"""Tables at the top of a folder that are its splits, or parts of them, as data sets on a hub have them."""

from __future__ import annotations

import re
from pathlib import Path

from .listing import entries, split_of, unusable
from .records import SUFFIXES, stem_of, suffix_of

_PART = re.compile(r"[-_.]\d{4,5}[-_]of[-_]\d{4,5}([-_.][0-9a-f]{8,})?$")
"""How the names of the parts of one table end."""


def split_tables(root: Path) -> list[tuple[Path, str | None]]:
    """Tables at the top of a folder and their splits: those named like splits, or the only one there is."""
    every = [path for path in entries(root) if suffix_of(path) and not unusable(path, root)]
    sure = [path for path in every if suffix_of(path) in SUFFIXES]
    for found in (sure, every):  # JSON and workbooks may be about the data
        named = [(path, _split_of_table(path)) for path in found]
        splits = [(path, split) for path, split in named if split is not None]
        if splits:
            return list(splits)
    if not every:
        return _deeper(root)
    if len(sure) != 1 or stem_of(sure[0]).lower() == "metadata":
        return []
    return [(sure[0], None)]


def _deeper(root: Path) -> list[tuple[Path, str | None]]:
    """Tables named like splits in the only folder, as data sets on a hub have them."""
    folders = [path for path in entries(root) if path.is_dir() and not path.is_symlink()]
    if len(folders) != 1 or split_of(folders[0].name):
        return []
    return [(path, split) for path, split in split_tables(folders[0]) if split is not None]


def _split_of_table(path: Path) -> str | None:
    """The split that the name of a table tells, be it one part of several: `train-00000-of-00002`."""
    return split_of(_PART.sub("", stem_of(path)))
