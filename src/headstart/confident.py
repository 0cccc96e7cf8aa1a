"""Which labels are likely wrong: confident learning on probabilities of models that did not learn the label.

A class's threshold is the mean probability that its examples get of it. An example is counted for the
likeliest class that it reaches the threshold of. So many examples of a class as are counted for others, those
with the least probability of their own label, are in doubt: confident learning, pruned by class (Northcutt,
Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal of Artificial
Intelligence Research 70, 2021). What is hard is in doubt as well as what is wrong: a person has to look
(`benchmarks/wrong_labels.py`).

Notation: n examples, k classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .types import FloatArray, IntArray


@dataclass(frozen=True)
class Doubts:
    """Labels that are in doubt, the most doubtful first; m of n."""

    rows: IntArray
    """(m,)"""
    likely: IntArray
    """(m,) the likeliest class of each."""


def doubted(probabilities: FloatArray, labels: IntArray) -> Doubts:
    """The labels that are in doubt.

    Args:
        probabilities: (n, k) out of sample: of models that did not learn from the example.
        labels: (n,) in 0..k-1.
    """
    n, k = probabilities.shape
    own, likely = probabilities[np.arange(n), labels], probabilities.argmax(1)
    order = np.argsort(own, kind="stable")
    kept = np.zeros(n, dtype=np.bool_)
    for label, count in enumerate(_counted_for_others(probabilities, labels, k).tolist()):
        kept[order[labels[order] == label][:count]] = True
    rows = order[kept[order] & (likely[order] != labels[order])]
    return Doubts(rows, likely[rows])


def _counted_for_others(probabilities: FloatArray, labels: IntArray, k: int) -> IntArray:
    """(k,) how many examples of each label are likely of another class: the confident joint's rows."""
    sizes = np.bincount(labels, minlength=k)
    own = probabilities[np.arange(len(labels)), labels]
    threshold = np.bincount(labels, own, minlength=k) / np.maximum(sizes, 1)
    threshold[sizes == 0] = np.inf  # nothing tells what is usual for a class without examples
    reached = np.where(probabilities >= threshold, probabilities, -1.0)
    counted, sure = reached.argmax(1), reached.max(1) >= 0
    all_of = np.bincount(labels[sure], minlength=k)
    others = np.bincount(labels[sure & (counted != labels)], minlength=k)
    # those that reach no threshold are shared out as the others are
    return np.asarray(np.round(others / np.maximum(all_of, 1) * sizes), dtype=np.int64)
