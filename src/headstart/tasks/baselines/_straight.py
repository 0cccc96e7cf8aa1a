"""What is common to dull forecasts: one of the numbers that a base is shown, or a head on all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bases import build
from ...bases.base import FEATURES
from ...bench import Bench
from ...cache import key_of
from ...types import Architecture, FloatArray, IntArray
from ..solvers.steps import StepHead, straight
from .base import Dull, Shippable

LAGS = Architecture("seriesnet", "lags", {})
Solve = Callable[[Any, NDArray[Any], int], StepHead]


class Told(Dull):
    """A head on the numbers themselves."""

    ships = True

    def __init__(self, solve: Solve, bench: Bench, train: IntArray) -> None:
        bench, network = on_numbers(bench), build(LAGS)
        self.preprocess = bench.base.preprocess
        identity = key_of(dull=asdict(LAGS))
        self.features = bench.activations(network, identity, [FEATURES])[FEATURES].mapped()
        self.head = solve(self.features[train], bench.examples.answers[train], len(bench.examples.categories))

    def outputs(self, rows: IntArray) -> FloatArray:
        return self.head.outputs(np.asarray(self.features[rows]))

    def shippable(self) -> Shippable:
        return Shippable(LAGS, self.preprocess, build(LAGS), self.head)


def on_numbers(bench: Bench) -> Bench:
    """The bench, whose base may be shown values, with the numbers that dull forecasts are made of."""
    preprocess: Any = bench.base.preprocess
    if preprocess.numbers == preprocess:
        return bench
    return bench.with_base(replace(bench.base, preprocess=preprocess.numbers))


def telling(number: int) -> Callable[[Bench, IntArray], Dull]:
    """Fits the forecast that is one of the numbers."""
    return partial(Told, partial(straight, number=number))
