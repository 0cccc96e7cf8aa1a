"""From what was sent to inputs of the model, with the readers that `predict` has.

A table is written into a private folder of its own, under a name of ours, and removed when it was read.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ..data.asked import Input
from ..data.reading import Reading
from ..errors import DataError
from ..tasks.base import Task
from .refusals import TOO_LARGE, Refused
from .sent import Named, Request, Sent

TABLE = "table"
"""What a table is called on the disk."""


def opened(request: Request, task: Task, most: int) -> list[Input]:
    """The inputs of a request; what cannot be used has its reason.

    Args:
        request: what was sent.
        task: of the model.
        most: inputs that are allowed.

    Raises:
        DataError: a table cannot be read, or lacks a column.
        Refused: there are more inputs.
    """
    found = list[Input]()
    for sent in request.sent:
        found += _inputs(sent, task, request.columns, most + 1 - len(found))
    if len(found) > most:
        raise Refused(TOO_LARGE, f"more than {most} examples in a request", "send fewer at a time")
    if not found:
        raise DataError("there is nothing to predict", "send at least one example")
    return found


def _inputs(sent: Sent, task: Task, columns: Named, most: int) -> list[Input]:
    if sent.table is not None:
        return _rows(sent, sent.table, task, columns, most)
    return [Input(sent.name, sent.content, task.modality.excess(sent.content))][:most]


def _rows(sent: Sent, suffix: str, task: Task, columns: Named, most: int) -> list[Input]:
    """The examples in a table; nothing is read that it names, for such a model's tables name no files."""
    with tempfile.TemporaryDirectory(prefix="headstart-") as folder:
        path = Path(folder) / f"{TABLE}{suffix}"
        path.write_bytes(sent.content)
        try:
            found = islice(task.asked([path], Reading(columns=columns)).inputs, most)
            return [replace(one, name=_named(one.name, path, sent.name)) for one in found]
        except DataError as error:
            raise DataError(_named(error.message, path, sent.name), _as_sent(error.hint)) from None


def _named(text: str, path: Path, called: str) -> str:
    """A name or message as the client knows it."""
    own = called or "the table"
    found = text.replace(path.as_posix(), called).replace(path.name, own).strip()
    return found.encode("utf-8", "replace").decode()


def _as_sent(hint: str) -> str:
    """A hint about the command line, for somebody who sends requests."""
    return 'send `columns`, as {"text": "body"}' if "--columns" in hint else hint
