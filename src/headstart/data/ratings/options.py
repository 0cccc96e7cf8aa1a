"""What may be set for tables of interactions."""

from __future__ import annotations

import csv
import math

from ...options import Option
from .tables import id_of

AUTO, NO_BASE = "auto", "none"
"""What is at hand for texts, and that texts are not read."""
SHARED = ("users", "items", "both", "none")


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError("expected a number")
    return found


def _ids(text: str) -> tuple[str, ...]:
    """One line of a CSV file."""
    (cells,) = csv.reader([text], skipinitialspace=True)
    named = [id_of(cell) for cell in cells]
    if not named or None in named:
        raise ValueError("expected ids of users, got an empty one")
    return tuple(dict.fromkeys(one for one in named if one is not None))


def _shared(text: str) -> str:
    told = {part.strip() for part in text.split(",")}
    if told == {"users", "items"}:
        return "both"
    if len(told) != 1 or not told <= set(SHARED):
        raise ValueError(f"expected {', '.join(SHARED)}")
    return told.pop()


SOURCE = Option("source_data", "interactions to transfer from: a table, or a run that keeps them", "", str)
ITEMS = Option("items", "table of what is known of items: genres, makers, …", "", str)
DESCRIBE = Option(
    "describe",
    "text base that reads what items are called and described as: auto, none, or its name",
    AUTO,
    str,
)
SHARES = Option(
    "shared", "of whom the same id means the same in both tables: users, items, both", "", _shared
)
USER = Option[tuple[str, ...]](
    "user", "whom a bundle recommends to: ids with commas between, in quotes where they hold one", (), _ids
)
THRESHOLD = Option[float | None](
    "threshold", "the least rating that counts as an interaction; all where nothing is said", None, _number
)
OPTIONS = (SOURCE, ITEMS, DESCRIBE, SHARES, THRESHOLD)
