"""Tables in JSON: a file of lines, each an object, or one file of rows or of columns.

{"text": "one", "label": "a"}               .jsonl, .ndjson: one row a line
[{"text": "one", "label": "a"}, ...]        .json: a list of rows, or of them by their index
{"text": ["one", ...], "label": [...]}      columns, as lists or by the numbers of their rows
{"data": [{...}, ...]}                      the only list of rows in an object
{"train": [{...}, ...], "test": [...]}      such lists by split
{"train": [["one", "a"], ...], "test": ...} the same with rows of a text and a label
{"columns": ["text"], "data": [["one"]]}    as pandas splits a table
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..listing import split_of
from ..strings import reader

_PAIR = ("text", "label")
Found = tuple[int, dict[str, object] | str]
"""The number of a row or line, and its cells or why it cannot be read."""


def objects(file: Path, lines: bool) -> Iterator[Found]:
    """The rows of a file, of one with a row a line by the numbers of its lines.

    Raises:
        ValueError: it is no JSON, or holds no rows.
    """
    if lines and not _is_array(file):
        yield from _lines(file)
        return
    with reader(file, newline="") as stream:
        text = stream.read()
    try:
        found = json.loads(text)
    except ValueError:
        # many write a row a line and call it .json
        rows = list(_lines(file))
        if not rows or all(isinstance(row, str) for _, row in rows):
            raise
        yield from rows
        return
    for number, row in enumerate(_rows(found), start=1):
        yield number, row if isinstance(row, dict) else "not a JSON object"


def _is_array(file: Path) -> bool:
    """Is a file that is called one of lines one list, be it in one line or spread over many?"""
    with reader(file, newline="\n") as stream:
        first = next((line.strip() for line in stream if line.strip()), "")
    if not first.startswith("["):
        return False
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        return True
    return _are_rows(found)


def _lines(file: Path) -> Iterator[Found]:
    with reader(file, newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, _object(line)


def _object(line: str) -> dict[str, Any] | str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return "not JSON"
    return found if isinstance(found, dict) else "not a JSON object"


def _rows(found: Any) -> list[Any]:
    if isinstance(found, list):
        return found
    if not isinstance(found, dict) or not found:
        raise ValueError("expected a list of rows, or columns")
    rows = _by_split(found) or _of_pandas(found)
    if rows is not None:
        return rows
    cells = [cell.values() if isinstance(cell, dict) else cell for cell in found.values()]
    if all(isinstance(cell, list) and not _are_rows(cell) or _is_numbered(cell) for cell in found.values()):
        columns = [list(cell) for cell in cells]
        if len({len(column) for column in columns}) > 1:
            raise ValueError("its columns are not of one length")
        return [dict(zip(found, row, strict=True)) for row in zip(*columns, strict=True)]
    lists = [name for name, cell in found.items() if isinstance(cell, list) and _are_rows(cell)]
    if len(lists) == 1:
        return list(found[lists[0]])
    raise ValueError(
        f"expected a list of rows, or columns; it is an object with {', '.join(list(found)[:5])}"
    )


def _by_split(found: Mapping[str, Any]) -> list[Any] | None:
    """The rows of lists that are called like splits, with their split."""
    if len(found) < 2 or not all(map(split_of, found)):
        return None
    lists = {name: rows for name, rows in found.items() if isinstance(rows, list) and _are_rows(rows)}
    if len(lists) < len(found):
        return _pairs(found)
    return [{"split": name, **row} for name, rows in lists.items() for row in rows]


def _pairs(found: Mapping[str, Any]) -> list[Any] | None:
    """The rows of lists by split, each row a list of its text and its label."""
    rows = [(name, row) for name, cells in found.items() if isinstance(cells, list) for row in cells]
    if not rows or not all(isinstance(cells, list) for cells in found.values()):
        return None
    if not all(isinstance(row, list) and len(row) == len(_PAIR) for _, row in rows):
        return None
    return [{"split": name, **dict(zip(_PAIR, row, strict=True))} for name, row in rows]


def _of_pandas(found: Mapping[str, Any]) -> list[Any] | None:
    """Rows that pandas wrote with their names apart, or by their index."""
    names, rows = found.get("columns"), found.get("data")
    if isinstance(names, list) and isinstance(rows, list) and not _are_rows(rows):
        fits = all(isinstance(row, list) and len(row) == len(names) for row in rows)
        return [dict(zip(map(str, names), row, strict=True)) for row in rows] if fits else None
    cells = list(found.values())
    by_index = len(cells) > 1 and _are_rows(cells) and not any(map(_is_numbered, cells))
    return cells if by_index and all(cell.keys() == cells[0].keys() for cell in cells) else None


def _are_rows(cells: list[Any]) -> bool:
    return bool(cells) and all(isinstance(cell, Mapping) for cell in cells)


def _is_numbered(cell: Any) -> bool:
    """A column as pandas writes it: {"0": "one", "1": "two"}."""
    return isinstance(cell, dict) and bool(cell) and all(str(key).isdecimal() for key in cell)
