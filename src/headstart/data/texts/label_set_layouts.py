"""Layouts of texts that have several labels each, or none.

data.csv|tsv|jsonl|parquet                  columns text, labels, and perhaps split and a group
train.csv  val.csv  test.csv                a folder of such files, one for each split

What a cell of `labels` may be is in `data/answers/label_sets.py` and `data/tables/label_vectors.py`; labels
may have a column each (`data/tables/one_hot.py`). A table that has `label` is one of one label each, unless
lists stand in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ...types import Finding
from .. import layouts
from ..answers.label_sets import set_of
from ..listing import Listing
from ..reading import PLAIN, Reading
from ..tables.label_vectors import LabelCells
from ..tables.one_hot import OneHot, one_hot_columns
from ..tables.records import TABLES, suffix_of
from ..tables.rows import has_columns, is_table, label_lists, read_rows
from ..tables.splits import split_tables
from .layouts import looks_like_texts, read_tables, text_row

if TYPE_CHECKING:
    from ..tables.records import Table

COLUMNS = ("text", "labels")
_WANTED = "give a CSV file with the columns text and labels, where labels are separated by |: sport|politics"
_FEW = 5
"""Fewer texts than this that have a label are a finding."""


def read_label_sets(data: Any, reading: Reading = PLAIN) -> Listing:
    """The rows of a file, folder or DataFrame of texts with labels; `Row.label` is the set as an answer.

    Raises:
        DataError: there is no such layout here, a file cannot be read, a column is missing, or no text has
            a label.
    """
    listing = _read(data, reading)
    counts = Counter(name for row in listing.rows for name in set_of(row.label).labels)
    if listing.rows and not counts:
        raise DataError(f"none of the {len(listing.rows)} texts has a label", _WANTED)
    return replace(listing, findings=(*listing.findings, *_findings(listing, counts)))


def looks_like_label_sets(data: Any, reading: Reading = PLAIN) -> bool:
    """Is this a layout of texts with sets of labels? Reads headers only."""
    if {"label", "source", "target"} & set(reading.columns) or looks_like_texts(data, reading):
        return False
    if is_table(data):
        return _has_sets(data, reading)
    path = layouts.existing(data)
    if path.is_file():
        return suffix_of(path) is not None and _has_sets(path, reading)
    tables = split_tables(path)
    return bool(tables) and all(_has_sets(file, reading) for file, _ in tables)


def _has_sets(table: Table, reading: Reading) -> bool:
    """Has a table texts, and a column of labels, or of lists called `label`, or one for each label?"""
    if has_columns(table, COLUMNS, reading) or label_lists(table, reading) is not None:
        return True
    try:
        return bool(one_hot_columns(table, reading))
    except DataError:
        return False


def _read(data: Any, reading: Reading) -> Listing:
    if is_table(data):
        reading, told = _said(data, reading)
        listing = read_rows(data, COLUMNS, text_row, reading, told=told)
        return replace(listing, findings=(*listing.findings, *told.findings))
    path = layouts.existing(data)
    if path.is_file():
        if suffix_of(path) is None:
            raise DataError(f"expected a table ({', '.join(TABLES)}), but got `{path.name}`", _WANTED)
        reading, told = _said(path, reading)
        listing = read_rows(path, COLUMNS, text_row, reading, prefix=f"{path.name} ", told=told)
        return replace(listing, findings=(*listing.findings, *told.findings))
    root = layouts.existing_folder(path)
    tables = split_tables(root)
    if not tables:
        kinds = ", ".join(layouts.suffixes(root))
        raise DataError(f"expected tables of texts with labels, but `{root}` holds {kinds}", _WANTED)
    reading, told = _said(tables[0][0], reading)
    listing = read_tables(tables, root, COLUMNS, reading, told)
    return replace(listing, findings=(*listing.findings, *told.findings))


def _said(table: Table, reading: Reading) -> tuple[Reading, LabelCells | OneHot]:
    """Where labels are in a table, and what reads them."""
    if columns := one_hot_columns(table, reading):
        return reading, OneHot(columns)
    if not has_columns(table, COLUMNS, reading) and (column := label_lists(table, reading)):
        reading = replace(reading, columns={**reading.columns, "labels": column})
    return reading, LabelCells(reading)


def _findings(listing: Listing, counts: Counter[str]) -> list[Finding]:
    """That texts have no label, which may be meant so or not; and labels that hardly any text has."""
    found = []
    bare = tuple(row.name for row in listing.rows if not row.label)
    if bare:
        found.append(Finding("no_label", f"{len(bare)} texts have no label; they are learned as such", bare))
    few = tuple(f"{name}: {count}" for name, count in sorted(counts.items()) if count < _FEW)
    if few:
        found.append(Finding("few_examples", f"{len(few)} labels have fewer than {_FEW} texts", few))
    return found
