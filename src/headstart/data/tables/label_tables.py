"""Tables of examples with several labels each, or none, whatever an example is.

What a cell of `labels` may be is in `data/answers/label_sets.py` and `label_vectors.py`; labels may have a
column each (`one_hot.py`). A table that has `label` is one of one label each, unless lists stand in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import DataError
from ...types import Finding
from ..answers.label_sets import set_of
from ..listing import Listing
from ..reading import Reading
from .label_vectors import LabelCells
from .one_hot import OneHot, one_hot_columns
from .rows import has_columns, label_lists

if TYPE_CHECKING:
    from .records import Table

LABELS = "labels"
_FEW = 5
"""Fewer examples than this that have a label are a finding."""


def has_sets(table: Table, source: str, reading: Reading) -> bool:
    """Has a table examples, and a column of labels, or of lists called `label`, or one for each label?

    `source` is what we call the column of examples.
    """
    if has_columns(table, (source, LABELS), reading) or label_lists(table, source, reading) is not None:
        return True
    try:
        return bool(one_hot_columns(table, source, reading))
    except DataError:
        return False


def said(table: Table, source: str, reading: Reading) -> tuple[Reading, LabelCells | OneHot]:
    """Where labels are in a table, and what reads them."""
    if columns := one_hot_columns(table, source, reading):
        return reading, OneHot(columns)
    if not has_columns(table, (source, LABELS), reading) and (column := label_lists(table, source, reading)):
        reading = replace(reading, columns={**reading.columns, LABELS: column})
    return reading, LabelCells(reading)


def told(listing: Listing, what: str, wanted: str) -> Listing:
    """With findings about examples without a label, which may be meant so or not, and about rare labels.

    Args:
        listing: of examples with sets of labels.
        what: an example and several of them are called, `text`.
        wanted: a hint for data without any label.

    Raises:
        DataError: no example has a label.
    """
    counts = Counter(name for row in listing.rows for name in set_of(row.label).labels)
    if listing.rows and not counts:
        raise DataError(f"none of the {len(listing.rows)} {what}s has a label", wanted)
    found = []
    bare = tuple(row.name for row in listing.rows if not row.label)
    if bare:
        found.append(
            Finding("no_label", f"{len(bare)} {what}s have no label; they are learned as such", bare)
        )
    few = tuple(f"{name}: {count}" for name, count in sorted(counts.items()) if count < _FEW)
    if few:
        found.append(Finding("few_examples", f"{len(few)} labels have fewer than {_FEW} {what}s", few))
    return replace(listing, findings=(*listing.findings, *found))
