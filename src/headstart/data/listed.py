"""What a person gave as data, read as a task reads it, with one spelling of each label: for all verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..types import Finding, Row, Source
from .groups import unified_groups
from .label_names import ONE_NAME, Spoken, unified, vanished
from .links import followed
from .listing import Listing
from .reading import PLAIN, Reading
from .tables.frames import adopted


def listed(data: Any, task: Any, reading: Reading = PLAIN, known: Sequence[str] = ()) -> Listing:
    """The rows of any data of the task.

    Args:
        data: A path, or a Python object of any kind that `objects.py` knows.
        task: What reads the rows.
        reading: What was asked about them.
        known: Labels that a model has.

    Raises:
        DataError: they are no data, or not the task's.
    """
    listing: Listing = unified_groups(task.read(adopted(followed(data, reading)), reading), reading)
    spoken = _spoken(task)
    return listing if spoken is None else unified(listing, reading.options, spoken, known)


def missing(listing: Listing, kept: Sequence[str], task: Any) -> list[Finding]:
    """A finding about the classes of which none of the answers that are kept is one."""
    spoken = _spoken(task)
    return [] if spoken is None else vanished(listing, kept, spoken)


def remarks(task: Any, rows: Sequence[Row]) -> list[Finding]:
    """What a task has to say about how the sources are written that can be used."""
    told: Callable[[Sequence[Source]], list[Finding]] | None = getattr(task, "remarks", None)
    return told([row.source for row in rows]) if told else []


def _spoken(task: Any) -> Spoken | None:
    """How answers are made of names; None where they are not, or where their reader unifies them."""
    if getattr(task, "open_ended", False):
        return getattr(task, "spoken", None)
    return ONE_NAME
