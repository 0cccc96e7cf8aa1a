"""Answers as pictures in a folder: what `predict --draw` writes.

    photo.png         the picture with what was found
    photo.mask.png    where there is a mask: an indexed picture, value i of which is line i of classes.txt
    classes.txt       number and name of each class

The folder has to be new or empty: nothing that is there is ever overwritten.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from PIL import Image

from ...data.asked import Input
from ...errors import RunError, SettingsError
from ...runtime import write_atomically
from ...tasks.base import Task

CLASSES = "classes.txt"
_LONGEST = 180
"""Bytes of a name, which file systems limit to 255 with its ending."""
_FRAME = re.compile(r"(.+) frame (\d+)")


class Drawings:
    """A folder that pictures of answers are written to, one after another."""

    def __init__(self, folder: Path, task: Task, name: str, labels: Sequence[str]) -> None:
        """Makes the folder and writes `classes.txt`: what cannot be written is said before any work.

        Args:
            folder: new or empty.
            task: the plug-in.
            name: of the task.
            labels: that its answers are made of.

        Raises:
            SettingsError: the task's answers cannot be drawn.
            RunError: the folder holds something, or cannot be written to.
        """
        if not task.answer.drawable:
            raise SettingsError(
                f"the answers of a bundle for {name} cannot be drawn: they are no places in a picture",
                "leave out --draw",
            )
        self.folder, self.task, self.labels = folder, task, tuple(labels)
        self._names: set[str] = {CLASSES}
        self._make()
        lines = (f"{number} {' '.join(label.split())}\n" for number, label in enumerate(self.labels))
        self._write(CLASSES, "".join(lines).encode())

    def add(self, one: Input, decoded: dict[str, object]) -> dict[str, object]:
        """Draw an answer; the same answer with the paths of the pictures in it.

        Raises:
            RunError: a picture cannot be written.
        """
        drawn = self.task.answer.draw(self.task.modality, one.source, decoded, self.labels)
        names = self._free(_stem(one), [_ending(part) for part in drawn])
        for name, image in zip(names, drawn.values(), strict=True):
            self._write(name, _png(image))
        paths = {part: (self.folder / name).as_posix() for part, name in zip(drawn, names, strict=True)}
        return {**decoded, **paths}

    def _make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            taken = next(self.folder.iterdir(), None)
        except OSError as error:
            raise _refused(self.folder, error) from error
        if taken is not None:
            raise RunError(
                f"{self.folder} is not empty: it holds {taken.name}", "name a new folder: --draw FOLDER"
            )

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        try:
            write_atomically(path, content)
        except OSError as error:
            raise _refused(path, error) from error

    def _free(self, stem: str, endings: Sequence[str]) -> list[str]:
        """Names of the files of one input, which no other input has; equal ones are numbered."""
        number, names = 1, [f"{stem}{end}" for end in endings]
        while not self._names.isdisjoint(names):
            number += 1
            names = [f"{stem}-{number}{end}" for end in endings]
        self._names.update(names)
        return names


def _stem(one: Input) -> str:
    """What files of an input are called: the input's own name without its ending."""
    last = PurePosixPath(one.name).name
    frame = _FRAME.fullmatch(last) if isinstance(one.source, bytes) else None
    stem = f"{PurePosixPath(frame[1]).stem}-{int(frame[2]):06d}" if frame else PurePosixPath(last).stem
    while len(os.fsencode(stem)) > _LONGEST:
        stem = stem[:-1]
    return stem.lstrip(".") or "picture"


def _ending(part: str) -> str:
    return ".png" if part == "picture" else f".{part}.png"


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def _refused(path: Path, error: OSError) -> RunError:
    return RunError(
        f"{path} cannot be written: {error.strerror or error}",
        "give --draw a new folder on a disk with space that you may write to",
    )
