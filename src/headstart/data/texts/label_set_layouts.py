"""Layouts of texts that have several labels each, or none.

data.csv|tsv|jsonl|parquet                  columns text, labels, and perhaps split and a group
train.csv  val.csv  test.csv                a folder of such files, one for each split

What a table of them may be is in `data/tables/label_tables.py`.
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import DataError
from ...types import Named
from .. import layouts
from ..listing import Listing
from ..reading import PLAIN, Reading
from ..tables.label_tables import LABELS, has_sets, said, told
from ..tables.records import TABLES, suffix_of
from ..tables.rows import is_table, read_rows
from ..tables.splits import split_tables
from .layouts import looks_like_texts, read_tables, text_row

COLUMNS = ("text", LABELS)
_WANTED = "give a CSV file with the columns text and labels, where labels are separated by |: sport|politics"


def read_label_sets(data: Named, reading: Reading = PLAIN) -> Listing:
    """The rows of a file, folder or DataFrame of texts with labels; `Row.label` is the set as an answer.

    Raises:
        DataError: there is no such layout here, a file cannot be read, a column is missing, or no text has
            a label.
    """
    return told(_read(data, reading), "text", _WANTED)


def looks_like_label_sets(data: Named, reading: Reading = PLAIN) -> bool:
    """Is this a layout of texts with sets of labels? Reads headers only."""
    if {"label", "source", "target"} & set(reading.columns) or looks_like_texts(data, reading):
        return False
    if is_table(data):
        return has_sets(data, COLUMNS[0], reading)
    path = layouts.existing(data)
    if path.is_file():
        return suffix_of(path) is not None and has_sets(path, COLUMNS[0], reading)
    tables = split_tables(path)
    return bool(tables) and all(has_sets(file, COLUMNS[0], reading) for file, _ in tables)


def _read(data: Named, reading: Reading) -> Listing:
    if is_table(data):
        reading, cells = said(data, COLUMNS[0], reading)
        listing = read_rows(data, COLUMNS, text_row, reading, told=cells)
        return replace(listing, findings=(*listing.findings, *cells.findings))
    path = layouts.existing(data)
    if path.is_file():
        if suffix_of(path) is None:
            raise DataError(f"expected a table ({', '.join(TABLES)}), but got `{path.name}`", _WANTED)
        reading, cells = said(path, COLUMNS[0], reading)
        listing = read_rows(path, COLUMNS, text_row, reading, prefix=f"{path.name} ", told=cells)
        return replace(listing, findings=(*listing.findings, *cells.findings))
    root = layouts.existing_folder(path)
    tables = split_tables(root)
    if not tables:
        kinds = ", ".join(layouts.suffixes(root))
        raise DataError(f"expected tables of texts with labels, but `{root}` holds {kinds}", _WANTED)
    reading, cells = said(tables[0][0], COLUMNS[0], reading)
    listing = read_tables(tables, root, COLUMNS, reading, cells)
    return replace(listing, findings=(*listing.findings, *cells.findings))
