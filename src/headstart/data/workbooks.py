"""The first sheet of an Excel workbook as a table; the library for that is installed on demand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import MissingExtra


def rows_of(file: Path) -> Iterator[list[Any]]:
    """The rows of the first sheet that are not blank, the header first, all of one width.

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
        for row in book.worksheets[0].iter_rows(values_only=True):
            cells = list(row)
            if any(cell is not None for cell in cells):
                width = width or max(place for place, cell in enumerate(cells, 1) if cell is not None)
                yield (cells + [None] * width)[: max(width, _filled(cells))]
    finally:
        book.close()


def sheets_of(file: Path) -> list[str]:
    """The names of its sheets."""
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def _filled(cells: list[Any]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell is not None), default=0)
