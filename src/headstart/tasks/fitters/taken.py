"""What users took, of some rows of a data set, as matrices.

Notation: n users, m items that can be recommended, M items in all, f words, e numbers of a text.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from ...bases.base import Base
from ...data.ratings.histories import MARK, History, catalogue_of, decoded
from ...data.ratings.words import said_of
from ...preprocessing.items.contents import Float32
from ...preprocessing.ratings import RatingsPreprocess
from ...types import Examples, IntArray
from ..solvers.factorisation import Solved
from .contents import Contents, contents_of, words_of

LATE = 10


@dataclass(frozen=True)
class Taken:
    """What is learned from."""

    target: sparse.csr_matrix
    """(n, m)."""
    source: sparse.csr_matrix
    """(n, M)."""
    words: sparse.csr_matrix
    """(m, f) 1 for each word that is said of an item; f may be 0."""
    texts: Float32
    """(m, e) what a base says of the text of each item, 0 where it has none; e may be 0."""
    recent: Float32
    """(m,) how often each item was taken in the last tenth of the time; of all where that is unknown."""
    before: Float32 | None = None
    """(M, d) factors of items that a base has learned, 0 of others; None where there is no base."""

    @property
    def popularity(self) -> Float32:
        """(m,) how often each item was taken."""
        return np.asarray(self.target.sum(0), dtype=np.float32).ravel()

    @cached_property
    def solved(self) -> dict[tuple[object, ...], Solved]:
        """Factors of it that were found, by what was factorised and how: several arms need the same."""
        return {}

    @cached_property
    def contents(self) -> Contents:
        """What is said of items in words, and in words and texts."""
        return contents_of(self.words, self.texts, self.popularity)


def before_of(base: Base, how: RatingsPreprocess) -> Float32 | None:
    """(M, d) what a base has learned of the items of the source, by the numbers that these have here."""
    if base.classes is None:
        return None
    number = {item: place for place, item in enumerate(how.items)}
    found = np.zeros((len(how.items), base.classes.weight.shape[1]), np.float32)
    places = [number.get(f"{MARK if how.marked else ''}{name}", -1) for name in base.classes.labels]
    there = np.array(places) >= 0
    found[np.array(places)[there]] = base.classes.weight.numpy()[there]
    return found


@dataclass(frozen=True, eq=False)
class _Asked:
    """Some rows of the very same examples."""

    examples: Examples
    preprocess: RatingsPreprocess
    rows: bytes

    @property
    def key(self) -> tuple[int, int, bytes]:
        return id(self.examples), id(self.preprocess), self.rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def taken(examples: Examples, preprocess: RatingsPreprocess, rows: IntArray) -> Taken:
    """What is known of users, and what is right for them, of some rows.

    The last two are kept: all arms learn from training, and then from validation too.
    """
    return _taken(_Asked(examples, preprocess, np.asarray(rows, np.int64).tobytes()))


@lru_cache(maxsize=2)
def _taken(asked: _Asked) -> Taken:
    examples, preprocess, rows = asked.examples, asked.preprocess, np.frombuffer(asked.rows, np.int64)
    number = {item: place for place, item in enumerate(preprocess.items)}
    users: dict[str, int] = {}
    target, source, newest = _Pairs(), _Pairs(), list[int]()
    when, stamped, whose = array("q"), array("q"), array("q")
    for row in rows.tolist():
        history = decoded(examples.sources[row])
        if not isinstance(history, History):
            continue
        user = users.setdefault(history.user, len(users))
        answers = examples.answers[row].numbers
        target.add(user, answers)
        if isinstance(history.at, int):  # what followed a time is newer than all that is known at it
            newest += answers[answers >= 0].tolist()
        for item, stamp in zip(history.items, history.when, strict=False):
            if item in number:
                when.append(stamp)
                stamped.append(number[item])
                whose.append(user)
        source.add(user, [number[item] for item in history.source if item in number])
    shape, every = (len(users), preprocess.size), (len(users), len(preprocess.items))
    own = target.matrix(shape)
    last = np.bincount(newest, minlength=preprocess.size).astype(np.float32)
    taken = np.array([when, stamped, whose], dtype=np.int64)
    recent = last if newest else _recent(own, taken)
    said = said_of(catalogue_of(examples), preprocess)
    return Taken(own, source.matrix(every), words_of(said), said.texts, recent)


def _recent(target: sparse.csr_matrix, taken: IntArray) -> Float32:
    """(m,) what is taken last is counted, if anything says when; what is known twice counts once.

    `taken` (3, t) is when, what and whose.
    """
    when = taken[0]
    if not len(when):
        return np.asarray(target.sum(0), dtype=np.float32).ravel()
    late = when >= when.max() - (when.max() - when.min()) / LATE
    once = np.unique(taken[:, late], axis=1)[1]
    return np.bincount(once, minlength=target.shape[1]).astype(np.float32)


def described(examples: Examples) -> bool:
    """Is anything said of items?"""
    return bool(catalogue_of(examples).words)


class _Pairs:
    """Pairs of numbers, each counted once."""

    def __init__(self) -> None:
        self.rows: list[IntArray] = []
        self.columns: list[IntArray] = []

    def add(self, row: int, columns: object) -> None:
        found = np.asarray(columns, dtype=np.int64)
        found = found[found >= 0]
        self.rows.append(np.full(len(found), row))
        self.columns.append(found)

    def matrix(self, shape: tuple[int, int]) -> sparse.csr_matrix:
        nothing = np.zeros(0, dtype=np.int64)
        row, column = (np.concatenate([nothing, *parts]) for parts in (self.rows, self.columns))
        found = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape)
        found.sum_duplicates()
        found.data[:] = 1
        return found
