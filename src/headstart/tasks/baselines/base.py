"""The dull baselines: what a transfer has to be worth more than. They train no network.

Notation: n examples, k classes, m features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from torch import nn

from ...bases import build
from ...bases.base import FEATURES
from ...bench import Bench
from ...cache import key_of
from ...types import Architecture, FloatArray, IntArray, Preprocess
from ..solvers import linear
from ..solvers.neighbours import nearest

PIXELS = Architecture("builtin", "pixels", {"side": 16})


@dataclass(frozen=True)
class Shippable:
    """A fitted baseline as what a bundle is made of."""

    architecture: Architecture
    preprocess: Preprocess
    backbone: nn.Module
    """Inputs -> (n, m)."""
    head: linear.LinearHead


class Dull(Protocol):
    """A baseline that was fitted on some rows."""

    ships: bool
    """Can it be a bundle? Not where that would hold the user's own examples, or nothing at all."""

    def outputs(self, rows: IntArray) -> FloatArray:
        """(len(rows), k), or whatever the outputs of the task are."""
        ...

    def shippable(self) -> Shippable:
        """What to ship; only asked where it can."""
        ...


class Majority:
    """The share of each class in training, whatever the input; one example is added to each class."""

    ships = True

    def __init__(self, bench: Bench, train: IntArray, other: Callable[[], Dull]) -> None:
        """`other` gives a baseline whose backbone runs in a bundle, and is not listened to."""
        k, self.other = len(bench.examples.labels), other
        share = (np.bincount(bench.examples.targets[train], minlength=k) + 1) / (len(train) + k)
        self.log_share, self.accuracy = np.log(share), float(share.max())

    def outputs(self, rows: IntArray) -> FloatArray:
        return np.tile(self.log_share, (len(rows), 1))

    def shippable(self) -> Shippable:
        beside = self.other().shippable()
        deaf = linear.LinearHead(np.zeros_like(beside.head.weight), self.log_share, 0.0, self.accuracy)
        return Shippable(beside.architecture, beside.preprocess, beside.backbone, deaf)


class Neighbours:
    """The nearest training examples in the frozen features of the base."""

    ships = False

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.bench, self.train = bench, train
        self.features = np.asarray(bench.features(), dtype=np.float64)

    def outputs(self, rows: IntArray) -> FloatArray:
        examples = self.bench.examples
        return nearest(self.features, self.train, examples.targets, len(examples.labels), rows)

    def shippable(self) -> Shippable:
        raise AssertionError("a bundle of neighbours would hold the user's examples")


class RawPixels:
    """Logistic regression on pictures shrunken to 16 x 16."""

    ships = True

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.preprocess = bench.base.preprocess
        network, identity = build(PIXELS), key_of(dull=asdict(PIXELS))
        self.features = bench.activations(network, identity, [FEATURES])[FEATURES].mapped()
        targets, k = bench.examples.targets[train], len(bench.examples.labels)
        self.head = linear.solve(np.asarray(self.features[train], dtype=np.float64), targets, k)

    def outputs(self, rows: IntArray) -> FloatArray:
        return self.head.outputs(self.features[rows])

    def shippable(self) -> Shippable:
        return Shippable(PIXELS, self.preprocess, build(PIXELS), self.head)
