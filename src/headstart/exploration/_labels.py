"""Labels that exist, read only where somebody asks for them by their column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..data.links import followed
from ..data.tables.frames import adopted
from ..errors import DataError, SettingsError
from ..types import Source
from ._asked import Asked
from ._begin import Begun

COLUMN = "label"
"""What tasks with classes call theirs."""


def labels_of(begun: Begun, asked: Asked) -> list[str | None]:
    """(n,) what each example is labelled, None where nothing says so.

    Raises:
        SettingsError: examples of this task have no such labels.
        DataError: there is no such column, or no example has a label.
    """
    reader = begun.labelled.reader
    if COLUMN not in reader.columns:
        raise SettingsError(
            f"examples of {begun.name} have no labels to compare with",
            "leave out --labels, or name another --task",
        )
    columns = asked.columns if asked.labels == COLUMN else {**asked.columns, COLUMN: str(asked.labels)}
    reading = replace(asked.reading, columns=columns)
    listing = reader.read(adopted(followed(asked.data, reading)), reading)
    known = {_key(row.source): row.label for row in listing.rows}
    found = [known.get(_key(source)) for source in begun.splits.examples.sources]
    if len(set(found) - {None}) < 2:
        raise DataError(
            f"the examples have no two labels in the column `{asked.labels}`", "name another with --labels"
        )
    return found


def some(labels: Sequence[str | None]) -> list[int]:
    """The rows that have a label."""
    return [row for row, label in enumerate(labels) if label]


def _key(source: Source) -> Source:
    return source.resolve() if isinstance(source, Path) else source
