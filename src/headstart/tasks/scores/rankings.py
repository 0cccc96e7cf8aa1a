"""How good lists of items are: the first of each, against all that a user took next.

All items are ranked, never a sample of them: sampled metrics order recommenders otherwise
(W. Krichene & S. Rendle, "On sampled metrics for item recommendation", KDD 2020).

Notation: n users, K items in a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...data.ratings.histories import KINDS, kind_of
from ...types import BoolArray, FloatArray, IntArray
from .base import Score, Scores, Titles

TOP = 10
"""Of a list, that count."""


@dataclass(frozen=True)
class Next:
    """What is right for one user."""

    items: tuple[str, ...]
    """What they took next; of training all that they took."""
    known: int
    """Items of the target that were known of them."""
    numbers: IntArray
    """Of these items among those that can be recommended; -1 of others, which count as missed."""
    of: int = 0
    """Items that can be recommended."""
    when: tuple[int, ...] = ()
    """Of `items`, seconds since 1970; none where nobody knows."""


def hits(outputs: FloatArray, right: Sequence[Next]) -> BoolArray:
    """(n, 10) is what is in a list right?"""
    lists = np.asarray(outputs)[:, 1 : TOP + 1, 0]
    found = [np.isin(own, one.numbers[one.numbers >= 0]) for own, one in zip(lists, right, strict=True)]
    return np.array(found, dtype=np.bool_).reshape(len(lists), -1)


def ndcg(outputs: FloatArray, right: Sequence[Next]) -> FloatArray:
    """(n,) the discounted gain of the first ten over that of the best list."""
    found = hits(outputs, right)
    worth = 1 / np.log2(np.arange(2, TOP + 2))
    best = np.cumsum(worth)[[min(TOP, len(one.items)) - 1 for one in right]]
    return np.asarray((found * worth[: found.shape[1]]).sum(1) / best)


def recall(outputs: FloatArray, right: Sequence[Next]) -> FloatArray:
    """(n,) share of what was taken that is among the first ten, of as many as can be."""
    most = np.array([min(TOP, len(one.items)) for one in right])
    return np.asarray(hits(outputs, right).sum(1) / most)


def _more(outputs: FloatArray, right: Sequence[Next]) -> dict[str, float]:
    """NDCG of each kind of users, and the share of all items that anybody is recommended."""
    scores, kinds = ndcg(outputs, right), np.array([kind_of(one.known) for one in right])
    each = {
        f"ndcg_of {name}": float(scores[kinds == number].mean())
        for number, name in enumerate(KINDS)
        if (kinds == number).any()
    }
    lists = np.asarray(outputs)[:, 1 : TOP + 1, 0]
    shown = len(np.unique(lists[lists >= 0]))
    return {**each, "coverage": shown / max([1, *(one.of for one in right)])}


NDCG = Score("ndcg", ndcg, title="NDCG@10")
RANKINGS = Scores(
    (NDCG, Score("recall", recall, title="recall@10")),
    more=_more,
    further=Titles(of_class={"ndcg_of": "NDCG@10"}),
)
