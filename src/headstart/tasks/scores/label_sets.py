"""How well sets of labels fit: micro-F1, each text's part in it, and what stands beside it.

Micro-F1 counts all decisions of all texts together, 2 TP / (2 TP + FP + FN), so that frequent labels weigh
more; macro-F1 is the mean over labels, where all weigh alike (Sokolova and Lapalme, "A systematic analysis of
performance measures for classification tasks", 2009). Where nothing is right and nothing is said, both are 1.
Micro-F1 is no mean over texts: a text's part is what leaving it out does (`influence.py`), which needs no
second look at the others.

Notation: n texts, k labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.answers.label_sets import names_in, set_of
from ...types import FloatArray
from .base import Score, Scores, Titles
from .influence import influence

Table = NDArray[np.bool_]


@dataclass(frozen=True)
class Matched:
    """What was said of n texts, and what is right, each (n, k)."""

    labels: tuple[str, ...]
    """The k that are known to an answer."""
    said: Table
    right: Table

    def micro(self) -> FloatArray:
        """(n,) what each text does to micro-F1, which is their mean."""
        hits, misses = (self.said & self.right).sum(1), (self.said ^ self.right).sum(1)
        whole = float(_f1(hits.sum(), misses.sum()))
        return influence(whole, _f1(hits.sum() - hits, misses.sum() - misses))

    def macro(self) -> FloatArray:
        """(n,) the same of macro-F1."""
        hits, misses = self.said & self.right, self.said ^ self.right
        without = _f1(hits.sum(0) - hits, misses.sum(0) - misses)
        seen = (hits | misses).any(0)
        return influence(
            self.metrics()["macro_f1"], without[:, seen].mean(1) if seen.any() else np.ones(len(hits))
        )

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


def precisions(rated: FloatArray, right: Table) -> FloatArray:
    """(n,) what each text does to mean average precision: for each label the texts from likely to unlikely.

    Of equals those without the label come first, so that a model that tells nothing apart gains nothing.
    Labels that no text has are out.

    Args:
        rated: (n, k) how likely each label is.
        right: (n, k).
    """
    n, k = rated.shape
    totals, counted, wholes = np.zeros(n), np.zeros(n), []
    for label in range(k):
        own = right[:, label]
        if not own.any():
            continue
        order = np.lexsort((own, -rated[:, label]))
        whole, without = _average_precision(own[order].astype(np.float64))
        wholes.append(whole)
        there = ~np.isnan(without)
        totals[order] += np.where(there, without, 0.0)
        counted[order] += there
    if not wholes:
        return np.ones(n)
    return influence(float(np.mean(wholes)), totals / counted.clip(1))


def _average_precision(own: FloatArray) -> tuple[float, FloatArray]:
    """Of (n,) texts in order (1: has the label), and without each; nan where none with the label is left."""
    place, found = np.arange(1, len(own) + 1), np.cumsum(own)
    part = own * found / place
    # behind a text that is left out, places move up by one, and what was found by one if it had the label
    higher = own / np.maximum(place - 1, 1)
    behind = np.cumsum((higher * found)[::-1])[::-1] - higher * found
    behind_less = np.cumsum(higher[::-1])[::-1] - higher
    left = found[-1] - own
    total = np.cumsum(part) - part + behind - own * behind_less
    without = np.divide(total, left, out=np.full(len(own), np.nan), where=left > 0)
    return float(part.sum() / found[-1]), without


def matched(outputs: Sequence[str], right: Sequence[str]) -> Matched:
    """The answers of n texts and the right ones, as `data/answers/label_sets.py` has them."""
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


def _mean_average_precision(outputs: NDArray[Any], right: NDArray[Any]) -> FloatArray:
    """(n,) of answers as text; a label that an answer gives no probability is as likely as what it says."""
    labels = names_in([*outputs.tolist(), *right.tolist()])
    rated = np.zeros((len(outputs), len(labels)))
    for row, said in enumerate(map(set_of, outputs.tolist())):
        rated[row] = [said.probabilities.get(name, float(name in said.labels)) for name in labels]
    return precisions(rated, table(right.tolist(), labels))


MICRO_F1 = Score(
    "micro_f1",
    lambda outputs, right: matched(outputs.tolist(), right.tolist()).micro(),
    title="micro F1",
)
LABEL_SETS = Scores(
    (
        MICRO_F1,
        Score(
            "macro_f1",
            lambda outputs, right: matched(outputs.tolist(), right.tolist()).macro(),
            title="macro F1",
        ),
        Score("map", _mean_average_precision, title="mean average precision"),
    ),
    more=lambda outputs, right: matched(outputs.tolist(), right.tolist()).metrics(),
    further=Titles(of_class={"f1": "F1"}),
)
