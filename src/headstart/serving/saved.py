"""How corrections lie on the disk: in layouts that `headstart run` reads.

corrections/train.csv         texts: the text itself, and what is right of it
corrections/metadata.csv      files: the name of one beside it, and what is right of it
corrections/metadata.jsonl    pictures with things in them: the same, a line of JSON for each
corrections/classes.txt       pictures with masks: the class of each value
corrections/3f9a….png         named by its content
corrections/3f9a…_mask.png    its mask: value i is the i-th class, 255 is unknown
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from ..data.answers import masks
from ..data.images.decode import size_of
from ..errors import DataError
from ..runtime import write_atomically
from ..tasks.base import Task

TEXTS, FILES, OBJECTS, CLASSES = "train.csv", "metadata.csv", "metadata.jsonl", "classes.txt"
MASK = "_mask"


class Layout:
    """Where corrections are, by what an example is called: each an answer's cell."""

    file: str
    """It is there with the first of them."""
    called: str
    """What this file is."""

    def require(self, cell: str, content: bytes) -> None:
        """Raise DataError where a cell cannot be right of an example."""

    def read(self, folder: Path) -> dict[str, str]:
        """What was saved before.

        Raises:
            OSError, ValueError, KeyError, TypeError: the file is another one.
        """
        raise NotImplementedError

    def write(self, folder: Path, rows: Mapping[str, str], called: str) -> None:
        """Save all rows, of which `called` is new."""
        raise NotImplementedError


def layout_of(task: Task, labels: Sequence[str]) -> Layout:
    """The one of a task, for a model of these labels."""
    if task.answer.correction == "mask":
        return Masks(labels)
    columns = task.reader.columns[:2]
    if not columns:
        return Lines()
    return Table(TEXTS if task.modality.sent.texts else FILES, columns)


class Table(Layout):
    """A row for each."""

    def __init__(self, file: str, columns: Sequence[str]) -> None:
        self.file, self._columns = file, [*columns]
        self.called = f"table of {', '.join(columns)}"

    def read(self, folder: Path) -> dict[str, str]:
        """The rows of the table."""
        header, *rows = csv.reader(io.StringIO(_text(folder / self.file), newline=""))
        if header != self._columns or any(len(row) != len(header) for row in rows):
            raise ValueError("another table")
        return dict(rows)

    def write(self, folder: Path, rows: Mapping[str, str], called: str) -> None:
        """The whole table anew."""
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([self._columns, *rows.items()])
        write_atomically(folder / self.file, stream.getvalue().encode())


class Lines(Layout):
    """A line of JSON for each."""

    file, called = OBJECTS, "list of corrections"

    def read(self, folder: Path) -> dict[str, str]:
        """The `objects` of each line."""
        rows = [json.loads(line) for line in _text(folder / self.file).split("\n") if line]
        return {row["file_name"]: json.dumps(row["objects"], ensure_ascii=False) for row in rows}

    def write(self, folder: Path, rows: Mapping[str, str], called: str) -> None:
        """All lines anew."""
        told = ({"file_name": name, "objects": json.loads(right)} for name, right in rows.items())
        lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in told)
        write_atomically(folder / self.file, lines.encode())


class Masks(Layout):
    """A mask beside each picture, and what its values are called."""

    file, called = CLASSES, "list of this model's classes"

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        self._classes = "".join(f"{value} {label}\n" for value, label in enumerate(labels))

    def require(self, cell: str, content: bytes) -> None:
        """A mask is as large as its picture lies upright."""
        (height, width), size = masks.mask_of(cell)[0].shape, size_of(content)
        if (width, height) != size:
            raise DataError(
                f"the mask has {width} x {height} pixels, its picture {size[0]} x {size[1]}",
                "give a class for each pixel of the upright picture",
            )

    def read(self, folder: Path) -> dict[str, str]:
        """The names of pictures with a mask; masks themselves stay where they are."""
        if _text(folder / self.file) != self._classes:
            raise ValueError("other classes")
        names = [path.name for path in folder.iterdir() if (folder / _mask_name(path.name)).exists()]
        return dict.fromkeys(names, "")

    def write(self, folder: Path, rows: Mapping[str, str], called: str) -> None:
        """The mask of the new one."""
        stream = io.BytesIO()
        Image.fromarray(masks.indexed(rows[called], self._labels)).save(stream, "PNG")
        write_atomically(folder / self.file, self._classes.encode())
        write_atomically(folder / _mask_name(called), stream.getvalue())


def _mask_name(picture: str) -> str:
    return f"{Path(picture).stem}{MASK}.png"


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8")
