"""Votes of the nearest training examples in the frozen features of the base."""

from __future__ import annotations

import numpy as np

from ...bench import Bench
from ...types import FloatArray, IntArray
from ..solvers.neighbours import nearest
from .base import Baseline, Dull


class Neighbours(Dull):
    """Of classes."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.examples, self.train = bench.examples, train
        self.features = np.asarray(bench.features(), dtype=np.float64)

    def outputs(self, rows: IntArray) -> FloatArray:
        right, k = self.examples.answers, len(self.examples.categories)
        return nearest(self.features, self.train, right, k, rows)


plugin = Baseline("the classes of the nearest training examples, in the base's frozen features", Neighbours)
