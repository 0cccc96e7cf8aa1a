"""Outputs for examples that a model has not learned from, at the scale of one that has learned from all.

A model that is fitted on everything leaves nothing to judge it on. Its like, fitted without some of the
examples in turn, is judged on those; but with fewer examples it may be more or less sure of everything (the
penalty of a head is chosen anew). How sure both are of what both have learned from tells by how much.

Notation: n examples, k classes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...data.cutting.stratified import folds
from ...types import Examples, FloatArray, IntArray

FOLDS = 10
SEED = 5_003
MOST = 100.0
"""Times as sure, at most: a model that says nothing has no scale."""

Outputs = Callable[[IntArray], FloatArray]
"""(n,) rows to their (n, k) outputs."""
Look = tuple[FloatArray, IntArray]
"""(n, k) outputs and the (n,) rows that they are of."""


def crossfitted(
    fit: Callable[[IntArray], Outputs], whole: Outputs, pool: IntArray, examples: Examples
) -> Look:
    """Each example as seen by a model that was fitted without its fold, at the scale of `whole`.

    Args:
        fit: gives the model for some rows.
        whole: the model for all of `pool`.
        pool: rows that may be learned from.
        examples: what the rows are of; what belongs together is in the same fold.

    Returns:
        Outputs and rows; an example whose class no other fold has is left out, for it could not be known.
    """
    fold, targets = folds(examples, pool, FOLDS, SEED), examples.answers
    looks, sure = list[Look](), whole(pool)
    for out in np.unique(fold):
        rest, held = pool[fold != out], pool[fold == out]
        classes = np.unique(targets[rest])
        held = held[np.isin(targets[held], classes)]
        if len(classes) < 2 or not len(held):
            continue
        one = fit(rest)
        ratio = scale_of(sure[fold != out][:, classes], one(rest)[:, classes])
        looks.append((one(held) * ratio, held))
    if not looks:  # one example a class: nothing was judged
        return np.zeros((0, sure.shape[1])), np.zeros(0, dtype=np.int64)
    return np.concatenate([out for out, _ in looks]), np.concatenate([rows for _, rows in looks])


def scale_of(wanted: FloatArray, found: FloatArray) -> float:
    """By how much (n, k) outputs are multiplied to be as sure as others of the same examples."""
    wide, own = (float((one - one.mean(1, keepdims=True)).std()) for one in (wanted, found))
    return float(np.clip(wide / own, 1 / MOST, MOST)) if own > 0 and wide > 0 else 1.0
