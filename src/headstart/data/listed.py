"""What a person gave as data, read as a task reads it, with one spelling of each label: for all verbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..types import Data, Finding
from .groups import unified_groups
from .label_names import Spoken, unified, vanished
from .links import followed
from .listing import Listing
from .reader import Reader
from .reading import PLAIN, Reading
from .tables.frames import adopted


class Spelt(Protocol):
    """What is needed of an answer."""

    @property
    def spoken(self) -> Spoken | None:
        """How answers are made of names whose spelling does not matter."""
        ...


class Listable(Protocol):
    """What is needed of a task."""

    @property
    def reader(self) -> Reader: ...
    @property
    def answer(self) -> Spelt: ...


def listed(data: Data, task: Listable, reading: Reading = PLAIN, known: Sequence[str] = ()) -> Listing:
    """The rows of any data of the task.

    Args:
        data: A path, or a Python object of any kind that `objects.py` knows.
        task: What reads the rows.
        reading: What was asked about them.
        known: Labels that a model has.

    Raises:
        DataError: they are no data, or not the task's.
    """
    listing: Listing = unified_groups(task.reader.read(adopted(followed(data, reading)), reading), reading)
    spoken = task.answer.spoken
    return listing if spoken is None else unified(listing, reading.options, spoken, known)


def missing(listing: Listing, kept: Sequence[str], task: Listable) -> list[Finding]:
    """A finding about the classes of which none of the answers that are kept is one."""
    spoken = task.answer.spoken
    return [] if spoken is None else vanished(listing, kept, spoken)
