"""How good lists of items are: the first of each, against all that a user took next.

All items are ranked, never a sample of them: sampled metrics order recommenders otherwise
(W. Krichene & S. Rendle, "On sampled metrics for item recommendation", KDD 2020).

Notation: n users, K items in a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...data.ratings.histories import KINDS, kind_of
from ...types import BoolArray, FloatArray, IntArray
from .base import Score, Scores, Titles

TOP = 10
"""Of a list, that count."""
NEW = 2
"""Column of the list of new items."""


@dataclass(frozen=True, eq=False)
class Among:
    """What can be recommended."""

    size: int = 0
    """m."""
    counts: IntArray | None = None
    """(m,) how often each item was taken of what is learned from; 0 of those that are described only."""

    @cached_property
    def new(self) -> IntArray:
        """Numbers of the items that nobody took."""
        return np.flatnonzero(np.ones(0) if self.counts is None else self.counts == 0)

    @cached_property
    def bits(self) -> FloatArray:
        """(m,) self-information of each item: of its share of all that was taken; once, where nobody did."""
        counts = np.ones(self.size) if self.counts is None else self.counts
        return np.asarray(-np.log2(np.maximum(counts, 1) / max(1, counts.sum())))


@dataclass(frozen=True)
class Next:
    """What is right for one user."""

    items: tuple[str, ...]
    """What they took next; of training all that they took."""
    known: int
    """Items of the target that were known of them."""
    numbers: IntArray
    """Of these items among those that can be recommended; -1 of others, which count as missed."""
    when: tuple[int, ...] = ()
    """Of `items`, seconds since 1970; none where nobody knows."""
    described: bool = False
    """Are these no items that a user took, but those that are described?"""
    among: Among = Among()
    """What can be recommended."""


def hits(outputs: FloatArray, right: Sequence[Next], column: int = 0) -> BoolArray:
    """(n, 10) is what is in a list right? The list of column 2 has new items only."""
    lists = np.asarray(outputs)[:, 1 : TOP + 1, column]
    found = [np.isin(own, one.numbers[one.numbers >= 0]) for own, one in zip(lists, right, strict=True)]
    return np.array(found, dtype=np.bool_).reshape(lists.shape)


def ndcg(outputs: FloatArray, right: Sequence[Next]) -> FloatArray:
    """(n,) the discounted gain of the first ten over that of the best list."""
    return _gained(hits(outputs, right), [len(one.items) for one in right])


def _gained(found: BoolArray, many: Sequence[int]) -> FloatArray:
    """(n,) of (n, 10) hits, where so many items are right."""
    worth = 1 / np.log2(np.arange(2, TOP + 2))
    best = np.cumsum(worth)[[min(TOP, count) - 1 for count in many]]
    return np.asarray((found * worth[: found.shape[1]]).sum(1) / best)


def of_new(outputs: FloatArray, right: Sequence[Next]) -> FloatArray:
    """(n',) NDCG of items that nobody took before, ranked among themselves, of users who took such."""
    many = np.array([np.isin(one.numbers, one.among.new).sum() for one in right], dtype=np.int64)
    rows = np.flatnonzero(many)
    some = [right[row] for row in rows.tolist()]
    return _gained(hits(np.asarray(outputs)[rows], some, NEW), many[rows].tolist())


def recall(outputs: FloatArray, right: Sequence[Next]) -> FloatArray:
    """(n,) share of what was taken that is among the first ten, of as many as can be."""
    most = np.array([min(TOP, len(one.items)) for one in right])
    return np.asarray(hits(outputs, right).sum(1) / most)


def _more(outputs: FloatArray, right: Sequence[Next]) -> dict[str, float]:
    """NDCG of each kind of users and among new items, coverage, and novelty.

    Coverage is the share of all items that anybody is recommended, novelty the mean self-information of what
    is recommended, in bits (Y. C. Zhang et al., "Auralist: introducing serendipity into music
    recommendation", WSDM 2012): an item that is a thousandth of all that was taken has 10 bits.
    """
    scores, kinds = ndcg(outputs, right), np.array([kind_of(one.known) for one in right])
    each = {
        f"ndcg_of {name}": float(scores[kinds == number].mean())
        for number, name in enumerate(KINDS)
        if (kinds == number).any()
    }
    lists = np.asarray(outputs)[:, 1 : TOP + 1, 0]
    listed = lists[lists >= 0].astype(np.int64)
    among = right[0].among if len(right) else Among()
    fresh = of_new(outputs, right) if len(among.new) else np.zeros(0)
    return {
        **each,
        **({"ndcg_new": float(fresh.mean())} if len(fresh) else {}),
        "coverage": len(np.unique(listed)) / max(1, among.size),
        **({"novelty": float(among.bits[listed].mean())} if len(listed) and among.counts is not None else {}),
    }


NDCG = Score("ndcg", ndcg, title="NDCG@10")
RANKINGS = Scores(
    (NDCG, Score("recall", recall, title="recall@10")),
    more=_more,
    amounts=("novelty",),
    further=Titles(
        {"ndcg_new": "NDCG@10 among new items", "novelty": "novelty (bits)"}, of_class={"ndcg_of": "NDCG@10"}
    ),
)
