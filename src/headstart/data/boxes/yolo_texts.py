"""Which text file of YOLO an image has: that of its name in any case; and which other may be meant.

images/1.jpg  labels/1.txt  labels/1.TXT  labels/1.jpg.txt

Notation: n images.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ...types import Dropped
from ..listing import entries, files, is_inside, shown

IMAGES, LABELS = "images", "labels"
"""Folders, in any case."""
SUFFIX = ".txt"
_NO_LABELS = ("classes.txt", "readme.txt", "notes.txt", "requirements.txt", "labels.txt")

_Name = tuple[str, ...]


def is_text(path: Path) -> bool:
    """Is it called as text files are, in any case?"""
    return path.suffix.lower() == SUFFIX


def usual(root: Path, image: str) -> PurePosixPath:
    """The place of the text file of an image, as the format has it."""
    path = PurePosixPath(image).with_suffix(SUFFIX)
    parts = list(path.parts)
    places = [place for place, part in enumerate(parts[:-1]) if part.lower() == IMAGES]
    if places:
        home = "/".join(parts[: places[-1]])
        parts[places[-1]] = next(iter(called(root, home, LABELS)), LABELS)
    return PurePosixPath(*parts)


def called(root: Path, place: str, name: str) -> list[str]:
    """The folders of that name in another folder, as they are written there."""
    if not is_inside(root / place, root):
        return []
    if (root / place / name).is_dir():
        return [name]
    return [one for one in subfolders(root, place) if one.lower() == name]


def subfolders(root: Path, place: str) -> list[str]:
    """The names of the folders in another one."""
    folder = root / place
    if not folder.is_dir() or not is_inside(folder, root):
        return []
    return [path.name for path in entries(folder) if path.is_dir() and not path.is_symlink()]


def below(root: Path, place: str) -> Iterator[Path]:
    """The files of a folder, however deep; none where there is no such folder."""
    folder = root / place
    return files(folder) if is_inside(folder, root) and folder.is_dir() else iter(())


class Texts:
    """The text files of some images, in O(n) where their folders are listed once."""

    def __init__(self, root: Path, images: Iterable[str]) -> None:
        """Opens nothing."""
        self.root = root
        self._usual = {image: usual(root, image) for image in images}
        self._taken = {root / place for place in self._usual.values() if os.path.lexists(root / place)}
        self._listed: dict[Path, dict[str, list[Path]]] = {}
        self._of = {image: self._found(image) for image in self._usual}
        used = set(self._of.values())
        self._alone = sorted(path for path in self._texts() if path not in used)
        self._whole, self._runs = dict[tuple[Path, _Name], Path](), dict[tuple[Path, _Name], Path]()
        for path in self._alone:
            self._whole.setdefault((path.parent, _name(path.stem)), path)
            for run in _runs(_name(path.stem)):
                self._runs.setdefault((path.parent, run), path)

    def of(self, image: str) -> Path:
        """The text file of an image, or where it would be."""
        return self._of[image]

    def other(self, image: str) -> Path | None:
        """A text file without an image that may be meant: its name is in that of the image, or this in it."""
        folder, own = self._of[image].parent, _name(PurePosixPath(image).stem)
        if (path := self._runs.get((folder, own))) is not None:
            return path
        return next((self._whole[folder, run] for run in _runs(own) if (folder, run) in self._whole), None)

    def alone(self) -> list[Dropped]:
        """Text files in the folders for them that no image goes with."""
        names = {path: shown(path, self.root) for path in self._alone}
        placed = [name for name in names.values() if LABELS in name.lower().split("/")[:-1]]
        return [Dropped(name, "there is no image for it") for name in placed]

    def _texts(self) -> set[Path]:
        folders = {place.parent.as_posix() for place in self._usual.values()}
        found = (path for folder in folders for path in below(self.root, folder))
        return {path for path in found if is_text(path) and path.name.lower() not in _NO_LABELS}

    def _found(self, image: str) -> Path:
        first = self.root / self._usual[image]
        beside = (self.root / image).with_suffix(SUFFIX)
        for path in (first, beside):
            if os.path.lexists(path) and (path == first or path.is_file()):
                return path
        for home in (first.parent, beside.parent):
            for name in (first.name, PurePosixPath(image).name + SUFFIX):
                several = [path for path in self._called(home, name) if path not in self._taken]
                if len(several) == 1:
                    return several[0]
        return first

    def _called(self, folder: Path, name: str) -> list[Path]:
        """The text files of a name in any case."""
        if folder not in self._listed:
            inside = entries(folder) if is_inside(folder, self.root) and folder.is_dir() else []
            by_name = self._listed.setdefault(folder, {})
            for path in inside:
                if is_text(path):
                    by_name.setdefault(path.name.lower(), []).append(path)
        return self._listed[folder].get(name.lower(), [])


def _name(stem: str) -> _Name:
    """Words and numbers, as they are compared: `IMG_007` is `img`, `7`."""
    return tuple(one.lstrip("0") or "0" for one in re.findall(r"[^\W\d_]+|[0-9]+", stem.lower()))


def _runs(name: _Name) -> Iterator[_Name]:
    """All words and numbers that follow each other in a name."""
    for start in range(len(name)):
        for end in range(start + 1, len(name) + 1):
            yield name[start:end]
