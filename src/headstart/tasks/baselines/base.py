"""The dull baselines: what a transfer has to be worth more than. They train no network.

Each file here is one; its name is that of the arm.

Notation: n examples, m features, k categories.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ... import registry
from ...bases import build
from ...bases.base import FEATURES
from ...bench import Bench
from ...cache import key_of
from ...preprocessing.base import Preprocess
from ...types import Architecture, FloatArray, IntArray
from ..solvers.base import LinearHead


@dataclass(frozen=True)
class Shippable:
    """A fitted baseline as what a bundle is made of."""

    architecture: Architecture
    preprocess: Preprocess
    backbone: nn.Module
    """Inputs -> (n, m)."""
    head: LinearHead


class Dull:
    """A baseline that was fitted on some rows."""

    ships = False
    """Can it be a bundle? Not where that would hold the user's own examples, or nothing at all."""

    def outputs(self, rows: IntArray) -> NDArray[Any]:
        """(len(rows), k) outputs where the task's head is solved, else as many answers."""
        raise NotImplementedError

    def shippable(self) -> Shippable:
        """What to ship; only asked where it can."""
        raise AssertionError("this baseline is no bundle")


@dataclass(frozen=True)
class Baseline:
    """One file of this folder: its `plugin`."""

    summary: str
    """One line for `headstart list` and the report."""
    fit: Callable[[Bench, IntArray], Dull]
    """The baseline for a bench, learned from these rows."""
    deaf: bool = False
    """Does it say the same whatever the input?"""
    needs: Callable[[Bench], bool] | None = None
    """Do examples hold what it learns from? Where nothing is said, all do."""
    plain: Callable[[Bench], Bench] | None = None
    """The same examples on a network without weights that gives what it learns from, where there is one.

    Of features without labels, too, a base's have to be better than these.
    """


def without_weights(architecture: Architecture, bench: Bench) -> Bench:
    """The bench's examples on a network that has no weights."""
    network = build(architecture)
    return on_network(bench, architecture, network.state_dict(), key_of(dull=asdict(architecture)))


def on_network(bench: Bench, architecture: Architecture, state: dict[str, Tensor], identity: str) -> Bench:
    """The bench's examples, prepared as they are, on another network in this state."""
    base = bench.base
    card = replace(base.card, name=architecture.name, sha256=identity)
    built = partial(build, architecture)
    return bench.with_base(replace(base, card=card, architecture=architecture, build=built, state=state))


def fitting(names: Sequence[str], bench: Bench) -> list[str]:
    """Those that the examples hold anything for."""
    return [name for name in names if (needs := get(name).needs) is None or needs(bench)]


def get(name: str) -> Baseline:
    """The baseline called `name`."""
    found: Baseline = registry.get("tasks.baselines", name)
    return found


class Constant(Dull):
    """The same outputs for any input; as a bundle it stands on a backbone that it does not listen to."""

    ships = True

    def __init__(self, bench: Bench, train: IntArray, said: FloatArray, left_out: float) -> None:
        """`said` (k,); `left_out` as `LinearHead` has it."""
        self.bench, self.train, self.said, self.left_out = bench, train, said, left_out

    def outputs(self, rows: IntArray) -> FloatArray:
        return np.tile(self.said, (len(rows), 1))

    def shippable(self) -> Shippable:
        others = (get(name) for name in self.bench.task.baselines)
        fitted = (one.fit(self.bench, self.train) for one in others if not one.deaf)
        beside = next(one for one in fitted if one.ships).shippable()
        deaf = LinearHead(np.zeros_like(beside.head.weight), self.said, 0.0, self.left_out)
        return Shippable(beside.architecture, beside.preprocess, beside.backbone, deaf)


class Measured(Dull):
    """The task's own solved head on what a network without weights measures of an example.

    Of classes that is a logistic regression, of values a ridge regression.
    """

    ships = True

    def __init__(self, architecture: Architecture, bench: Bench, train: IntArray) -> None:
        self.architecture, self.preprocess = architecture, bench.base.preprocess
        solver = bench.task.answer.solver
        assert solver is not None
        network, identity = build(architecture), key_of(dull=asdict(architecture))
        self.features = bench.activations(network, identity, [FEATURES])[FEATURES].mapped()
        right, k = bench.examples.answers[train], len(bench.examples.categories)
        self.head = solver.solve(np.asarray(self.features[train], dtype=np.float64), right, k)

    def outputs(self, rows: IntArray) -> FloatArray:
        return self.head.outputs(self.features[rows])

    def shippable(self) -> Shippable:
        return Shippable(self.architecture, self.preprocess, build(self.architecture), self.head)
