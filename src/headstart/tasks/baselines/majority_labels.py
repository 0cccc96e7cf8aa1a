"""One set of labels for all examples: those that most have, as many of them as fit training best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...bench import Bench
from ...data.answers.label_sets import as_said
from ...types import IntArray
from ..scores.label_sets import table
from .base import Baseline, Dull


class Majority(Dull):
    """The one set of labels, the same for all examples, that has the best micro-F1 on training."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        labels = bench.examples.categories
        counts = table(bench.examples.answers[train].tolist(), labels).sum(0)
        order = np.argsort(-counts, kind="stable")
        many = np.arange(1, len(labels) + 1)
        best = int((2 * counts[order].cumsum() / (len(train) * many + counts.sum())).argmax()) + 1
        shares = dict(zip(labels, (counts / len(train)).tolist(), strict=True))
        self.said = as_said([labels[number] for number in order[:best]], shares)

    def outputs(self, rows: IntArray) -> NDArray[np.object_]:
        return np.array([self.said] * len(rows), dtype=object)


plugin = Baseline("always the labels that most examples have", Majority, deaf=True)
