"""What a recipe costs: seconds of its steps, its views and its passes, from measured speeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..bases.base import FEATURES, INPUT
from ._uses import strategy_named, trains
from .base import Recipe
from .training.loop import MIN_STEPS
from .training.speed import Speeds

VIEWS = (4, 2, 0)
"""Augmented views of an example in the cache, the most wanted number first."""
MOST_SIZES, FEWEST_PER_CLASS = 5, 2
"""Of the training set on the learning curve, each half of the one above; and examples of a class."""
RACE_AND_REFIT = 2
"""Runs of an arm besides its seeds: the race of the rates (a third each of three), and the refit."""


@dataclass(frozen=True)
class Counts:
    """How many examples there are to work on."""

    all: int
    pool: int
    train: int
    validation: int
    least: int
    """Training examples of the rarest class."""


@dataclass(frozen=True)
class Way:
    """What differs between one kind of task and base and another."""

    views: tuple[int, ...] = VIEWS
    """Augmented views to choose from, the most wanted first."""
    live: bool = False
    """What is below an opened part is run at each step: no cache can hold its output."""
    references: tuple[str, ...] = ("reinit", "scratch")
    curve: bool = True
    """Can there be a learning curve?"""
    lowest: str = INPUT
    """Boundary above the layer that looks inputs up, where there is one to train above."""
    batch: int | None = None
    """Examples of a training step; by how many there are, where it is None."""
    fewest: int | None = None
    """Epochs of whole-network training at least, where they are fewer than usual."""
    head: bool = False
    """Is the head trained by steps?"""


@dataclass(frozen=True)
class Costs:
    """Seconds of one kind of task on one base."""

    speeds: Speeds
    counts: Counts
    cuts: tuple[str, ...]
    """Boundaries that may be opened, top first; the last is the input."""
    size: int
    """Of an input, as the base takes it."""
    ready: float
    """Seconds before the first step of a run: solving a head, building a network."""
    way: Way
    passes_of: Mapping[str, float] = field(default_factory=dict)
    """Seconds of the frozen passes of a strategy's own."""

    @property
    def batch(self) -> int:
        """Examples of a training step."""
        return self.way.batch or (16 if self.counts.train < 500 else 32)

    def usual(self) -> Recipe:
        """A recipe without epochs."""
        return Recipe(batch=self.batch, size=self.size)

    def trains(self, name: str) -> bool:
        """Is it trained by steps, its head at least?"""
        return trains(name, self.cuts) or self.has_head(name)

    def has_head(self, name: str) -> bool:
        """Does a head that is trained come first?"""
        return self.way.head and strategy_named(name).solved_head

    def own(self, name: str) -> Recipe | None:
        """The strategy's own recipe, where it has one."""
        return strategy_named(name).own(self.usual(), self.way.lowest)

    def steps(self, name: str, recipe: Recipe) -> float:
        """Seconds of the training steps of one run, and of looking at validation."""
        looked = 0.7 * max(self.counts.validation, self.batch) * (self.counts.validation > 0)
        examples = self.epoch(self.counts.train) + looked
        strategy = strategy_named(name)
        stages, own = recipe.stages(strategy), strategy.shown(self.counts.train)
        each = sum(stage.epochs * self.step(stage.boundary, recipe) for stage in stages)
        return float((own or examples) * each)

    def epoch(self, train: float) -> float:
        """Examples of an epoch: very few are repeated as a whole, as `training/loop.py` does it."""
        return train * max(1, math.ceil(MIN_STEPS * self.batch / train))

    def step(self, boundary: str, recipe: Recipe) -> float:
        """Seconds per example of a training step above a boundary."""
        if boundary == FEATURES:
            return self.speeds.head
        if boundary not in self.speeds.above:  # the whole, or nearly so
            return self.speeds.whole[recipe.size] + self.speeds.head * (recipe.size / self.size) ** 2
        fresh = self.speeds.below[boundary] + self.speeds.view if recipe.live else 0.0
        return self.speeds.above[boundary] + fresh + self.speeds.head

    def subsets(self) -> float:
        """Runs on half of the examples, half of those, and so on, all together in runs on the whole."""
        halves = range(1, sizes_of(self.counts.least))
        sizes = [self.epoch(self.counts.train / 2**halved) for halved in halves]
        return sum(sizes) / self.epoch(self.counts.train)

    def arm(self, name: str, recipe: Recipe, seeds: int) -> float:
        """All runs of an arm."""
        once = self.views(recipe) + self.passes_of.get(name, 0.0)
        return runs(name, seeds) * (self.steps(name, recipe) + self.ready) + once

    def untrained(self, seeds: int) -> float:
        """Seconds of what is always there: the head, and the passes of re-initialised networks."""
        reinits = self.passes() + self.ready if "reinit" in self.way.references else 0.0
        return (seeds + 1) * self.ready + seeds * reinits + sum(self.passes_of.values())

    def passes(self) -> float:
        """A frozen pass of another network over all examples."""
        return self.counts.all * self.speeds.forward + self.speeds.engine

    def views(self, recipe: Recipe) -> float:
        """Seconds of the passes over augmented views."""
        return recipe.views * self.counts.pool * (self.speeds.forward + self.speeds.view)


def runs(name: str, seeds: int) -> int:
    """Runs of an arm; a single rate, or none, is not raced."""
    return seeds + RACE_AND_REFIT - (len(strategy_named(name).rates) < 2)


def sizes_of(least: int) -> int:
    """How many sizes of the training set the learning curve has, for so many examples of the rarest class."""
    return max(1, min(MOST_SIZES, 1 + int(math.log2(max(1.0, least / FEWEST_PER_CLASS)))))
