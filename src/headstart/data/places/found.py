"""The images of a folder, found by the names that annotations write, whatever stands before them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..listing import NO_FILE, OUTSIDE, entries, files, is_inside, shown, unusable
from .annotated import placed, split_written

_HASH = re.compile(r"[0-9a-f]{8}-")
"""What Label Studio puts before the name of an uploaded file."""

_IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif")
"""What an image may end in that is named without its end."""


class FoundImages:
    """All files of a data folder by their names; none is opened, and nothing outside is named."""

    def __init__(self, root: Path) -> None:
        """Walks the folder once."""
        self.root = root
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for path in files(root):
            self._by_name.setdefault(path.name, []).append(path)
            if path.suffix.lower() in _IMAGES:
                self._by_stem.setdefault(path.stem, []).append(path)

    def find(self, name: str, beside: Path | None = None) -> tuple[Path | None, str]:
        """The image of a name, or None and why it cannot be used.

        Args:
            name: As it is written; folders that are not there are left off.
            beside: The folder of the file that writes it.
        """
        written = name.replace("\\", "/")
        home = "." if beside is None else beside.relative_to(self.root).as_posix()
        for folder in (home, ".", "images"):
            place = placed(folder, written)
            if place is not None and (self.root / place) in self._by_name.get(Path(place).name, []):
                path = self.root / place
                reason = unusable(path, self.root)
                return (None, reason) if reason else (path, "")
        base = written.rpartition("/")[2]
        same = self._by_name.get(base) or self._by_name.get(_HASH.sub("", base, count=1))
        same = same or self._by_stem.get(base) or []
        near = [path for path in same if beside is not None and path.parent == beside] or same
        if len(near) > 1:
            return None, f"{len(near)} files have this name"
        if not near:
            return None, OUTSIDE if placed(home, written) is None else NO_FILE
        reason = unusable(near[0], self.root)
        return (None, reason) if reason else (near[0], "")

    def name(self, path: Path) -> str:
        """What the user is shown."""
        return shown(path, self.root)

    def split(self, path: Path, file: Path | None = None) -> str | None:
        """The split that a folder of an image is called, or the name or a folder of its annotation."""
        parts = [*path.relative_to(self.root).parts[:-1]]
        if file is not None:
            stem = re.split(r"[_.\-\s]+", file.stem)
            parts += [*file.relative_to(self.root).parts[:-1], file.stem, *stem]
        return next((split for part in parts if (split := split_written(part))), None)


def near_top(root: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    """The files of these suffixes at the top of a folder or one folder below, that may be opened."""
    wanted = tuple(suffixes)
    inner = [path for path in entries(root) if path.is_dir() and is_inside(path, root)]
    for folder in (root, *inner):
        for path in entries(folder):
            if path.suffix.lower() in wanted and unusable(path, root) is None:
                yield path
