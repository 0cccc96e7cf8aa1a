"""The answer of the most similar example in training, by the frozen features of the base.

Notation: n examples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...bench import Bench
from ...types import IntArray
from .base import Baseline, Dull


class Nearest(Dull):
    """Of any answers."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.features = np.asarray(bench.summaries(), dtype=np.float64)
        known = self.features[train]
        self.features = (self.features - known.mean(0)) / (known.std(0) + 1e-9)
        self.train = train
        self.answers = bench.task.answer.certain(bench.examples.answers[train])

    def outputs(self, rows: IntArray) -> NDArray[np.object_]:
        unit = self.features / np.maximum(np.linalg.norm(self.features, axis=1, keepdims=True), 1e-12)
        return np.asarray(self.answers[(unit[rows] @ unit[self.train].T).argmax(1)])


plugin = Baseline("the answer of the most similar training example, by the base's frozen features", Nearest)
