"""Lists of names that say the splits of files: `train.txt`, `val.txt`, `test.txt`, a name a line.

A line is the path of a file, from the data folder or from the folder of the files, or its name, with or
without suffix. What follows a space or a comma may be a label, a mask, or a mark.

Notation: n names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ...types import Dropped, Finding
from ..listing import SPLITS, Listing, joined, shown, split_of, unusable
from ..masks.files import LOSSY, SUFFIXES
from ..strings import encoded, lines
from .seen import few
from .tree import Node

_SHOWN_NAME = 80
_MOST_UNKNOWN = 0.1
"""Where more of the lines of a list name nothing, it is about something else."""


@dataclass(frozen=True)
class Lists:
    """What lists of names say: the split of each file, by its key."""

    split: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    """Lines that name nothing, or something again."""


def list_split(path: Path) -> str | None:
    """The split that a list is of, by its name: `train.txt`, `testing_list.txt`; None where it is no list."""
    return split_of(re.sub(r"[ _.-]*list$", "", path.stem.lower())) if path.suffix.lower() == ".txt" else None


def read_lists(files: Sequence[Path], root: Path, known: Mapping[str, str]) -> Lists:
    """What the lists among some files say; a name in two belongs to test rather than validation or training.

    Args:
        files: Of which those named like splits are lists.
        root: The data folder.
        known: The key of a file by each way to write its name.
    """
    usable = [path for path in files if list_split(path) and not unusable(path, root)]
    names = tuple(path.name for path in usable)
    usable.sort(key=lambda path: -SPLITS.index(list_split(path) or ""))
    home, dropped = dict[str, Path](), list[Dropped]()
    for path in usable:
        for number, line in lines(path):
            if not line.strip():
                continue
            key = _named(line, known)
            if key is None:
                reason = f"there is no image {_printable(line)}"
            elif key in home:
                reason = f"{key} is in {home[key].name} already"
            else:
                home[key] = path
                continue
            dropped.append(Dropped(f"{shown(path, root)} line {number}", reason))
    return Lists({key: list_split(path) or "" for key, path in home.items()}, names, tuple(dropped))


def _named(line: str, known: Mapping[str, str]) -> str | None:
    """The key of the file that a line names."""
    whole = line.strip()
    for written in (whole, whole.split()[0], whole.rsplit(maxsplit=1)[0], re.split("[,;]", whole)[0].strip()):
        name = written.replace("\\", "/").removeprefix("./")
        if name in known:
            return known[name]
        path = PurePosixPath(name)
        if path.suffix.lower() in (*SUFFIXES, *LOSSY) and path.with_suffix("").as_posix() in known:
            return known[path.with_suffix("").as_posix()]
    return None


def _printable(line: str) -> str:
    return encoded(line.strip()[:_SHOWN_NAME]).decode("utf-8", "replace")


def with_lists(listing: Listing, top: Node, node: Node, root: Path) -> Listing:
    """Rows of class folders with the splits of lists beside them, in O(n); a list that is not used is told.

    Args:
        listing: The rows, without splits.
        top: The data folder, or what is read of it.
        node: The folder of the class folders.
        root: The data folder.
    """
    empty = (one for one in (*top.nodes, *node.nodes) if not one.count)
    homes = {one.path: one for one in (top, node, *empty)}
    there = [path for one in homes.values() for path in one.files]
    about = [path for path in there if list_split(path) or _is_about_splits(path)]
    lists = read_lists(there, root, _known(listing, node.path, root))
    used = _split(listing, lists)
    if used is not None:
        return replace(used, layout=f"{listing.layout}, with the splits of {few(lists.files)}")
    if not about:
        return listing
    names = tuple(shown(path, root) for path in about)
    message = f"{few(names)} may say the splits, but was not read: it names other things, or training only"
    return joined([listing, Listing(findings=(Finding("not_read", message, names),))])


def _is_about_splits(path: Path) -> bool:
    return path.suffix.lower() == ".txt" and "split" in path.stem.lower()


def _split(listing: Listing, lists: Lists) -> Listing | None:
    """The rows with their splits; where no list is of training, the rest is for that.

    None where lists say no second split, or name other things.
    """
    splits = set(lists.split.values())
    rest = None if "train" in splits else "train"
    unknown = len(lists.dropped) > _MOST_UNKNOWN * (len(lists.split) + len(lists.dropped))
    if not splits - {"train"} or unknown:
        return None
    rows = [replace(row, split=lists.split.get(row.name, rest)) for row in listing.rows]
    reason = f"in none of {', '.join(lists.files)}"
    dropped = tuple(Dropped(row.name, reason) for row in rows if row.split is None)
    kept = tuple(row for row in rows if row.split is not None)
    return replace(listing, rows=kept, dropped=(*listing.dropped, *lists.dropped, *dropped))


def _known(listing: Listing, home: Path, root: Path) -> dict[str, str]:
    """The name of a row by each way to write it that is of one row only."""
    known = dict[str, str]()
    several = set[str]()
    for row in listing.rows:
        path = root / row.name
        for name in set(_ways(path, home, root)):
            if known.setdefault(name, row.name) != row.name:
                several.add(name)
    return {name: key for name, key in known.items() if name not in several}


def _ways(path: Path, home: Path, root: Path) -> Iterator[str]:
    yield from (path.name, path.stem)
    for start in (home, root):
        yield path.relative_to(start).as_posix()
        yield path.relative_to(start).with_suffix("").as_posix()
