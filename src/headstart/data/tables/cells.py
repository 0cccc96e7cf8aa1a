"""What one cell of a table says: a text, a name, a picture, or nothing."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...types import Source
from ..images.held import picture_of
from ..strings import encoded, examine_text

Placed = tuple[str, Source, str | None]
Place = Callable[[str, str], Placed]
"""Name of the row, its cell -> (name that is shown, source, reason not to open it)."""
Told = Callable[[Sequence[object]], Sequence[tuple[str, str | None]]]
"""Cells of answers, None where one is missing -> each answer, and the reason not to use it."""

_SHOWN = 60
_ENDS = 2


def placed(cell: object, row: str, column: str, place: Place) -> Placed:
    """What a cell of the column of sources stands for; a cell may be a picture itself."""
    if is_missing(cell):
        return row, b"", f"no {column}"
    if column != "text" and (found := _picture(cell, row, place)) is not None:
        return found
    if isinstance(cell, bytes | bytearray):
        cell = bytes(cell).decode("utf-8", "surrogateescape")
    if not isinstance(cell, str) and (isinstance(cell, list | dict | tuple | set) or hasattr(cell, "shape")):
        return row, b"", f"{column} is a {type(cell).__name__}, not a text"
    return place(row, str(cell))


def is_list(cell: object) -> bool:
    """Is a cell a list, or a text that spells one?"""
    if isinstance(cell, str):
        return cell.strip().startswith("[") and cell.strip().endswith("]")
    return isinstance(cell, list | tuple | set | frozenset | dict) or bool(getattr(cell, "shape", ()))


def one_text(name: str) -> Told:
    """Each cell is one answer, which has to be a text that can be used; as a label, no list in JSON."""

    def told(cells: Sequence[object]) -> list[tuple[str, str | None]]:
        if name == "label":
            _require_no_json(cells)
        return [_answer(cell, text, name) for cell, text in zip(cells, texts(cells), strict=True)]

    return told


def texts(column: Sequence[object]) -> list[str | None]:
    """Cells as text; None where one is missing."""
    cells: list[Any] = present(
        [bytes(one).decode("utf-8", "surrogateescape") if isinstance(one, bytes) else one for one in column]
    )
    there = [cell for cell in cells if cell is not None]
    # 3 and 3.0 are one class. pandas makes an integer column with gaps a float one: 3.0 is 3 again here.
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in there):
        whole = all(isinstance(cell, int) or cell.is_integer() for cell in there)
        cells = [None if cell is None else int(cell) if whole else _float(cell) for cell in cells]
    return [None if cell is None else str(cell) for cell in cells]


def present(column: Sequence[object]) -> list[object]:
    """Cells as they are; None where one is missing."""
    return [None if is_missing(cell) else cell for cell in column]


def is_missing(cell: object) -> bool:
    """Is nothing in a cell?"""
    if isinstance(cell, str):
        return not cell.strip()
    if cell is None or isinstance(cell, int | bytes | list | dict):
        return cell is None
    return _is_na(cell)


def _is_na(cell: Any) -> bool:
    """Not a number, or no time, as libraries write them."""
    import pandas as pd

    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))


def _require_no_json(cells: Sequence[object]) -> None:
    """Raises DataError: labels are objects or lists, as tools for labelling write several of one example."""
    spelled = [cell for cell in cells if isinstance(cell, str) and _is_json(cell)]
    if spelled:
        raise DataError(
            f"{len(spelled)} of {len(cells)} labels are lists or objects, as {spelled[0][:_SHOWN]!r}",
            "write the name of one label into each cell; where texts have several labels, write them with | "
            "between into a column `labels`, and name --task multilabel_text_classification",
        )


def _is_json(text: str) -> bool:
    """An object, or a list; [unknown] is a name, and [0, 10] may be an interval."""
    if text.strip()[:1] + text.strip()[-1:] not in ("{}", "[]"):
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return False
    interval = isinstance(found, list) and len(found) == _ENDS and not any(isinstance(x, str) for x in found)
    return isinstance(found, dict | list) and not interval


def _answer(cell: Any, text: str | None, name: str) -> tuple[str, str | None]:
    if text is None:
        return "", f"no {name}"
    if not isinstance(cell, str) and is_list(cell):
        return "", f"{name} is a {type(cell).__name__}, not a text"
    reason = examine_text(encoded(text))
    return text, None if reason is None else f"{name}: {reason}"


def _picture(cell: Any, row: str, place: Place) -> Placed | None:
    """Bytes, a picture of Pillow, an array, or what `datasets` keeps of one: its bytes, or a path."""
    if isinstance(cell, dict) and set(cell) == {"bytes", "path"}:
        if content := cell["bytes"]:
            return row, content if isinstance(content, Path) else bytes(content), None
        return place(row, str(cell["path"])) if cell["path"] else (row, b"", "no picture")
    if isinstance(cell, bytes | bytearray):
        return row, bytes(cell), None
    of_pillow = hasattr(cell, "mode") and hasattr(cell, "tobytes") and hasattr(cell, "save")
    if of_pillow or (getattr(cell, "ndim", 0) in (2, 3) and hasattr(cell, "__array__")):
        try:
            return row, picture_of(cell)[1], None
        except DataError as error:
            return row, b"", error.message
    return None


def _float(cell: float) -> float:
    return float(cell) if abs(cell) < 2**53 else cell  # beyond, a whole number would lose digits
