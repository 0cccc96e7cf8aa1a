"""Nearest neighbours in frozen features.

Notation: n examples, d feature width, k classes.
"""

from __future__ import annotations

import numpy as np

from ...types import FloatArray, IntArray

NEIGHBOURS = 5


def nearest(features: FloatArray, train: IntArray, targets: IntArray, k: int, rows: IntArray) -> FloatArray:
    """(len(rows), k) log shares of each class among the nearest training examples by cosine.

    A row that is itself in training does not count as its own neighbour.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    similar = unit[rows] @ unit[train].T
    itself = rows[:, None] == train[None, :]
    similar[itself] = -np.inf
    count = min(NEIGHBOURS, len(train) - int(itself.any()))
    order = np.argsort(-similar, axis=1, kind="stable")[:, :count]
    votes = np.zeros((len(rows), k))
    for column in range(count):
        # the nearer of two equally frequent classes wins
        np.add.at(votes, (np.arange(len(rows)), targets[train[order[:, column]]]), 1 - 1e-3 * column)
    return np.asarray(np.log((votes + 1e-3) / (votes + 1e-3).sum(1, keepdims=True)))
