"""Short trainings of a base on the examples that may be trained on, for the race of bases.

The parts of the base that fine-tuning would open are opened, from cached activations and without augmented
views: what is told apart by how well it can be trained shows in its lower parts first. Every example
is scored by a model that was fitted without it: two trainings, each on one half; what belongs together is in
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..bases.base import INPUT
from ..bench import Bench
from ..data.cutting.stratified import folds
from ..runtime import Clock
from ..types import FloatArray, IntArray
from ._boundaries import boundaries
from ._fit import fit, outputs
from ._plan import CACHE_SHARE, DEFAULT_MINUTES
from ._uses import opens_parts, strategy_named
from .base import Job, Recipe

EPOCHS = {"short training": 3, "longer training": 9}
"""Epochs by round: three times as many in each, as successive halving has it."""
RACE_SHARE = 0.15
"""Of a run's time, that the race may take: what it leaves proves the gain."""
HALVES = 2
BATCH = 16
NOBODY: IntArray = np.zeros(0, dtype=np.int64)


class Trial:
    """One round of the race."""

    def __init__(self, name: str, strategy: str, seed: int, folder: Path, until: float) -> None:
        """`until` is the reading of the clock at which all trials should be over."""
        self.name, self.strategy, self.seed, self.folder, self.until = name, strategy, seed, folder, until

    def __call__(self, bench: Bench, share: float) -> FloatArray | None:
        """(n,) gains of the pool's examples, within a share of the time that is left; None where none is."""
        right, clock = bench.examples.answers[bench.pool], bench.runtime.clock
        if clock.elapsed() >= self.until:
            return None
        half = folds(bench.examples, bench.pool, HALVES, self.seed)
        scores = np.empty(len(right))
        end = clock.elapsed() + max(0.0, self.until - clock.elapsed()) * share
        for number in range(HALVES):
            deadline = clock.elapsed() + (end - clock.elapsed()) / (HALVES - number)
            held = half == number
            fitted = fit(self._job(bench, bench.pool[~held], number), bench, self.folder, deadline)
            found = outputs(fitted, bench, bench.pool[held])
            scores[held] = bench.task.score.gains(found, right[held])
        return scores

    def _job(self, bench: Bench, train: IntArray, number: int) -> Job:
        strategy = strategy_named(self.strategy)
        rates = strategy.rates
        room = bench.passes.cache.budget * CACHE_SHARE
        cuts = boundaries(bench.base.card, len(bench.examples), room) or (INPUT,)
        size = bench.base.preprocess.size
        recipe = Recipe(EPOCHS[self.name], BATCH, rates[len(rates) // 2], cuts, size)
        if bench.task.answer.headed == "trained":
            recipe = replace(recipe, head_epochs=3 * recipe.epochs)
        part = f"{bench.base.card.sha256[:12]}-{recipe.epochs}-{number}"
        return Job("race", strategy, self.seed, recipe, train, NOBODY, part=part)


def trials(strategies: Sequence[str], seed: int, folder: Path, clock: Clock) -> dict[str, Trial]:
    """The rounds of the race that train; none where no strategy opens a base in parts."""
    opening = next(filter(opens_parts, strategies), None)
    until = clock.elapsed() + RACE_SHARE * 60 * (clock.minutes or DEFAULT_MINUTES)
    return {name: Trial(name, opening, seed, folder, until) for name in EPOCHS} if opening else {}
