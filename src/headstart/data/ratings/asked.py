"""Whom a person wants recommendations for: tables of what they took, or users by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from ...errors import DataError
from ...preprocessing.ratings import RatingsPreprocess
from ..asked import MISSING, Asked, Input
from ..reading import Reading
from ..tables.frames import adopted
from .histories import MARK, History
from .layouts import histories, table_of
from .learned import source_of
from .options import SOURCE, THRESHOLD, USER
from .tables import Interactions, interactions

Took = Mapping[str, tuple[str, ...]]
"""By user the items."""
_NOTHING = RatingsPreprocess()


def users_asked(
    inputs: Sequence[object], reading: Reading, marked: bool, learned: RatingsPreprocess | None = None
) -> Asked:
    """Tables of what users took; each user is an input, called by their id.

    Users who are asked for by name (`--user`) took what the tables say, and where these know nothing of
    them, what the run read that made the bundle. What they took in the source is in a table, or a run, that
    `--set source_data` names; where nobody is named and no other table is given, its users are asked for.

    Args:
        inputs: paths, tables in memory.
        reading: what tables call their columns, and what was set.
        marked: are ids of the source other items than those of the target that are called so?
        learned: of a bundle, who took what, of all that its run read.

    Raises:
        DataError: nothing is there, or a table is none of interactions.
    """
    named, users = SOURCE.of(reading.options), USER.of(reading.options)
    if not inputs and not named and not users:
        raise DataError(
            "there is nobody to recommend anything to", "give a table of users and items, or users: --user ID"
        )
    before = _by_user(source_of(named, reading, THRESHOLD.of(reading.options))) if named else {}
    known = {user: tuple(f"{MARK if marked else ''}{item}" for item in own) for user, own in before.items()}
    if users:
        tables = [_by_user(_told(given, reading)) for given in inputs]
        return Asked(_named(users, tables, known, learned or _NOTHING))
    if not inputs:
        return Asked(Input(user, History(user, (), items).encoded()) for user, items in known.items())
    return Asked(chain.from_iterable([list(_of(given, reading, known)) for given in inputs]))


def _named(
    users: Sequence[str], tables: Sequence[Took], before: Took, learned: RatingsPreprocess
) -> Iterator[Input]:
    """Each of these users, with reasons."""
    for user in users:
        told = dict.fromkeys(chain.from_iterable(table.get(user, ()) for table in tables))
        items, source = learned.taken_by(user)
        history = History(user, tuple(told) or items, before.get(user, source), at="asked", why=True)
        yield Input(user, history.encoded())


def _of(given: object, reading: Reading, known: Took) -> Iterator[Input]:
    if isinstance(given, bytes):
        return iter([Input("(bytes)", given)])
    found = _told(given, reading)
    users = (
        Input(user, History(user, items, known.get(user, ()), at="asked").encoded())
        for user, items in _by_user(found).items()
    )
    return chain(users, (Input(one.file, b"", one.reason) for one in found.dropped))


def _told(given: object, reading: Reading) -> Interactions:
    if isinstance(given, str | Path) and not Path(given).exists():
        raise DataError(f"`{given}`: {MISSING}", "give a table of users and items")
    table = table_of(adopted(given))
    return interactions(table, reading, THRESHOLD.of(reading.options))


def _by_user(found: Interactions) -> Took:
    return dict(histories(found))
