"""The files that the cells of a table name, also where a name is not quite the file's path.

A path is relative to the table's folder. Where nothing is there, a file of that name anywhere below is
meant, if there is only one: with backslashes, in another Unicode form, in a folder that the cell does not
name, or with an ending that it does not have. Nothing outside of the folder is looked at.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from ...types import Finding
from ..listing import NO_FILE, OUTSIDE, files, shown, unusable
from ..strings import encoded
from .cells import Placed
from .records import suffix_of

_MOST = 500_000
"""Files of a folder that are looked through."""
_SHOWN = 3


class NamedFiles:
    """The files below a table's folder; `root` is that of the data set, which nothing leaves."""

    def __init__(self, folder: Path, root: Path, home: str = "") -> None:
        """Looks at nothing yet; of several files that a name may mean it is that in the folder `home`."""
        self._folder, self._root, self._home = folder, root, home
        self._found = list[str]()

    def place(self, row: str, file_name: str) -> Placed:
        """What a cell names: the name to show, the path, and a reason not to open it."""
        written = path_of(file_name)
        path = self._folder / written
        plain = not written.is_absolute() and ".." not in written.parts
        reason = unusable(path, self._root)
        moved = written.is_absolute() and reason == OUTSIDE  # a path of another machine
        if (plain and reason == NO_FILE) or moved:
            others = self._alike(file_name)
            if len(others) == 1:
                self._found.append(f"{file_name} as {shown(others[0], self._root)}")
                return shown(others[0], self._root), others[0], unusable(others[0], self._root)
            if others and not moved:
                reason = f"there are {len(others)} files of that name, as {shown(others[0], self._root)}"
        return shown(path, self._root) if plain else written.as_posix(), path, reason

    def findings(self) -> list[Finding]:
        """What was found under another path than a cell names."""
        if not self._found:
            return []
        some = ", ".join(self._found[:_SHOWN])
        message = f"{len(self._found)} files are not quite where the table names them, and were found: {some}"
        return [Finding("found_files", message, tuple(self._found))]

    def _alike(self, file_name: str) -> list[Path]:
        written = _plain(path_of(file_name.strip().replace("\\", "/")).as_posix())
        name = PurePosixPath(written).name
        by_name = self._index.get(name) or self._index.get(f"{name}.*", [])
        if len(by_name) < 2:
            return by_name
        stem = written if self._index.get(name) else f"{written}."
        exact = [path for path in by_name if self._fits(path, stem)] or by_name
        near = [path for path in exact if path.relative_to(self._folder).parts[0] == self._home]
        return near or exact

    def _fits(self, path: Path, written: str) -> bool:
        """Does a path end as it is written?"""
        there = "/" + _plain(path.relative_to(self._folder).as_posix())
        if written.endswith("."):
            return there.rpartition(".")[0].endswith("/" + written[:-1])
        return there.endswith("/" + written)

    @cached_property
    def _index(self) -> dict[str, list[Path]]:
        """Files by their names, and by their names without an ending as `name.*`."""
        found: dict[str, list[Path]] = defaultdict(list)
        for path in islice(files(self._folder), _MOST):
            if suffix_of(path) is None:
                found[_plain(path.name)].append(path)
                found[f"{_plain(path.stem)}.*"].append(path)
        return dict(found)


def path_of(file_name: str) -> Path:
    """Half a surrogate pair, which no file name holds, becomes bytes that a file system can be asked for."""
    return Path(encoded(file_name).decode("utf-8", "surrogateescape"))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
