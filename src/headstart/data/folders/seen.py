"""What a folder holds, in a few words, for errors: folders with counts, tables with columns, kinds, links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import DataError
from ..links import FOLLOW_LINKS
from ..listing import entries, files, is_inside, shown, unusable
from ..tables.records import SUFFIXES, header, shown_names

_FEW = 6


def few(texts: Iterable[str], most: int = _FEW) -> str:
    """The first texts, and how many more there are."""
    several = list(texts)
    more = f" and {len(several) - most} more" if len(several) > most else ""
    return f"{', '.join(several[:most])}{more}"


def kinds(path: Path) -> list[str]:
    """The kinds of files that a folder (or file) holds with their counts, commonest first, at most five.

    Links that lead outside are the last of them; what they lead to is not looked at.
    """
    if not path.is_dir():
        return [_kind(path)]
    every = list(files(path))
    outside = [one for one in every if not is_inside(one, path)]
    counts = Counter(_kind(one) for one in every if unusable(one, path) is None)
    found = [f"{suffix} ({count})" for suffix, count in counts.most_common(5)]
    return [*found, links(outside, path)] if outside else found


def links(outside: Sequence[Path], root: Path) -> str:
    """How many links lead out of a folder, where to, and how they are followed."""
    first = outside[0]
    try:
        target = f", such as {shown(first, root)} -> {first.readlink()}"
    except OSError:
        target = ""
    what = "link that leads" if len(outside) == 1 else "links that lead"
    return f"{len(outside)} {what} outside it{target} (--set {FOLLOW_LINKS.name}=yes follows them)"


def seen(folder: Path) -> str:
    """The kinds of files, the folders at the top with counts of files, and the tables with their columns."""
    inside = entries(folder)
    tops = [path for path in inside if path.is_dir() and not path.is_symlink()]
    tables = [path for path in inside if path.suffix.lower() in SUFFIXES and not unusable(path, folder)]
    parts = [", ".join(kinds(folder)) or "no files"]
    parts += [f"folders {few(map(_folder, tops))}"] if tops else []
    parts += [f"{'tables' if len(tables) > 1 else 'table'} {few(map(_table, tables))}"] if tables else []
    return "; ".join(parts)


def _kind(path: Path) -> str:
    return path.suffix.lower() or "files without a suffix"


def _folder(path: Path) -> str:
    every = list(files(path))
    deep = sum(one.is_dir() and not one.is_symlink() for one in entries(path))
    within = f" in {deep} folder{'s' * (deep > 1)}" if deep else ""
    return f"{path.name} ({len(every)} file{'s' * (len(every) != 1)}{within})"


def _table(path: Path) -> str:
    try:
        return f"{path.name} ({few(shown_names([name]) for name in header(path))})"
    except DataError:
        return path.name
