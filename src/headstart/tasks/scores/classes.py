"""Metrics of answers that are one class for each example.

Accuracy and log loss are means over examples. The others are made of several means (one for each class); an
example's part in them is its share of the first-order change, so that parts average to the metric and can be
drawn again (for the area under the curve: DeLong, DeLong and Clarke-Pearson, Biometrics 1988).

Notation: n examples, k classes; outputs (n, k) log-odds, targets (n,).
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from ...types import FloatArray, IntArray
from .base import Score, Scores


def _hits(outputs: FloatArray, targets: IntArray) -> FloatArray:
    """1 where the likeliest class is the right one, else 0."""
    return np.asarray(np.nan_to_num(outputs).argmax(1) == targets, dtype=np.float64)


def _balanced(outputs: FloatArray, targets: IntArray) -> FloatArray:
    """Mean over classes of the share of their examples that is right; classes without an example are out."""
    hits = _hits(outputs, targets)
    there, which, counts = np.unique(targets, return_inverse=True, return_counts=True)
    recall = np.bincount(which, hits) / counts
    return np.asarray(recall.mean() + (hits - recall[which]) * len(hits) / (len(there) * counts[which]))


def _macro_f1(outputs: FloatArray, targets: IntArray) -> FloatArray:
    """Mean over classes of 2 TP / (2 TP + FP + FN); classes that are neither there nor guessed are out."""
    k, guesses = outputs.shape[1], np.nan_to_num(outputs).argmax(1)
    truths, guessed = np.bincount(targets, minlength=k), np.bincount(guesses, minlength=k)
    hits = np.bincount(targets[guesses == targets], minlength=k)
    total = (truths + guessed).astype(np.float64)
    seen = total > 0
    f1 = np.divide(2.0 * hits, total, out=np.zeros(k), where=seen)
    pull = np.divide(1.0, total, out=np.zeros(k), where=seen) / seen.sum()
    parts = (
        2 * (guesses == targets) * pull[targets] - f1[targets] * pull[targets] - f1[guesses] * pull[guesses]
    )
    return np.asarray(f1[seen].mean() + len(targets) * parts)


def _auc(outputs: FloatArray, targets: IntArray) -> FloatArray:
    """Mean over classes of the chance that one of the class is rated above one of another.

    Classes without an example, or without one of another, are out; where none is left it is 1/2.
    """
    from scipy.stats import rankdata  # here: half a second, which a prediction need not wait for

    n, shares = len(targets), log_softmax(np.nan_to_num(outputs), axis=1)
    parts = []
    for label in np.unique(targets):
        own = targets == label
        if own.all():
            continue
        rated, among = rankdata(shares[:, label]), np.empty(n)
        among[own], among[~own] = rankdata(shares[own, label]), rankdata(shares[~own, label])
        ahead = np.where(own, (rated - among) / (~own).sum(), 1 - (rated - among) / own.sum())
        whole = ahead[own].mean()
        parts.append(whole + (ahead - whole) * n / np.where(own, own.sum(), (~own).sum()))
    return np.mean(parts, axis=0) if parts else np.full(n, 0.5)


def _surprise(outputs: FloatArray, targets: IntArray) -> FloatArray:
    """Minus the log of the probability that was given to the right class, nats."""
    shares = log_softmax(np.nan_to_num(outputs.astype(np.float64)), axis=1)
    return np.asarray(-shares[np.arange(len(targets)), targets])


ACCURACY = Score("accuracy", _hits)
BALANCED = Score("balanced_accuracy", _balanced)
CLASSES = Scores(
    (
        ACCURACY,
        BALANCED,
        Score("macro_f1", _macro_f1, title="macro F1"),
        Score("auc", _auc, title="area under the curve (AUC)"),
        Score("log_loss", _surprise, better="lower", high=np.inf),
    ),
    uneven=BALANCED.name,
)
