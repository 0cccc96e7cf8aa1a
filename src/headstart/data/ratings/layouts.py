"""Tables of interactions of a target, and of a source beside it: the rows of a task of recommendations.

Each user is an example: what is known of them, in the target and in the source, and what they took next.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError, SettingsError
from ...types import Finding, IntArray, Named, Row
from .. import layouts
from ..cutting.by_user import COLD, KEPT, TEST, VALIDATION, Cut, cut, taken
from ..cutting.by_user import FEW as FEWS
from ..listing import Listing, entries, unusable
from ..reading import PLAIN, Reading
from ..tables.records import SUFFIXES, is_table, suffix_of
from . import movielens
from .histories import FEW, KINDS, LEARNED, MARK, History, described, kind_of, label
from .items import known_of
from .learned import require_other, source_of
from .options import SHARES, SOURCE, THRESHOLD, USER
from .tables import Interactions, claimed, has_ratings, interactions

if TYPE_CHECKING:
    from ..tables.records import Table

SIDES = ("learned", "validation", "test")
MOST = 10_000
"""Users that are tested, and that are chosen on."""
FEW_TESTED = 100
MANY = 20
"""Items from which on ten of them are a choice."""
_WANTED = "give a table with the columns user_id and item_id"


@dataclass(frozen=True)
class Both:
    """The interactions of target and source, and what the same ids mean."""

    target: Interactions
    source: Interactions | None
    shared: str
    learned: bool = False
    """Is the source no table, but what a recommender has learned from?"""

    @property
    def same_users(self) -> bool:
        """Is a user of the source the one of the target who is called so?"""
        return self.shared in ("users", "both")

    @property
    def same_items(self) -> bool:
        """Is an item of the source the one of the target that is called so?"""
        return self.shared in ("items", "both")


def claims(data: Named, reading: Reading = PLAIN) -> int:
    """More than surely ours: columns of users and of items outweigh numbers and stamps beside them."""
    table = _table(data)
    return 3 if table is not None and claimed(table, reading) else 0


def read(data: Named, reading: Reading = PLAIN) -> Listing:
    """What is known of each user, in training, validation or test.

    Raises:
        DataError: there is no table of interactions, or too little in it.
        SettingsError: there is nothing to transfer from, or nobody said what the ids mean.
    """
    _require_all(reading)
    both, same = _both(data, reading)
    found = both.target
    if len(found.items) < 2:
        raise DataError(
            "there is one item only, and nothing to choose from",
            "give a table in which users took several items",
        )
    sides = cut(found.user, found.when, found.users)
    both, late = _before(both, sides)
    rows, findings = _rows(both, sides)
    known, about = known_of(reading, found.items)
    dropped = (*found.dropped, *(both.source.dropped if both.source else ()))
    told = (
        *found.findings,
        *(both.source.findings if both.source else ()),
        *same,
        *late,
        *_few_items(found),
        _how(sides, found),
        *findings,
        *about,
        *_ahead(both),
    )
    if known.words:
        rows.append(Row("what is known of items", known.encoded(), described(tuple(known.words)), "train"))
    if not {"validation", "test"} <= {row.split for row in rows}:
        raise DataError(
            "too little to choose on and to test: no users have items enough",
            "give more users with three items or more",
        )
    return Listing(tuple(rows), dropped, told, layout=f"{len(found.users)} users, {len(found.items)} items")


def read_heap(data: Named, reading: Reading = PLAIN) -> Listing:
    """Everything that each user took, without what comes next."""
    _require_all(reading)
    found = interactions(table_of(data), reading, THRESHOLD.of(reading.options))
    rows = [
        Row(user, History(user, items).encoded(), label((), len(items))) for user, items in histories(found)
    ]
    return Listing(tuple(rows), found.dropped, found.findings)


def _require_all(reading: Reading) -> None:
    """Raises SettingsError: some users are asked for, where all are read."""
    if USER.of(reading.options):
        raise SettingsError(
            "users are named to recommend something to them, here all of a table are read",
            "leave out --set user=…; headstart predict BUNDLE --user ID is what takes it",
        )


def histories(found: Interactions) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each user and what they took."""
    for user, rows in enumerate(_by_user(found.user, len(found.users))):
        yield found.users[user], tuple(found.items[item] for item in found.item[rows].tolist())


def _both(data: Named, reading: Reading) -> tuple[Both, list[Finding]]:
    threshold, named = THRESHOLD.of(reading.options), SOURCE.of(reading.options)
    target = interactions(table_of(data), reading, threshold)
    if not named:
        return Both(target, None, "none"), []
    source = source_of(named, reading, threshold)
    shared = SHARES.of(reading.options)
    users, items = set(target.users) & set(source.users), set(target.items) & set(source.items)
    counts = (
        f"{len(users)} of {len(target.users)} user ids and {len(items)} of {len(target.items)} item ids of "
        "the target are in the source too"
    )
    if shared in ("", "none"):
        why = "the same id may mean another thing there" if not shared else "nothing is shared"
        raise SettingsError(
            f"nothing can be transferred yet: {why}; {counts}",
            "say whose ids mean the same in both tables: --set shared=users, items or both",
        )
    both = Both(target, source, shared, Path(named).is_dir())
    if (both.same_users and not users) or (both.same_items and not items):
        raise DataError(
            f"nothing is shared: {counts}", "check how both tables write their ids, and --set shared=…"
        )
    require_other(target, source)
    return both, [Finding("shared", f"{counts}; taken for the same: {shared} (--set shared=…)")]


def _before(both: Both, sides: Cut) -> tuple[Both, list[Finding]]:
    """Without what the source knows only after validation begins: that was not known then."""
    source = both.source
    if source is None or source.when is None or sides.times is None:
        return both, []
    early = source.when < sides.times[0]
    late = int((~early).sum())
    if not early.any():
        raise DataError(
            "the source begins after the time at which the target is cut: nothing of it was known then",
            "give a source that is older than the last third of the target",
        )
    told = f"{late} interactions of the source are as late as what is asked for: they are left out"
    told += ", and of a base the factors too, which know them" * both.learned
    kept = replace(both, source=source.but(np.flatnonzero(early)))
    return kept, [Finding("future", told)] * bool(late)


def _rows(both: Both, sides: Cut) -> tuple[list[Row], list[Finding]]:
    found, beside = both.target, _of_source(both)
    asked = {side: _asked(found, sides, side) for side in (VALIDATION, TEST)}
    rows, alone = list[Row](), 0
    for user, own in enumerate(_by_user(found.user, len(found.users))):
        name = found.users[user]
        one = _User(found, sides, name, own, beside.pop(name, ()) if both.same_users else ())
        alone += len(own) == 1
        rows += one.learned()
        gone = set(one.source) if both.same_items else set[str]()
        for side, split in ((VALIDATION, "validation"), (TEST, "test")):
            if name in asked[side]:
                rows += one.asked(side, split, gone)
    rows += [
        Row(f"{name.removeprefix(MARK)} (source)", History(name, (), items).encoded(), label((), 0), "train")
        for name, items in beside.items()
    ]
    return rows, _counted(rows, alone)


@dataclass(frozen=True)
class _User:
    """One user of the target: the rows of the table, and what they took in the source."""

    found: Interactions
    sides: Cut
    name: str
    rows: IntArray
    source: tuple[str, ...]

    def learned(self) -> list[Row]:
        """What is learned from, if there is anything."""
        known = replace(self._before(VALIDATION), at=LEARNED)
        if not known.items and not known.source:
            return []
        return [Row(f"{self.name} (learned)", known.encoded(), label(known.items, len(known.items)), "train")]

    def asked(self, side: int, split: str, gone: set[str]) -> list[Row]:
        """What is asked for on a side, but for items that are `gone` anyway; nothing where none is left."""
        rows = self.rows[self.sides.side[self.rows] == side]
        rows = rows[[self.found.items[item] not in gone for item in self.found.item[rows].tolist()]]
        known = self._before(side)
        told = label(self._items(rows), len(known.items), self._when(rows))
        called = self.name if split == "test" else f"{self.name} ({split})"
        return [Row(called, known.encoded(), told, split)] * bool(len(rows))

    def _before(self, side: int) -> History:
        """All that is known before a side begins."""
        rows = self.rows[self.sides.side[self.rows] < side]
        at = SIDES[side] if self.sides.times is None else self.sides.times[side - 1]
        return History(self.name, self._items(rows), self.source, self._when(rows), at)

    def _items(self, rows: IntArray) -> tuple[str, ...]:
        return tuple(self.found.items[item] for item in self.found.item[rows].tolist())

    def _when(self, rows: IntArray) -> tuple[int, ...]:
        return () if self.found.when is None else tuple(self.found.when[rows].tolist())


def _of_source(both: Both) -> dict[str, tuple[str, ...]]:
    """What each user of the source took there; what is nobody and nothing of the target is marked."""
    if both.source is None:
        return {}
    user, item = ("" if same else MARK for same in (both.same_users, both.same_items))
    named = replace(both.source, items=tuple(f"{item}{one}" for one in both.source.items))
    return {f"{user}{name}": items for name, items in histories(named)}


def _asked(found: Interactions, sides: Cut, side: int) -> set[str]:
    """The users that are asked on a side: all, or as many as there is time for."""
    users = np.unique(found.user[sides.side == side]).tolist()
    names = [found.users[user] for user in users]
    return {name for name, one in zip(names, taken(names, MOST).tolist(), strict=True) if one}


def _by_user(user: IntArray, many: int) -> Iterator[IntArray]:
    """The rows of each user, in the order of the table."""
    order = np.argsort(user, kind="stable")
    return iter(np.split(order, np.cumsum(np.bincount(user, minlength=many))[:-1]))


def _counted(rows: Sequence[Row], alone: int) -> list[Finding]:
    """Users of one item only, and how many are tested of each kind."""
    tested = [json.loads(row.label)["known"] for row in rows if row.split == "test"]
    counts = np.bincount([kind_of(known) for known in tested], minlength=len(KINDS)).tolist()
    told = ", ".join(f"{count} {kind}" for count, kind in zip(counts, KINDS, strict=True))
    found = [
        Finding("users", f"tested are {told}: warm users have {FEW} items or more, few fewer, cold none")
    ]
    if alone:
        found.append(Finding("users", f"{alone} users have one item only"))
    if len(tested) < FEW_TESTED:
        found.append(Finding("few_examples", f"{len(tested)} users are tested: so few say little"))
    return found


def _few_items(found: Interactions) -> list[Finding]:
    """That everything fits into a list of recommendations, whoever makes it."""
    told = (
        f"there are {len(found.items)} items: a list of ten holds nearly all, and shows little of who chose"
    )
    return [Finding("few_items", told)] * (len(found.items) <= MANY)


def _how(sides: Cut, found: Interactions) -> Finding:
    """How it was cut."""
    if sides.times is not None:
        first, second = (time.strftime("%Y-%m-%d %H:%M", time.gmtime(one)) for one in sides.times)
        return Finding("cut", f"cut at two times for all users: validation from {first}, test from {second}")
    why = "there are no time stamps" if found.when is None else "nearly all stamps are the same"
    return Finding(
        "cut",
        f"{why}: of each user one item is tested and one is chosen on; of {COLD:.0%} of the users everything "
        f"is tested, of {FEWS:.0%} all but {KEPT} items",
    )


def _ahead(both: Both) -> list[Finding]:
    """Stamps after today."""
    when = both.target.when
    ahead = 0 if when is None else int((when > time.time()).sum())
    return [Finding("future", f"{ahead} interactions are dated after today")] * bool(ahead)


def table_of(data: Named) -> Table:
    """The table of what was named.

    Raises:
        DataError: it is none.
    """
    table = _table(data)
    if table is None:
        raise DataError("expected a table of interactions, found none", _WANTED)
    return table


def _table(data: Named) -> Table | None:
    """The table of what was named: a file, or the only one of a folder, the only one with ratings else."""
    if is_table(data):
        return data
    path = layouts.existing(data)
    if path.is_file():
        return movielens.read(path) if movielens.is_movielens(path) else path if suffix_of(path) else None
    inside = [one for one in entries(path) if one.is_file() and not unusable(one, path)]
    if films := [one for one in inside if movielens.is_movielens(one)]:
        return movielens.read(films[0])
    found = [one for one in inside if suffix_of(one) in SUFFIXES and claimed(one, PLAIN)]
    rated = [one for one in found if has_ratings(one, PLAIN)]
    return next((some[0] for some in (found, rated) if len(some) == 1), None)
