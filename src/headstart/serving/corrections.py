"""What people say is right instead, saved in a layout that `headstart run` reads.

corrections/train.csv         texts: the text itself, and what is right of it
corrections/metadata.csv      files: the name of one beside it, and what is right of it
corrections/metadata.jsonl    pictures with things in them: the same, a line of JSON for each
corrections/3f9a….png         named by its content
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import mimetypes
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..errors import DataError, RunError
from ..models import Model
from ..runtime import write_atomically
from ..tasks.base import Task
from .refusals import UNUSABLE, Refused
from .sent import Sent

MOST = 10_000
"""Corrections in a folder."""
MOST_BYTES = 1_000_000_000
"""Of all their files."""
TEXTS, FILES, OBJECTS = "train.csv", "metadata.csv", "metadata.jsonl"
_DIGITS = 32
_KINDS = ("image/", "audio/")


class Corrections:
    """A folder of corrections; what is told of the same example again replaces what was told before.

    Args:
        folder: made with the first correction.
        model: whose answers are corrected.
    """

    def __init__(self, folder: Path, model: Model) -> None:
        """Raises RunError: the folder holds something else under our table's name."""
        self.folder, self._labels = folder, model.labels
        self._task: Task = model.predictor.task
        self._lock = threading.Lock()
        self._rows, self._bytes = self._read(), self._size()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def called(self) -> str:
        """What clients are told: not where on the disk it is."""
        return "/".join(self.folder.parts[-2:])

    @property
    def table(self) -> Path:
        """Where they are listed."""
        return self.folder / (TEXTS if self._texts else FILES if self._columns else OBJECTS)

    def add(self, sent: Sent, right: object) -> str:
        """Save one; what the example is called in the table.

        Raises:
            DataError: the example cannot be used, or nothing like that can be right of it.
            Refused: there are too many.
            RunError: the folder cannot be written to.
        """
        cell = self._task.answer.cell(right, self._labels)
        modality = self._task.modality
        if reason := modality.excess(sent.content) or modality.examine(sent.content):
            raise DataError(reason, "send an example that the model can use")
        with self._lock:
            try:
                return self._save(sent, cell)
            except OSError as error:
                message = f"{self.folder} cannot be written: {error.strerror or error}"
                raise RunError(message, "whoever started the service has to look") from error

    def _save(self, sent: Sent, cell: str) -> str:
        called = self._called(sent)
        more = 0 if self._texts or called in self._rows else len(sent.content)
        if len(self._rows) >= MOST or self._bytes + more > MOST_BYTES:
            raise Refused(UNUSABLE, "there are too many corrections", "run with them, and begin a new folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        if more:
            write_atomically(self.folder / called, sent.content)
        rows = {**self._rows, called: cell}
        write_atomically(
            self.table, (_table(self._columns, rows) if self._columns else _lines(rows)).encode()
        )
        self._rows, self._bytes = rows, self._bytes + more
        return called

    def _called(self, sent: Sent) -> str:
        """A text itself; a file by its content, with the ending that says the same kind."""
        if self._texts:
            return sent.content.decode("utf-8-sig")
        suffix = PurePosixPath(sent.name).suffix.lower()
        kind = mimetypes.guess_type(f"file{suffix}")[0] or ""
        ending = suffix if kind.startswith(_KINDS) and suffix[1:].isalnum() else ""
        return f"{hashlib.sha256(sent.content).hexdigest()[:_DIGITS]}{ending}"

    @property
    def _texts(self) -> bool:
        return self._task.modality.sent.texts

    @property
    def _columns(self) -> tuple[str, ...]:
        """Those of the table; none where it is lines of JSON."""
        return self._task.reader.columns[:2]

    def _read(self) -> dict[str, str]:
        """What was saved before."""
        if not self.table.exists():
            return {}
        try:
            text = self.table.read_bytes().decode("utf-8")
            return _of_table(text, self._columns) if self._columns else _of_lines(text)
        except (OSError, ValueError, KeyError, TypeError) as error:
            what = f"table of {', '.join(self._columns)}" if self._columns else "list of corrections"
            raise RunError(f"{self.table} is no {what}", "move it away, or name --no-corrections") from error

    def _size(self) -> int:
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        return sum(one.stat().st_size for one in there if one.is_file())


def _table(columns: Sequence[str], rows: Mapping[str, str]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([columns, *rows.items()])
    return stream.getvalue()


def _of_table(text: str, columns: Sequence[str]) -> dict[str, str]:
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    if header != list(columns) or any(len(row) != len(header) for row in rows):
        raise ValueError("another table")
    return dict(rows)


def _lines(rows: Mapping[str, str]) -> str:
    """A `metadata.jsonl`."""
    told = ({"file_name": name, "objects": json.loads(right)} for name, right in rows.items())
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in told)


def _of_lines(text: str) -> dict[str, str]:
    rows = [json.loads(line) for line in text.split("\n") if line]
    return {row["file_name"]: json.dumps(row["objects"], ensure_ascii=False) for row in rows}
