"""Normal classes with one covariance, fitted to what has labels and to the target at once.

A head says how likely each target row is of each class. From that, and from the rows with labels, come the
mean of every class and their one covariance; these say how likely each target row is of each class, and so
on in turn: expectation and maximisation (Dempster, Laird and Rubin, "Maximum likelihood from incomplete data
via the EM algorithm", Journal of the Royal Statistical Society B 39, 1977), with labels for some of the rows
as in "Text classification from labeled and unlabeled documents using EM" (Nigam, McCallum, Thrun and
Mitchell, Machine Learning 39, 2000). Classes that share a covariance are told apart by a linear head, so that
the last round is one. Ours differs in three things: every class is taken to be as likely as any other, for
shares that are seen in few rows mislead more than they tell; rows with labels count as much together as is
said, however many there are; and the covariance is shrunk far towards a round one, for there are more
features than rows.

Notation: m target rows, n rows with labels, d feature width, r directions, k classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from ...tasks.solvers.base import LinearHead
from ...tasks.solvers.crossfit import scale_of
from ...types import FloatArray, IntArray
from ._moments import spanned

ROUNDS = 10
SHRUNK = 0.9
"""Of the covariance, that is a round one."""


@dataclass(frozen=True)
class Known:
    """Rows with labels."""

    features: FloatArray
    """(n, d)."""
    right: IntArray
    """(n,)."""
    weight: float = 1.0
    """Of all of them together, in times of the whole target."""


def fitted(target: FloatArray, known: Sequence[Known], start: LinearHead) -> LinearHead:
    """The head of the last round on (m, d) target rows and what is known, as sure as the one it begins at."""
    k, odds = len(start.bias), softmax(start.outputs(target), axis=1)
    mean, scale = target.mean(0), target.std(0)
    scale = np.maximum(scale, max(float(scale.mean()), 1e-12))
    rows = [(one - mean) / scale for one in (target, *(one.features for one in known))]
    directions = spanned(np.concatenate(rows)) if target.shape[1] > sum(map(len, rows)) else None
    rows = rows if directions is None else [one @ directions for one in rows]
    each = [one.weight * len(target) / len(one.right) for one in known]
    scatter = _scatter(rows, [1.0, *each])
    labels = [share * np.eye(k)[one.right] for share, one in zip(each, known, strict=True)]
    weight, bias = np.zeros((rows[0].shape[1], k)), np.zeros(k)
    for _ in range(ROUNDS):
        parts = list(zip([odds, *labels], rows, strict=True))
        counts = sum((said.sum(0) for said, _ in parts), np.full(k, 1e-9))
        means = sum((said.T @ one for said, one in parts), np.zeros_like(weight.T)) / counts[:, None]
        weight = np.linalg.solve(_round(scatter - (means.T * counts) @ means, float(counts.sum())), means.T)
        bias = -0.5 * (means.T * weight).sum(0)
        odds = softmax(rows[0] @ weight + bias, axis=1)
    raw = (weight if directions is None else directions @ weight).T / scale
    # with many features such classes are far too sure of every row
    sure = scale_of(start.outputs(target), rows[0] @ weight + bias)
    return LinearHead(sure * raw, sure * (bias - raw @ mean), start.penalty, start.left_out)


def _scatter(rows: Sequence[FloatArray], each: Sequence[float]) -> FloatArray:
    """(r, r) squares of all rows, as they count each."""
    width = rows[0].shape[1]
    return sum((share * one.T @ one for share, one in zip(each, rows, strict=True)), np.zeros((width, width)))


def _round(within: FloatArray, count: float) -> FloatArray:
    """(r, r) the covariance of classes, from their squares (r, r); most of it a round one."""
    covariance = (1 - SHRUNK) * within / count
    spread = max(float(np.trace(within)) / count, 1e-12)
    covariance[np.diag_indices_from(covariance)] += SHRUNK * spread / len(covariance)
    return covariance
