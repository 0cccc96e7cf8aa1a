"""CSV files as people have them: what stands between cells and how letters are written is found out.

Cells are separated by commas, semicolons, tabs or bars, whatever the name says; a first line `sep=;` is read
too.
Letters are UTF-8 or UTF-16, or Windows-1252 where a whole file is neither and reads well so. Only what is
unusual is a note.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from ..strings import WINDOWS, encoding_of, reader

LONGEST_CELL = 100_000_000
"""Characters. A longer one is a quote that is not closed, and each takes four bytes on its way."""
_END = "end"
"""Follows the last line of a CSV file: it is a row of its own, unless a quote is open."""
_LOOKED_AT = 50
"""Rows that tell what separates cells."""
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LONGEST_LOOK = 100_000
"""Characters of these rows at most."""


def rows_of(file: Path, suffix: str) -> Iterator[list[str] | str]:
    """The rows that are not blank, and what is wrong with a last one that the file breaks off."""
    csv.field_size_limit(LONGEST_CELL)
    separator, skipped = _separator(file, suffix)
    ended = False

    def end() -> Iterator[str]:
        nonlocal ended
        ended = True
        yield _END

    with reader(file, newline="") as stream:
        rows = csv.reader(chain(islice(stream, skipped, None), end()), delimiter=separator)
        first = 1
        for row in rows:
            if ended:
                if row != [_END]:
                    lines = f"line {first + skipped} to {rows.line_num - 1 + skipped}"
                    yield f"a quote is not closed; all is lost from {lines}"
                return
            if row:
                yield row
            first = rows.line_num + 1


def notes(file: Path, suffix: str) -> list[str]:
    """What is unusual about how the file is written."""
    separator, _ = _separator(file, suffix)
    found = []
    if separator != _usual(suffix):
        found.append(f"its cells are separated by {_SEPARATORS[separator]}")
    if encoding_of(file) == WINDOWS:
        found.append("it is not UTF-8 and was read as Windows-1252")
    return found


def _usual(suffix: str) -> str:
    return "\t" if suffix == ".tsv" else ","


def _separator(file: Path, suffix: str) -> tuple[str, int]:
    """What separates cells, and how many lines to skip before the header."""
    with reader(file, newline="") as stream:
        start = stream.read(_LONGEST_LOOK)
    first = start.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5 and first[4] in _SEPARATORS:
        return first[4], 1
    usual = _usual(suffix)
    found = {one: _fit(start, one) for one in (usual, *_SEPARATORS)}
    fitting = {one: fit for one, fit in found.items() if fit is not None}
    best = max(fitting, key=lambda one: (fitting[one], one == usual), default=usual)
    # where commas do, a bar or semicolon in the header is part of a name
    return (usual if fitting.get(usual, 0.0) > 0.5 else best), 0


def _fit(start: str, separator: str) -> float | None:
    """The share of the first rows with as many cells as the header has; None where that has one only."""
    rows = [row for row in islice(_parsed(start, separator), _LOOKED_AT) if row]
    if not rows or len(rows[0]) < 2 or not all(cell.strip() for cell in rows[0][:2]):
        return None
    body = rows[1:] or rows
    return sum(len(row) == len(rows[0]) for row in body) / len(body)


def _parsed(start: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(start.splitlines(keepends=True), delimiter=separator)
    except csv.Error:
        return
