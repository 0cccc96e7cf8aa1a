"""What is common to dull recommenders: counts of what was taken, learned as the others are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from torch import nn

from ...bench import Bench
from ...types import Architecture, FloatArray, IntArray
from ..fitters.factors import best, recommends
from ..fitters.taken import Taken, taken
from ..solvers.base import LinearHead
from .base import Dull, Shippable

Counted = Callable[[Taken], tuple[Architecture, nn.Module]]


class Listed(Dull):
    """Learned from some rows, and for rows that nobody may learn from, from all that may be learned from.

    Of several ways the one is taken that does best on the rows that may be learned from and were not.
    """

    ships = True

    def __init__(self, tried: Sequence[Counted], bench: Bench, train: IntArray) -> None:
        self.counted, self.bench = tried[0], bench
        if len(tried) > 1:
            known, left = taken(bench.examples, self._how, train), np.setdiff1d(bench.pool, train)
            networks = [partial(_network, counted) for counted in tried]
            self.counted = tried[best(networks, known, bench.examples, self._how, left)]
        self.learned = self._counted(train)[1]

    def outputs(self, rows: IntArray) -> FloatArray:
        free = np.isin(rows, self.bench.pool).all()
        network = self.learned if free else self._counted(self.bench.pool)[1]
        found: FloatArray = recommends(network, self.bench.examples, self._how, rows)
        return found

    def shippable(self) -> Shippable:
        architecture, network = self._counted(self.bench.pool)
        nothing = LinearHead(np.zeros((1, 1)), np.zeros(1), 0.0, 0.0)
        return Shippable(architecture, self.bench.base.preprocess, network, nothing)

    @property
    def _how(self) -> Any:
        return self.bench.base.preprocess

    def _counted(self, rows: IntArray) -> tuple[Architecture, nn.Module]:
        return self.counted(taken(self.bench.examples, self._how, rows))


def _network(counted: Counted, known: Taken) -> nn.Module:
    return counted(known)[1]


def counting(*tried: Counted) -> Callable[[Bench, IntArray], Dull]:
    """Fits the baseline that counts so, in the best of the ways that are tried."""
    return partial(Listed, tried)
