"""The dull baselines of sets of labels: one set for all texts, and a logistic regression for each label.

majority    the labels that most texts have, as many of them as fit training best
tfidf       on TF-IDF, every label against the rest

Notation: n texts, k labels, m words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from ...bench import Bench
from ...data.answers.label_sets import as_said
from ...types import FloatArray, IntArray
from ..answers.label_set import said_of
from ..scores.label_sets import table
from .base import Shippable
from .tfidf import STRENGTH, Words

Answers = NDArray[Any]
"""(n,) texts."""


class _Unshippable:
    ships = False

    def shippable(self) -> Shippable:
        raise AssertionError("a baseline of labels is no bundle")


class Majority(_Unshippable):
    """The one set of labels, the same for all texts, that has the best micro-F1 on training."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        labels = bench.examples.vocabulary
        counts = table(bench.examples.answers[train].tolist(), labels).sum(0)
        order = np.argsort(-counts, kind="stable")
        many = np.arange(1, len(labels) + 1)
        best = int((2 * counts[order].cumsum() / (len(train) * many + counts.sum())).argmax()) + 1
        shares = dict(zip(labels, (counts / len(train)).tolist(), strict=True))
        self.said = as_said([labels[number] for number in order[:best]], shares)

    def outputs(self, rows: IntArray) -> Answers:
        return np.array([self.said] * len(rows), dtype=object)


class LabelTfIdf(_Unshippable):
    """Logistic regression on TF-IDF, one for each label; rare labels are not weighted up."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.labels, self.words = bench.examples.vocabulary, Words(bench.examples.sources, train)
        features = self.words.features(train)
        right = table(bench.examples.answers[train].tolist(), self.labels)
        fitted = [_fitted(features, right[:, number]) for number in range(len(self.labels))]
        self.weight = np.stack([weight for weight, _ in fitted])
        self.bias = np.array([bias for _, bias in fitted])

    def outputs(self, rows: IntArray) -> Answers:
        odds = self.words.features(rows) @ self.weight.T + self.bias
        return said_of(expit(np.asarray(odds)), self.labels)


def _fitted(features: Any, right: NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """(m,) weight and the bias; of a label that all texts have or none, the odds of one text more."""
    count, n = int(right.sum()), len(right)
    if count in (0, n):
        return np.zeros(features.shape[1]), float(np.log((count + 0.5) / (n - count + 0.5)))
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(features, right)
    return model.coef_[0], float(model.intercept_[0])
