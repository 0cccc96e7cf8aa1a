"""A logistic regression on TF-IDF for each label, every label against the rest.

Notation: n texts, k labels, m words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from ...bench import Bench
from ...types import FloatArray, IntArray
from ..answers.label_sets import said_of
from ..scores.label_sets import table
from .base import Baseline, Dull
from .tfidf import STRENGTH, Words


class LabelTfIdf(Dull):
    """Logistic regression on TF-IDF, one for each label; rare labels are not weighted up."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.labels, self.words = bench.examples.categories, Words(bench.examples.sources, train)
        features = self.words.features(train)
        right = table(bench.examples.answers[train].tolist(), self.labels)
        fitted = [_fitted(features, right[:, number]) for number in range(len(self.labels))]
        self.weight = np.stack([weight for weight, _ in fitted])
        self.bias = np.array([bias for _, bias in fitted])

    def outputs(self, rows: IntArray) -> NDArray[np.object_]:
        odds = self.words.features(rows) @ self.weight.T + self.bias
        return said_of(expit(np.asarray(odds)), self.labels)


def _fitted(features: Any, right: NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """(m,) weight and the bias; of a label that all texts have or none, the odds of one text more."""
    count, n = int(right.sum()), len(right)
    if count in (0, n):
        return np.zeros(features.shape[1]), float(np.log((count + 0.5) / (n - count + 0.5)))
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(features, right)
    return model.coef_[0], float(model.intercept_[0])


plugin = Baseline("a logistic regression on TF-IDF of words for each label", LabelTfIdf)
