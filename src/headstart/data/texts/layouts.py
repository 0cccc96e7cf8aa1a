"""Layouts of texts, with labels or without.

data.csv|tsv|jsonl|parquet                  columns text, label, and perhaps split and a group
train.csv  val.csv  test.csv                a folder of such files, one for each split
spam/1.txt  ham/2.txt                       class folders of text files, in split folders or not
corpus.txt                                  without labels: one text a line; or tables with a column text

A text of a table is called by its file and number: `train.csv row 16` is the sixteenth row below the
header, `train.jsonl line 16` the sixteenth line. Of a folder of tables, what is not named like a split
(`labels.txt`, `SOURCE.json`) is no data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError
from ...types import Dropped, Finding, Named, Row
from .. import layouts
from ..listing import Listing, files, joined, shown, split_of, unusable
from ..reading import PLAIN, Reading
from ..strings import WINDOWS, encoded, encoding_of, examine_text, folded_text, lines, text_of
from ..tables.records import SUFFIXES, TABLES, suffix_of
from ..tables.rows import has_columns, is_table, label_lists, read_rows
from ..tables.splits import ABOUT, split_tables
from ..tabular import Said, Tabular, text_row

if TYPE_CHECKING:
    from ..tables.records import Table

__all__ = [
    "Listing",
    "examine_text",
    "folded_text",
    "looks_like_a_heap",
    "looks_like_texts",
    "read_text_heap",
    "read_texts",
    "text_of",
]

COLUMNS = ("text", "label")
_WANTED = "give a CSV file with the columns text and label, or one folder of .txt files per class"
_LOOKED_AT = 200
"""Files of a folder that tell whether it holds texts."""


def _labels(table: Table, reading: Reading) -> Said | None:
    """Texts with one label each."""
    single = has_columns(table, COLUMNS, reading) and label_lists(table, COLUMNS[0], reading) is None
    return Said(reading) if single else None


LABELLED = Tabular(COLUMNS, _WANTED, _labels)
HEAP = Tabular(COLUMNS[:1], _WANTED)


def read_texts(data: Named, reading: Reading = PLAIN) -> Listing:
    """The rows of a file, folder or DataFrame of labelled texts.

    Raises:
        DataError: there is no such layout here, a file cannot be read, or a column is missing.
    """
    if (listing := LABELLED.find(data, reading)) is not None:
        return listing
    root = layouts.existing_folder(layouts.existing(data))
    if not any(file.suffix.lower() == ".txt" for file in layouts.inside(root)):
        kinds = layouts.suffixes(root)
        raise DataError(f"expected texts, but `{root}` holds none: only {', '.join(kinds)}", _WANTED)
    return layouts.read(root, reading)


def read_text_heap(data: Named, reading: Reading = PLAIN) -> Listing:
    """Texts without labels: tables with a column of texts, and `.txt` files with one text a line.

    Of a folder whose tables are named like splits, these are read; of any other, everything, however deep,
    and files or folders at its top that are named like splits are splits.

    Raises:
        DataError: there is no such file here, one cannot be read, or a column is missing.
    """
    if is_table(data):
        return HEAP.read(data, reading)
    path = layouts.existing(data)
    if path.is_file():
        return _heap_file(path, path.parent, reading, None)
    root = layouts.existing_folder(path)
    tables = split_tables(root)
    if any(split for _, split in tables):
        return HEAP.read(root, reading)
    found = [file for file in files(root) if file.suffix.lower() in (".txt", *SUFFIXES) and _no_notes(file)]
    if not found:
        kinds = ", ".join(layouts.suffixes(root))
        raise DataError(
            f"expected texts, but `{root}` holds none: only {kinds}",
            "give .txt files with one text a line, or tables with a column text",
        )
    return joined(
        _heap_file(file, root, reading, split_of(file.relative_to(root).parts[0].split(".")[0]))
        for file in found
    )


def looks_like_texts(data: Named, reading: Reading = PLAIN) -> bool:
    """Is this a layout of labelled texts? Reads headers and the names of some files only."""
    if {"source", "target", "labels"} & set(reading.columns):
        return False
    if is_table(data) or (path := layouts.existing(data)).is_file() or split_tables(path):
        return LABELLED.claims(data, reading)
    nested = (file for file in layouts.inside(path) if file.parent != path)
    some = list(islice(nested, _LOOKED_AT))
    kinds = Counter(file.suffix.lower() for file in some)
    # a logo, or a list in JSON, does not make them anything else; pictures with a caption each are pictures
    return kinds[".txt"] > 0 and 10 * kinds[".txt"] >= 9 * len(some)


def looks_like_a_heap(data: Named, reading: Reading = PLAIN) -> bool:
    """Are these texts without labels: lines of `.txt` files, or tables with a column of texts?"""
    if {"source", "target"} & set(reading.columns):
        return False
    if is_table(data):
        return has_columns(data, COLUMNS[:1], reading)
    path = layouts.existing(data)
    if path.is_file():
        return _holds_texts(path, reading)
    found = list(islice((file for file in files(path) if _no_notes(file)), _LOOKED_AT))
    return bool(found) and all(_holds_texts(file, reading) for file in found)


def table_of(data: Named) -> Table | None:
    """The table that data are, or the first of a folder that holds nothing else; None where they are none."""
    if is_table(data):
        return data
    path = layouts.existing(data)
    if path.is_file():
        return path if suffix_of(path) is not None else None
    found = split_tables(path)
    others = (file for file in layouts.inside(path) if suffix_of(file) is None and _no_notes(file))
    return found[0][0] if found and next(others, None) is None else None


def _no_notes(file: Path) -> bool:
    return not file.stem.lower().startswith(ABOUT)


def _holds_texts(file: Path, reading: Reading) -> bool:
    suffix = file.suffix.lower()
    return suffix == ".txt" or (suffix_of(file) in SUFFIXES and has_columns(file, COLUMNS[:1], reading))


def _table(path: Path) -> Table:
    if suffix_of(path) is None:
        raise DataError(f"expected a table ({', '.join(TABLES)}), but got `{path.name}`", _WANTED)
    return path


def _heap_file(path: Path, root: Path, reading: Reading, split: str | None) -> Listing:
    name = shown(path, root)
    if reason := unusable(path, root):
        return Listing(dropped=(Dropped(name, reason),))
    if path.suffix.lower() != ".txt":
        return read_rows(_table(path), COLUMNS[:1], text_row, reading, split, f"{name} ")
    blank = 0

    def rows() -> Iterator[Row]:
        nonlocal blank
        for number, line in lines(path):
            if line.strip():
                yield Row(f"{name} line {number}", encoded(line), "", split)
            else:
                blank += 1

    found = tuple(rows())
    empty = f"{blank} empty {'line' if blank == 1 else 'lines'}"
    return Listing(found, (Dropped(name, empty),) if blank else (), letters(path))


def letters(path: Path) -> tuple[Finding, ...]:
    """That the letters of a file of lines are those of Windows-1252, where they are."""
    if encoding_of(path) != WINDOWS:
        return ()
    return (Finding("letters", "not UTF-8: read as Windows-1252", (path.name,)),)
