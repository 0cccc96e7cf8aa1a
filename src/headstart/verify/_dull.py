"""The arms that a transfer has to be worth more than: they train no network.

majority     the share of each class in training, whatever the input
raw_pixels   logistic regression on what the task calls raw (each task names its own)
knn          the five nearest training examples in the frozen features
"""

from __future__ import annotations

import numpy as np

from ..tasks import _head
from ..types import FloatArray, IntArray

NEIGHBOURS = 5


def majority(targets: IntArray, k: int, m: int) -> _head.LinearHead:
    """A head that ignores its m features: log share of each class, one example added to each."""
    share = (np.bincount(targets, minlength=k) + 1) / (len(targets) + k)
    return _head.LinearHead(np.zeros((k, m)), np.log(share), 0.0, float(share.max()))


def nearest(features: FloatArray, train: IntArray, targets: IntArray, k: int, rows: IntArray) -> FloatArray:
    """(len(rows), k) log shares of each class among the nearest training examples by cosine.

    A row that is itself in training does not count as its own neighbour.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    similar = unit[rows] @ unit[train].T
    similar[rows[:, None] == train[None, :]] = -np.inf
    count = min(NEIGHBOURS, len(train))
    order = np.argsort(-similar, axis=1, kind="stable")[:, :count]
    votes = np.zeros((len(rows), k))
    for column in range(count):
        # the nearer of two equally frequent classes wins
        np.add.at(votes, (np.arange(len(rows)), targets[train[order[:, column]]]), 1 - 1e-3 * column)
    return np.asarray(np.log((votes + 1e-3) / (votes + 1e-3).sum(1, keepdims=True)))
