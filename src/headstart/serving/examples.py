"""Examples to try a model on: some of the run's test split, where its data still are where they were.

The run's own record says which examples these are and what is right of them; a bundle alone has none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..data.asked import Input
from ..data.reading import Reading
from ..data.tables.rows import column_of
from ..errors import HeadstartError
from ..tasks.base import Task
from ..types import Source
from .refusals import Refused

MOST = 12
SIDE = 96
"""Pixels of what is listed."""
_ROW = re.compile(r"(?:(?P<table>.+) )?row (?P<number>\d+)")


@dataclass(frozen=True)
class Example:
    """One of the test split."""

    name: str
    source: Source
    right: str


class Examples:
    """A few, by number."""

    def __init__(self, task: Task, found: Sequence[Example] = ()) -> None:
        self._task, self._found = task, tuple(found)

    def __len__(self) -> int:
        return len(self._found)

    def listed(self) -> list[dict[str, object]]:
        """Number and what is shown of each, and what is right where that is a label, a number or words."""
        shown, answer = self._task.modality.shown, self._task.answer
        telling = answer.correction is not None and not answer.drawable
        return [
            {"number": number, **({"right": one.right} if telling else {}), **shown(one.source, SIDE)}
            for number, one in enumerate(self._found)
        ]

    def input(self, number: int) -> Input:
        """One as an input.

        Raises:
            Refused: there is none of this number.
        """
        if not 0 <= number < len(self._found):
            raise Refused(404, "there is no example of this number", "see /examples")
        return Input(self._found[number].name, self._found[number].source)


def of_run(folder: Path, task: Task) -> Examples:
    """Those of a run's folder; none where it kept none, or the data are gone or have changed."""
    try:
        settings = json.loads((folder / "settings.json").read_text("utf-8"))["settings"]
        told = json.loads((folder / "evidence.json").read_text("utf-8"))["predictions"]
        rows = [(str(row["file"]), str(row["label"])) for row in told]
        data = Path(settings["data"])
        reading = Reading(columns=settings.get("columns") or {})
    except (OSError, ValueError, KeyError, TypeError):
        return Examples(task)
    step = max(1, len(rows) // MOST)
    found = (_found(name, right, data, task, reading) for name, right in rows[::step])
    return Examples(task, list(islice((one for one in found if one is not None), MOST)))


def _found(name: str, right: str, data: Path, task: Task, reading: Reading) -> Example | None:
    """What a record calls `name`; None where it is not there, or cannot be used."""
    try:
        source = _source(name, data, task, reading)
        usable = source is not None and task.modality.examine(source) is None
    except (OSError, HeadstartError, StopIteration):
        return None
    return Example(name, source, right) if source is not None and usable else None


def _source(name: str, data: Path, task: Task, reading: Reading) -> Source | None:
    """A file inside the data, or a row of a table inside them."""
    root = data if data.is_dir() else data.parent
    named = _ROW.fullmatch(name)
    if named and task.modality.sent.texts:
        table = root / named["table"] if named["table"] else data
        cells = column_of(table, task.reader.columns[0], reading, "")
        _, source, reason = next(islice(cells, int(named["number"]) - 1, None))
        return source if reason is None else None
    path = root / name
    return path if path.is_file() and path.resolve().is_relative_to(root.resolve()) else None
