"""Whom a person wants recommendations for: tables of what they took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ...errors import DataError
from ..asked import MISSING, Asked, Input
from ..reading import Reading
from ..tables.frames import adopted
from .histories import MARK, History
from .layouts import SOURCE, THRESHOLD, beside, histories, table_of
from .tables import interactions


def users_asked(inputs: Sequence[object], reading: Reading, marked: bool) -> Asked:
    """Tables of what users took; each user is an input, called by their id.

    What they took in the source is a table that `--source-data` names; of its users those count who are
    asked for, and all where no other table is given.

    Args:
        inputs: paths, tables in memory.
        reading: what tables call their columns, and what was set.
        marked: are ids of the source other items than those of the target that are called so?

    Raises:
        DataError: nothing is there, or a table is none of interactions.
    """
    named = SOURCE.of(reading.options)
    if not inputs and not named:
        raise DataError("there is nobody to recommend anything to", "give a table of users and items")
    before = _histories(beside(named), replace(reading, columns={})) if named else {}
    known = {user: tuple(f"{MARK if marked else ''}{item}" for item in own) for user, own in before.items()}
    if not inputs:
        return Asked(Input(user, History(user, (), items).encoded()) for user, items in known.items())
    return Asked(chain.from_iterable([list(_of(given, reading, known)) for given in inputs]))


def _of(given: object, reading: Reading, known: dict[str, tuple[str, ...]]) -> Iterator[Input]:
    if isinstance(given, bytes):
        return iter([Input("(bytes)", given)])
    if isinstance(given, str | Path) and not Path(given).exists():
        raise DataError(f"`{given}`: {MISSING}", "give a table of users and items")
    told = _histories(table_of(adopted(given)), reading)
    return (
        Input(user, History(user, items, known.get(user, ()), at="asked").encoded())
        for user, items in told.items()
    )


def _histories(table: object, reading: Reading) -> dict[str, tuple[str, ...]]:
    return dict(histories(interactions(table, reading, THRESHOLD.of(reading.options))))  # type: ignore[arg-type]
