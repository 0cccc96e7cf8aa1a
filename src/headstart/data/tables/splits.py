"""Tables at the top of a folder that are its splits, or parts of them, as data sets on a hub have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...types import Finding
from ..listing import entries, shown, split_of, unusable
from .records import SUFFIXES, stem_of, suffix_of

ABOUT = ("readme", "license", "licence", "labels", "classes", "source")
"""Names of files that are about the data."""
_LOCK = "~$"
"""How Excel calls what it leaves beside a file that is open."""
_SHOWN = 3
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


def unread_tables(root: Path, read: Sequence[Path]) -> list[Finding]:
    """That other tables lie beside those that are read; what is about the data is none."""
    beside = {path.parent for path in read} or {root}
    rest = [path for folder in beside for path in entries(folder) if path not in read and _is_table(path)]
    names = tuple(shown(path, root) for path in rest if not unusable(path, root))
    if not names:
        return []
    some = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    what = "1 other table was" if len(names) == 1 else f"{len(names)} other tables were"
    return [Finding("not_read", f"{what} not read: {some}", names)]


def _is_table(path: Path) -> bool:
    """Is it a table, and by its name not one about the data? JSON is where it is called like a split."""
    if path.stem.lower().startswith(ABOUT) or path.stem.startswith(_LOCK):
        return False
    suffix = suffix_of(path)
    return suffix in (*SUFFIXES, ".xlsx") or (suffix is not None and _split_of_table(path) is not None)


def _deeper(root: Path) -> list[tuple[Path, str | None]]:
    """Tables named like splits in the only folder, as data sets on a hub have them."""
    folders = [path for path in entries(root) if path.is_dir() and not path.is_symlink()]
    if len(folders) != 1 or split_of(folders[0].name):
        return []
    return [(path, split) for path, split in split_tables(folders[0]) if split is not None]


def _split_of_table(path: Path) -> str | None:
    """The split that the name of a table tells, be it one part of several: `train-00000-of-00002`."""
    return split_of(_PART.sub("", stem_of(path)))
