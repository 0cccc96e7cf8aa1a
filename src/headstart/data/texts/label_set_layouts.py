"""Layouts of texts that have several labels each, or none.

data.csv|tsv|jsonl|parquet                  columns text, labels, and perhaps split and a group
train.csv  val.csv  test.csv                a folder of such files, one for each split

What a table of them may be is in `data/tables/label_tables.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...types import Named
from ..listing import Listing
from ..reading import PLAIN, Reading
from ..tables.label_tables import LABELS, has_sets, said, told
from ..tabular import Said, Tabular
from .layouts import looks_like_texts

if TYPE_CHECKING:
    from ..tables.records import Table

COLUMNS = ("text", LABELS)
_WANTED = "give a CSV file with the columns text and labels, where labels are separated by |: sport|politics"


def _sets(table: Table, reading: Reading) -> Said | None:
    if not has_sets(table, COLUMNS[0], reading):
        return None
    reading, cells = said(table, COLUMNS[0], reading)
    return Said(reading, cells, lambda: list(cells.findings))


SETS = Tabular(COLUMNS, _WANTED, _sets)


def read_label_sets(data: Named, reading: Reading = PLAIN) -> Listing:
    """The rows of a file, folder or DataFrame of texts with labels; `Row.label` is the set as an answer.

    Raises:
        DataError: there is no such layout here, a file cannot be read, a column is missing, or no text has
            a label.
    """
    return told(SETS.read(data, reading), "text", _WANTED)


def looks_like_label_sets(data: Named, reading: Reading = PLAIN) -> bool:
    """Is this a layout of texts with sets of labels? Reads headers only."""
    if {"label", "source", "target"} & set(reading.columns) or looks_like_texts(data, reading):
        return False
    return SETS.claims(data, reading)
