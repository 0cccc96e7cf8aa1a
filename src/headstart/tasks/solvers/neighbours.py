"""Nearest neighbours in frozen features.

Notation: n examples, d feature width, k classes.
"""

from __future__ import annotations

import numpy as np

from ...types import FloatArray, IntArray

NEIGHBOURS = 5


def nearest(
    features: FloatArray,
    train: IntArray,
    targets: IntArray,
    k: int,
    rows: IntArray,
    units: IntArray | None = None,
) -> FloatArray:
    """(len(rows), k) log shares of each class among the nearest training examples by cosine.

    A row that is itself in training does not count as its own neighbour, nor do others of its unit, by the
    (n,) numbers of `units`. Where no neighbour is left, all classes have the same share.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    similar = unit[rows] @ unit[train].T
    own = np.arange(len(features)) if units is None else units
    itself = own[rows][:, None] == own[train][None, :]
    similar[itself] = -np.inf
    count = min(NEIGHBOURS, len(train) - int(itself.sum(1).min(initial=len(train))))
    order = np.argsort(-similar, axis=1, kind="stable")[:, :count]
    votes = np.zeros((len(rows), k))
    for column in range(count):
        # the nearer of two equally frequent classes wins
        some = np.flatnonzero(~itself[np.arange(len(rows)), order[:, column]])
        np.add.at(votes, (some, targets[train[order[some, column]]]), 1 - 1e-3 * column)
    return np.asarray(np.log((votes + 1e-3) / (votes + 1e-3).sum(1, keepdims=True)))
