"""A sheet of an Excel workbook as a table; the library for that is installed on demand.

It is the first, or the only one that holds a table. Titles above the header are left out, and told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ...errors import MissingExtra

_LOOKED_AT = 30
"""Rows that tell what a sheet holds."""
_FEW = 2
_NAME = 40
"""Letters of the name of a column, at most."""


def rows_of(file: Path) -> Iterator[list[object]]:
    """The rows of a sheet that are not blank, the header first, all of one width.

    Raises:
        MissingExtra: openpyxl is not installed.
        ValueError: it is no workbook.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise MissingExtra.of(
            f"`{file.name}` is an Excel workbook, and openpyxl is not installed", "excel"
        ) from None
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # a library meets arbitrary bytes, and raises whatever they lead to
        raise ValueError(f"not a workbook ({error})") from error
    try:
        width = 0
        for row in _below_title(_rows(book, _chosen(book))):
            width = width or _filled(row)
            yield (row + [None] * width)[: max(width, _filled(row))]
    finally:
        book.close()


def notes_of(file: Path) -> list[str]:
    """Which of several sheets is read, and what stands above its header."""
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True)
    try:
        number, names = _chosen(book), book.sheetnames
        found = []
        if len(names) > 1:
            which = (
                "only its first sheet was read" if number == 0 else f"only its sheet {number + 1} was read"
            )
            found.append(f"{which}, {names[number]!r} of {len(names)}")
        above = _titles([list(row) for row in islice(_rows(book, number), _LOOKED_AT)])
        if above:
            found.append(f"what stands above its header was left out: {', '.join(map(repr, above))}")
        return found
    finally:
        book.close()


def formula_in(file: Path, column: str) -> str | None:
    """A formula below the header of this name; None where there is none."""
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True)
    try:
        rows = _below_title(_rows(book, _chosen(book)))
        header = ["" if cell is None else str(cell).strip() for cell in next(rows, [])]
        place = header.index(column) if column in header else len(header)
        cells = (row[place] for row in islice(rows, _LOOKED_AT) if place < len(row))
        return next((cell for cell in cells if isinstance(cell, str) and cell.startswith("=")), None)
    finally:
        book.close()


def _rows(book: Any, number: int) -> Iterator[Any]:
    return book.worksheets[number].iter_rows(values_only=True)  # type: ignore[no-any-return]


def _chosen(book: Any) -> int:
    """The number of the first sheet, or of the only one that holds a table where the first does not."""
    sheets = range(len(book.worksheets))
    tables = [number for number in sheets if _is_table(list(islice(_rows(book, number), _LOOKED_AT)))]
    return tables[0] if len(tables) == 1 else 0


def _is_table(rows: Sequence[Any]) -> bool:
    """Are there a header of several names, and rows below?"""
    there = list(_below_title(iter(rows)))
    names = [cell for cell in there[0] if cell is not None] if there else []
    return len(there) > _FEW and 1 < len(names) == len(set(map(str, names)))


def _below_title(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """The rows that are not blank, without titles above the header."""
    start = [list(row) for row in islice(rows, _LOOKED_AT)]
    there = (list(row) for row in chain(start, rows))
    return islice((row for row in there if _filled(row)), len(_titles(start)), None)


def _titles(start: Sequence[list[Any]]) -> list[Any]:
    """What stands alone above a table, in its first column: the header is the first row of several cells.

    A header of one name is none, where each row has one cell or an index stands before it.
    """
    rows = [[place for place, cell in enumerate(row) if cell is not None] for row in start]
    there = [(row, places) for row, places in zip(start, rows, strict=True) if places]
    alone = next((number for number, (_, places) in enumerate(there) if len(places) > 1), 0)
    if not alone or len(there) <= alone + 1:
        return []
    (header, filled), (_, below) = there[alone : alone + 2]
    first, names = filled[0], [header[place] for place in filled]
    fits = len(below) == len(filled) and all(isinstance(one, str) and len(one) <= _NAME for one in names)
    if not fits or any(places != [first] for _, places in there[:alone]):
        return []
    return [row[first] for row, _ in there[:alone]]


def _filled(cells: list[Any]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell is not None), default=0)
