"""What people say is right instead, saved for the next run; the layouts are those of `saved.py`."""

from __future__ import annotations

import hashlib
import mimetypes
import threading
from pathlib import Path, PurePosixPath

from ..errors import DataError, RunError
from ..models import Model
from ..runtime import write_atomically
from ..tasks.base import Task
from .refusals import UNUSABLE, Refused
from .saved import layout_of
from .sent import Sent

MOST = 10_000
"""Corrections in a folder."""
MOST_BYTES = 1_000_000_000
"""Of all their files."""
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
        self._layout = layout_of(self._task, model.labels)
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
        """The file that is there with the first of them."""
        return self.folder / self._layout.file

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
        self._layout.require(cell, sent.content)
        with self._lock:
            try:
                return self._save(sent, cell)
            except OSError as error:
                message = f"{self.folder} cannot be written: {error.strerror or error}"
                raise RunError(message, "whoever started the service has to look") from error

    def _save(self, sent: Sent, cell: str) -> str:
        called = self._called(sent)
        new = not self._texts and called not in self._rows
        more = len(cell) + (len(sent.content) if new else 0)
        if len(self._rows) >= MOST or self._bytes + more > MOST_BYTES:
            raise Refused(UNUSABLE, "there are too many corrections", "run with them, and begin a new folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        if new:
            write_atomically(self.folder / called, sent.content)
        rows = {**self._rows, called: cell}
        self._layout.write(self.folder, rows, called)
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

    def _read(self) -> dict[str, str]:
        """What was saved before."""
        if not self.table.exists():
            return {}
        try:
            return self._layout.read(self.folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            hint = "move it away, or name --no-corrections"
            raise RunError(f"{self.table} is no {self._layout.called}", hint) from error

    def _size(self) -> int:
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        return sum(one.stat().st_size for one in there if one.is_file())
