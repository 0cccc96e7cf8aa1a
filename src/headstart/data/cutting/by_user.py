"""Cut interactions of users: by one time for all, else one of each user's items, and some users whole.

    with stamps       |------- learned from -------|-- validation --|-- test --|     the same times for all
    without           of each user one item is tested and one is chosen on; of some users, drawn by their
                      ids, everything, or everything but two items

A cut at a time of each user's own would teach what came into fashion after it: items are learned from all
users (Ji et al., "A critical study on data leakage in recommender system offline evaluation", ACM
Transactions on Information Systems 41, 2023).

Notation: n interactions, u users.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...types import BoolArray, IntArray

TRAIN, VALIDATION, TEST = 0, 1, 2
SHARE = 0.15
"""Of the interactions, that are tested, and as many that are chosen on."""
COLD, FEW = 0.15, 0.15
"""Of the users without stamps, that are tested with nothing known, and with `KEPT` items."""
CHOSEN = 0.1
"""Of them, that are chosen on in each of both ways."""
KEPT = 2
LEAST = 3
"""Items of a user, of whom one is tested and one is chosen on."""


@dataclass(frozen=True)
class Cut:
    """(n,) the side of each interaction, and how it was cut."""

    side: IntArray
    times: tuple[int, int] | None
    """When validation and test begin; None where that is not by time."""


def cut(user: IntArray, when: IntArray | None, names: Sequence[str]) -> Cut:
    """The side of each interaction.

    Args:
        user: (n,) number of each interaction's user.
        when: (n,) stamps, if there are any.
        names: (u,) ids of the users: what is drawn is drawn by them.
    """
    times = None if when is None else _times(when)
    if when is not None and times is not None:
        return Cut((when >= times[0]).astype(np.int64) + (when >= times[1]), times)
    return Cut(_by_ids(user, names), None)


def share_of(name: str, purpose: str) -> float:
    """From 0 to 1, the same whenever a name is asked for one purpose."""
    return zlib.crc32(f"{purpose}:{name}".encode()) / 2**32


def _times(when: IntArray) -> tuple[int, int] | None:
    """When validation and test begin; None where nearly everything has one stamp."""
    ordered = np.sort(when)
    first, second = (
        int(ordered[min(len(ordered) - 1, round((1 - share) * len(ordered)))]) for share in (2 * SHARE, SHARE)
    )
    return (first, second) if ordered[0] < first < second else None


def _by_ids(user: IntArray, names: Sequence[str]) -> IntArray:
    side = np.zeros(len(user), dtype=np.int64)
    order = np.argsort(user, kind="stable")
    count = np.bincount(user, minlength=len(names))
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    for number, name in enumerate(names):
        rows = order[starts[number] : starts[number] + count[number]]
        side[rows] = _of_one(len(rows), name)
    return side


def _of_one(count: int, name: str) -> IntArray:
    """(count,) sides of one user's interactions."""
    if count < 2:
        return np.zeros(count, dtype=np.int64)
    drawn, whole = share_of(name, "held out"), np.zeros(count, dtype=np.int64)
    order = np.roll(np.arange(count), -int(share_of(name, "first") * count))
    for share, sided, kept in (
        (COLD, TEST, 0),
        (FEW, TEST, KEPT),
        (CHOSEN, VALIDATION, 0),
        (CHOSEN, VALIDATION, KEPT),
    ):
        if drawn < share and count > kept:
            whole[order[kept:]] = sided
            return whole
        drawn -= share
    whole[order[0]] = TEST
    if count >= LEAST:
        whole[order[1]] = VALIDATION
    return whole


def taken(names: Sequence[str], most: int) -> BoolArray:
    """(u,) those that are asked for, where there are too many: drawn by their ids."""
    drawn = np.array([share_of(name, "asked") for name in names])
    if len(drawn) <= most:
        return np.ones(len(drawn), dtype=np.bool_)
    return np.asarray(drawn <= np.partition(drawn, most - 1)[most - 1])
