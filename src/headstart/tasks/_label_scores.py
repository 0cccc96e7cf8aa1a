"""How well sets of labels fit: micro-F1, each text's part in it, and what stands beside it.

Micro-F1 counts all decisions of all texts together, 2 TP / (2 TP + FP + FN), so that frequent labels weigh
more; macro-F1 is the mean over labels, where all weigh alike (Sokolova and Lapalme, "A systematic analysis of
performance measures for classification tasks", 2009). Where nothing is right and nothing is said, both are 1.
Micro-F1 is no mean over texts: a text's part is what leaving it out does (`_influence.py`), which needs no
second look at the others.

Notation: n texts, k labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.label_sets import names_in, set_of
from ..types import FloatArray
from ._influence import influence

Table = NDArray[np.bool_]


@dataclass(frozen=True)
class Matched:
    """What was said of n texts, and what is right, each (n, k)."""

    labels: tuple[str, ...]
    """The k that are known to an answer."""
    said: Table
    right: Table

    def scores(self) -> FloatArray:
        """(n,) what each text does to micro-F1, which is their mean."""
        hits, misses = (self.said & self.right).sum(1), (self.said ^ self.right).sum(1)
        whole = float(_f1(hits.sum(), misses.sum()))
        return influence(whole, _f1(hits.sum() - hits, misses.sum() - misses))

    def metrics(self) -> dict[str, float]:
        """Micro-F1 first; labels that no text has and none was given take no part in macro-F1."""
        hits, misses = (self.said & self.right).sum(0), (self.said ^ self.right).sum(0)
        seen, each = hits + misses > 0, _f1(hits, misses)
        own = {f"f1 {self.labels[number]}": float(each[number]) for number in np.flatnonzero(seen)}
        return {
            "micro_f1": float(_f1(hits.sum(), misses.sum())),
            "macro_f1": float(each[seen].mean()) if seen.any() else 1.0,
            "exact_match": float((self.said == self.right).all(1).mean()),
            "hamming_loss": float((self.said ^ self.right).mean()) if self.labels else 0.0,
            **own,
        }


def matched(outputs: Sequence[str], right: Sequence[str]) -> Matched:
    """The answers of n texts and the right ones, as `data/label_sets.py` has them."""
    labels = names_in([*outputs, *right])
    return Matched(labels, table(outputs, labels), table(right, labels))


def table(answers: Sequence[str], labels: Sequence[str]) -> Table:
    """(n, k) which labels answers have; labels that are not named are left out."""
    numbers = {name: number for number, name in enumerate(labels)}
    found = np.zeros((len(answers), len(labels)), dtype=np.bool_)
    for row, answer in enumerate(answers):
        for name in set_of(answer).labels:
            if name in numbers:
                found[row, numbers[name]] = True
    return found


def _f1(hits: FloatArray, misses: FloatArray) -> FloatArray:
    """Of true positives, and of false positives and negatives together."""
    total = 2 * hits + misses
    return np.where(total > 0, 2 * hits / np.maximum(total, 1), 1.0)
