"""What a layout yields: rows and the files it left out; and how a data folder is walked safely.

Nothing is opened here, and nothing outside the data folder is ever looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..types import Dropped, Finding, Row
from .links import Followed

OUTSIDE = "leads outside the data folder"
NO_FILE = "no such file"
SPLITS = ("train", "validation", "test")
SHOWN = {"train": "training", "validation": "validation", "test": "test"}
"""How a message names a split."""
_OTHER_NAMES = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("validation", "val", "valid", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
_THINGS = (
    "(?:data|dataset|set|split|images?|imgs?|pictures?|photos?|texts?|files?|samples?|examples?|manifest)"
)
_SPLIT_NAME = re.compile(rf"(?:{_THINGS}[ _.-]*)?({'|'.join(_OTHER_NAMES)})[ _.-]*{_THINGS}?[ _.-]*[0-9]*")
"""`train`, `Training_set`, `val-images`, `images_test`, `test1`, `train2017`; but not `trains` or `tests`."""
_SYSTEM = ("Thumbs.db", "desktop.ini", "__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information")


@dataclass(frozen=True)
class Listing:
    """The rows of a data set, and what was left out before anything was opened."""

    rows: tuple[Row, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What was odd but could be put right."""
    layout: str = ""
    """What was recognised, in a few words; empty where the task says it all."""
    lost: tuple[str, ...] = ()
    """Answers of what was left out, one for each time: a class may be gone with them."""


def joined(listings: Iterable[Listing]) -> Listing:
    """Several listings as one."""
    parts = list(listings)
    return Listing(
        tuple(row for part in parts for row in part.rows),
        tuple(item for part in parts for item in part.dropped),
        _once(finding for part in parts for finding in part.findings),
        layout=next((part.layout for part in parts if part.layout), ""),
        lost=tuple(label for part in parts for label in part.lost),
    )


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that say the same as one, with the items of all."""
    items: dict[tuple[str, str], tuple[str, ...]] = {}
    for finding in findings:
        key = finding.kind, finding.message
        items[key] = (*items.get(key, ()), *finding.items)
    return tuple(Finding(kind, message, found) for (kind, message), found in items.items())


def split_of(name: str) -> str | None:
    """`train`, `validation` or `test` for any name that means it, in any case; else None."""
    match = _SPLIT_NAME.fullmatch(name.strip().lower())
    return _OTHER_NAMES[match[1]] if match else None


def shown(path: Path, root: Path) -> str:
    """The path relative to the root, with forward slashes; printable whatever its bytes are."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "replace")


def is_hidden(path: Path) -> bool:
    """Left by the operating system, not by the user."""
    return path.name.startswith(".") or path.name in _SYSTEM


def is_inside(path: Path, root: Path) -> bool:
    """Does the path, with every link followed, end inside the root? Opens nothing.

    Everything is inside of a root whose links may be followed, but for what `..` leads to.
    """
    if isinstance(root, Followed):
        try:
            return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(root))
        except ValueError:
            return False
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a ring of links, or a name that no file can have
        return False


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, sorted, without hidden things."""
    return sorted(path for path in folder.iterdir() if not is_hidden(path))


def within(root: Path, recognised: Callable[[Path], bool]) -> Path:
    """The folder that is recognised: the root, or the only folder in it and so on; else the root."""
    folder = root
    while not recognised(folder):
        folders = [path for path in entries(folder) if path.is_dir() and not path.is_symlink()]
        if len(folders) != 1:
            return root
        folder = folders[0]
    return folder


def files(folder: Path) -> Iterator[Path]:
    """Everything below a folder that is not itself a folder, sorted.

    A link to a folder is yielded, not followed: it could lead outside, or round in a ring; but `links.py`.
    """
    for path in entries(folder):
        if path.is_dir() and not path.is_symlink():
            yield from files(path)
        else:
            yield path


def with_unnamed(listing: Listing, root: Path, wanted: Callable[[Path], bool]) -> Listing:
    """Also what is wanted below a folder, and no row of a table names: left out, each."""
    known = {row.source for row in listing.rows if isinstance(row.source, Path)}
    told = {one.file for one in listing.dropped}
    others = (path for path in files(root) if path not in known and not unusable(path, root) and wanted(path))
    names = (shown(path, root) for path in others)
    dropped = tuple(Dropped(name, "no row of a table names it") for name in names if name not in told)
    return replace(listing, dropped=(*listing.dropped, *dropped))


def unusable(path: Path, root: Path) -> str | None:
    """Why a path in the data folder must not be opened, or None when it may be."""
    try:
        if not is_inside(path, root):
            return OUTSIDE
        if path.is_file():
            return None
        return "not a file" if path.exists() else NO_FILE
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
