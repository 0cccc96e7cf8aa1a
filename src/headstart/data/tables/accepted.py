"""Rows that an annotator turned down: a column `answer` of accept, reject and ignore, as of Prodigy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .cells import present
from .records import header, sample

if TYPE_CHECKING:
    from .records import Table

COLUMN, ACCEPTED = "answer", "accept"
_VERDICTS = (ACCEPTED, "reject", "ignore")
_MARKS = ("_input_hash", "_task_hash")
"""One of these is beside it: elsewhere an answer is a text, or a label."""


def accepted_column(table: Table, used: Sequence[str]) -> str | None:
    """The column that says which rows were accepted, unless it is used for something else.

    Raises:
        DataError: the file cannot be read.
    """
    there = header(table)
    if COLUMN in used or COLUMN not in there or not any(name in there for name in _MARKS):
        return None
    cells = present([row[0] for row in sample(table, [COLUMN])])
    return COLUMN if all(cell is None or cell in _VERDICTS for cell in cells) else None


def refusal(cell: object) -> str | None:
    """Why a row is left out; None where it was accepted."""
    if cell == ACCEPTED:
        return None
    return f"not accepted by its annotator: {COLUMN} is {'empty' if cell is None else cell}"
