"""The task's own solved head on pictures shrunken to 16 x 16."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from ...bases import build
from ...bases.base import FEATURES
from ...bench import Bench
from ...cache import key_of
from ...types import Architecture, FloatArray, IntArray
from .base import Baseline, Dull, Shippable

PIXELS = Architecture("builtin", "pixels", {"side": 16})


class RawPixels(Dull):
    """Of classes a logistic regression, of values a ridge regression."""

    ships = True

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.preprocess, solver = bench.base.preprocess, bench.task.answer.solver
        assert solver is not None
        network, identity = build(PIXELS), key_of(dull=asdict(PIXELS))
        self.features = bench.activations(network, identity, [FEATURES])[FEATURES].mapped()
        right, k = bench.examples.answers[train], len(bench.examples.categories)
        self.head = solver.solve(np.asarray(self.features[train], dtype=np.float64), right, k)

    def outputs(self, rows: IntArray) -> FloatArray:
        return self.head.outputs(self.features[rows])

    def shippable(self) -> Shippable:
        return Shippable(PIXELS, self.preprocess, build(PIXELS), self.head)


plugin = Baseline("a regression on pictures shrunken to 16 x 16 pixels", RawPixels)
