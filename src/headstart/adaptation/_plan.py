"""The plan of a run: how many seeds, which sizes, how many epochs, so that it ends in its time.

Made once from measured speeds, written to `settings.json`, and reused on resume: nothing that
changes a result depends on the clock after that, but a deadline that cuts an arm short, which is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .. import registry
from ..bases.base import FEATURES, INPUT
from ..bench import Bench
from ..runtime import using_threads
from ._boundaries import NUMBER, boundaries
from ._pairs import KEEP, SIZE, shown
from ._plan_record import CURVE, Plan
from ._uses import cuts_of_all, trains, uses_cuts
from .base import VIEWS, Counts, Recipe, Way
from .training.loop import MIN_STEPS
from .training.speed import SENTENCES, Speeds, best_threads, measure_safely, quicker_in_half

DEFAULT_MINUTES = 15.0
"""Upper end of the budget that is taken where none is given."""
MOST_SEEDS, FEWEST_SEEDS = 6, 3
"""Six paired seeds are the fewest with which a sign-flip test can reach p < 0.05."""
MARGIN = 0.72
"""Share of the time that is planned for: measured speeds vary by about that much."""
SHIP_SECONDS = 8.0
WHOLE_EPOCHS = (12, 120)
"""Fewest and most epochs of whole-network training."""
SENTENCE_EPOCHS = 6
"""Fewest of a translator: each sentence has many words to learn from."""
PART_EPOCHS = (4, 30)
"""Fewest and most epochs above a cached boundary."""
MOST_STEPS = 2_500
MOST_SIZES, FEWEST_PER_CLASS = 5, 2
"""Of the training set on the learning curve, each half of the one above; and examples of a class."""
SCENES = 8
"""Of a training step: there is much in each, and many small steps learn it sooner than few large ones."""
HEAD_EPOCHS = (8, 60)
"""Fewest and most epochs of a head that is trained on frozen features."""
MAPS_SHARE = 0.4
"""Of the cache's bytes, that feature maps may take, views included."""
CACHE_SHARE = 0.1
"""Of the cache's bytes, that the plain activations may take: with views it is up to five times that."""
VIEWS_WORTH = 1.0
"""Of the seconds that views in the cache cost, they have to save so many times as much."""
HEAD_SECONDS = 1e-6
"""Solving the head, per example and feature, all classes: measured 0.7 s at 1,000 × 1,280 × 10."""
BUILDS = 4
"""Times that a run builds its network or cuts it: to train it, and to ask it for its answers."""
SCRATCH = "scratch"
CURVE_SEEDS = 3
"""That train from scratch on smaller and smaller sets too."""
RACE_AND_REFIT = 2
"""Runs of an arm besides its seeds: the race of the rates (a third each of three), and the refit."""


def sizes_of(least: int) -> int:
    """How many sizes of the training set the learning curve has, for so many examples of the rarest class."""
    return max(1, min(MOST_SIZES, 1 + int(math.log2(max(1.0, least / FEWEST_PER_CLASS)))))


def make(bench: Bench, counts: Counts, strategies: Sequence[str], minutes: float | None, seed: int) -> Plan:
    """Plan the strategies and the reference arms for the time that is left."""
    room = bench.passes.cache.budget * CACHE_SHARE
    card = bench.base.card
    # parts that cannot be kept are trained with what is below them still
    live = bool(card.stages) and not card.stage_numbers
    cuts = card.stages[::-1] if live else boundaries(card, counts.all, room)
    largest = bench.base.preprocess.size
    # what is in a scene is too small to be seen in a much smaller one
    least = largest / 2 if bench.task.answer.finest is not None else 0
    sizes = [largest, *(size for size in bench.base.preprocess.smaller() if size >= least)]
    threads, half = best_threads(bench, largest), quicker_in_half(bench, largest)
    with using_threads(threads):
        speeds, half = measure_safely(bench, cuts, sizes, half)
    clock = bench.runtime.clock
    left = clock.left() if minutes is not None else DEFAULT_MINUTES * 60
    work = MARGIN * max(0.0, left - SHIP_SECONDS)
    task, answer = bench.task, bench.task.answer
    outputs = len(bench.examples.categories) if answer.solver else 0
    head = HEAD_SECONDS * counts.train * card.width * max(1.0, outputs / 10) * bool(outputs)
    head += BUILDS * speeds.build
    views: tuple[int, ...] = VIEWS if bench.subject(largest).inputs.augments else (0,)
    if answer.finest is not None and len(views) > 1:  # maps are large
        kept = bench.passes.cache.budget * MAPS_SHARE / (counts.all * card.width * NUMBER)
        views = tuple(number for number in VIEWS if number + 1 <= kept or not number)
    batch = SENTENCES if answer.headed == "none" else SCENES if answer.finest is not None else None
    lowest = next(iter(card.stages), INPUT)
    fewest = SENTENCE_EPOCHS if answer.headed == "none" else WHOLE_EPOCHS[0]
    curve = answer.solver is not None
    way = Way(views, live, task.references, curve, lowest, batch, fewest, answer.headed == "trained")
    planner = _Planner(speeds, counts, (*cuts, INPUT), largest, work, head, way)
    draft = planner.draft(strategies)
    if minutes is None:
        minutes = max(0.5, (clock.elapsed() + sum(draft.seconds.values()) + SHIP_SECONDS) / 60)
    engines = {network: choice.engine for network, choice in bench.passes.choices.items()}
    unit = bench.base.preprocess.unit
    return Plan(minutes, threads, seed, **vars(draft), half=half, unit=unit, engines=engines)


def untrained(bench: Bench, strategies: Sequence[str], minutes: float | None, seed: int) -> Plan:
    """One seed of strategies that train nothing by steps, and no references: nothing has to be measured."""
    recipes = {name: Recipe(size=bench.base.preprocess.size) for name in strategies}
    seconds = dict.fromkeys(strategies, 0.0)
    threads = bench.runtime.threads
    return Plan(minutes or DEFAULT_MINUTES, threads, seed, 1, recipes, strategies[0], seconds)


@dataclass(frozen=True)
class _Draft:
    """What the planner decides of a plan."""

    seeds: int
    recipes: dict[str, Recipe]
    reinit: str
    seconds: dict[str, float]
    notes: tuple[str, ...]
    curve_seeds: int


class _Planner:
    """Fits recipes into seconds."""

    def __init__(
        self,
        speeds: Speeds,
        counts: Counts,
        cuts: tuple[str, ...],
        size: int,
        work: float,
        head: float,
        way: Way,
    ) -> None:
        self.speeds, self.counts, self.cuts, self.size = speeds, counts, cuts, size
        self.work, self.head, self.way = work, head, way
        self.batch = way.batch or (16 if counts.train < 500 else 32)

    def draft(self, strategies: Sequence[str]) -> _Draft:
        """As many seeds as fit with every arm; where not even the fewest do, the arms that fit."""
        for seeds, names, curve in _attempts(strategies):
            if curve and not self.way.curve:
                continue
            recipes = self._recipes(seeds, names, curve)
            if all(recipes.values()):
                notes = [*_missing(strategies, names)]
                if not curve and self.way.curve:
                    notes.append("the time does not suffice for a learning curve of scratch")
                return self._draft(seeds, recipes, names, tuple(notes), curve)
        fitting = next(filter(None, map(self._fitting, _groups(strategies))), [])
        heads = [name for name in strategies if not fitting and self._has_head(name) and not trains(name)]
        fitting = fitting or heads
        notes = [*_missing(strategies, fitting)]
        recipes = self._recipes(FEWEST_SEEDS, fitting)
        if heads:  # as cheap as it gets: there is always a model to ship
            notes.append(f"the time hardly suffices for {', '.join(heads)}")
            recipes |= dict.fromkeys(heads, self._recipe(head_epochs=HEAD_EPOCHS[0]))
        if not recipes[SCRATCH]:
            notes.append("the time hardly suffices for training from scratch: it is a weak reference")
            recipes[SCRATCH] = self._hasty(fitting)
        return self._draft(FEWEST_SEEDS, recipes, fitting, tuple(notes), False)

    def _fitting(self, strategies: Sequence[str]) -> list[str]:
        """Those that fit with the fewest seeds beside the others."""
        return [name for name in strategies if self._recipes(FEWEST_SEEDS, strategies)[name]]

    def _recipes(
        self, seeds: int, strategies: Sequence[str], curve: bool = False
    ) -> dict[str, Recipe | None]:
        """The best recipe of each arm that fits its equal share of the time; None where none does."""
        names = [*strategies, SCRATCH]
        trained = [name for name in names if self._trains(name)]
        share = self._share(names, seeds, curve)
        return {
            name: next(self._options(name, share, _runs(name, seeds)), None)
            if name in trained
            else self._recipe()
            for name in names
        }

    def _hasty(self, strategies: Sequence[str]) -> Recipe:
        """From scratch at the smallest input side, for the few epochs that fit; at least one."""
        share = self._share([*strategies, SCRATCH], FEWEST_SEEDS) / (FEWEST_SEEDS + RACE_AND_REFIT)
        one = self._recipe(epochs=1, size=min(self.speeds.whole))
        return replace(one, epochs=max(1, self._epochs(SCRATCH, one, share, WHOLE_EPOCHS)))

    def _share(self, names: Sequence[str], seeds: int, curve: bool = False) -> float:
        """Seconds that each arm that is trained by steps may take; a learning curve is a part of one more.

        Arms of a few fixed steps take what they need, before the others share.
        """
        trained = [name for name in names if self._trains(name)]
        fixed = [name for name in trained if registry.get("adaptation", name).pairs]
        needed = sum(_runs(name, seeds) * (self._steps(name, self._pairs()) + self.head) for name in fixed)
        extra = CURVE_SEEDS * self._subsets() / (seeds + RACE_AND_REFIT) if curve else 0.0
        return (self.work - self._untrained(seeds) - needed) / max(1.0, len(trained) - len(fixed) + extra)

    def _options(self, name: str, share: float, runs: int) -> Iterator[Recipe]:
        """Recipes of a strategy that is trained by steps, the most wanted first."""
        if not trains(name, self.cuts):
            yield from self._heads(name, share, runs)
        elif registry.get("adaptation", name).pairs:
            yield from [self._pairs()] if share > 0 else []
        elif uses_cuts(name, self.cuts):
            yield from self._part(name, share, runs)
        else:
            # inherited weights keep the input side that they were trained for
            inherits = registry.get("adaptation", name).inherits
            sizes = [self.size] if inherits else sorted(self.speeds.whole, reverse=True)
            yield from self._whole(name, share / runs, sizes)

    def _trains(self, name: str) -> bool:
        """By steps: its head at least."""
        return trains(name, self.cuts) or self._has_head(name)

    def _has_head(self, name: str) -> bool:
        """Does a head that is trained come first?"""
        return self.way.head and bool(registry.get("adaptation", name).solved_head)

    def _heads(self, name: str, share: float, runs: int) -> Iterator[Recipe]:
        """The head alone, on features from the cache: more views before more epochs."""
        for views in self.way.views:
            one = self._recipe(head_epochs=1, views=views)
            per_run = (share - self._views(one)) / runs - self.head
            epochs = min(HEAD_EPOCHS[1], int(per_run / self._steps(name, one)))
            if epochs >= HEAD_EPOCHS[0]:
                yield replace(one, head_epochs=epochs)

    def _pairs(self) -> Recipe:
        """One epoch of as many steps as the number of examples asks for; what is still is run at each."""
        live = self.way.lowest != INPUT
        return self._recipe(epochs=1, batch=SIZE, cuts=(self.way.lowest,), live=live, keep=KEEP)

    def _part(self, name: str, share: float, runs: int) -> Iterator[Recipe]:
        """From the cache: lower boundaries before more views before more epochs."""
        for depth in range(len(self.cuts), 0, -1):
            for views in self.way.views:
                one = self._recipe(epochs=3, cuts=self.cuts[:depth], views=views, live=self.way.live)
                per_run = (share - self._views(one)) / runs
                if self._has_head(name):
                    most = per_run / 3 / self._steps(name, replace(one, epochs=0, cuts=(), head_epochs=1))
                    one = replace(one, head_epochs=max(1, min(HEAD_EPOCHS[1], int(most))))
                epochs = self._epochs(name, one, per_run, PART_EPOCHS)
                if epochs >= PART_EPOCHS[0] * (2 if views else 1):
                    yield self._quicker(name, replace(one, epochs=epochs), runs)

    def _quicker(self, name: str, cached: Recipe, runs: int) -> Recipe:
        """The recipe, or the same without a cache where its views would cost more than they save."""
        if cached.live:
            return cached
        live = replace(cached, live=True, views=0)
        saved = self._steps(name, live) - self._steps(name, cached)
        return live if runs * saved < VIEWS_WORTH * self._views(cached) else cached

    def _whole(self, name: str, per_run: float, sizes: Sequence[int]) -> Iterator[Recipe]:
        """The largest input side at which the epochs are many; the smallest where they are few.

        An epoch of very few examples repeats them: where no size is smaller, fewer such epochs will do.
        """
        repeated = self._epoch(self.counts.train) / self.counts.train if len(self.speeds.whole) == 1 else 1.0
        fewest = min(WHOLE_EPOCHS[0], max(3, round(self.way.fewest / repeated)))
        for size in sizes:
            one = self._recipe(epochs=1, size=size, cuts=cuts_of_all(name))
            epochs = self._epochs(name, one, per_run, WHOLE_EPOCHS)
            if epochs >= fewest * (1 if size == min(sizes) else 3):
                yield replace(one, epochs=epochs)

    def _epochs(self, name: str, one: Recipe, per_run: float, bounds: tuple[int, int]) -> int:
        """Epochs that fit, at most the upper bound and `MOST_STEPS`; may be below the lower bound."""
        steps = self._epoch(self.counts.train) / self.batch
        most = min(bounds[1], max(bounds[0], int(MOST_STEPS / steps)))
        own = replace(one, head_epochs=0)
        left = per_run - self.head - self._steps(name, one) + self._steps(name, own)
        return min(most, int(one.epochs * left / max(self._steps(name, own), 1e-6)))

    def _steps(self, name: str, recipe: Recipe) -> float:
        """Seconds of the training steps of one run, and of looking at validation."""
        looked = 0.7 * max(self.counts.validation, self.batch) * (self.counts.validation > 0)
        examples = self._epoch(self.counts.train) + looked
        if registry.get("adaptation", name).pairs:
            examples = shown(self.counts.train) + 0.3 * self.counts.train
        stages = recipe.stages(registry.get("adaptation", name))
        return examples * float(sum(stage.epochs * self._above(stage.boundary, recipe) for stage in stages))

    def _epoch(self, train: float) -> float:
        """Examples of an epoch: very few are repeated as a whole, as `_loop.batches` does it."""
        return train * max(1, math.ceil(MIN_STEPS * self.batch / train))

    def _above(self, boundary: str, recipe: Recipe) -> float:
        """Seconds per example of a training step above a boundary."""
        if boundary == FEATURES:
            return self.speeds.head
        if boundary not in self.speeds.above:  # the whole, or nearly so
            return self.speeds.whole[recipe.size] + self.speeds.head * (recipe.size / self.size) ** 2
        fresh = self.speeds.below[boundary] + self.speeds.view if recipe.live else 0.0
        return self.speeds.above[boundary] + fresh + self.speeds.head

    def _draft(
        self,
        seeds: int,
        recipes: dict[str, Recipe | None],
        strategies: Sequence[str],
        notes: tuple[str, ...],
        curve: bool,
    ) -> _Draft:
        """Seconds of every arm; `reinit` runs the most thorough transfer strategy that the rest allows."""
        chosen = {name: one for name, one in recipes.items() if one}
        if "reinit" in self.way.references:
            chosen = {"frozen": self._recipe(), **chosen}
        seconds = {name: self._arm(name, chosen[name], seeds) for name in [*strategies, SCRATCH]}
        if curve:
            seconds[CURVE] = CURVE_SEEDS * self._subsets() * self._steps(SCRATCH, chosen[SCRATCH])
        reinit, cost = "frozen", seeds * (self._pass() + self.head)
        for name in strategies:
            dearer = cost + seeds * (self._steps(name, chosen[name]) + self._views(chosen[name]))
            if uses_cuts(name, self.cuts) and sum(seconds.values()) + dearer <= self.work:
                reinit, cost = name, dearer
        after = {name: seconds.pop(name) for name in (SCRATCH, CURVE) if name in seconds}
        reinits = {"reinit": cost} if "reinit" in self.way.references else {}
        every = {**seconds, **reinits, **after}
        return _Draft(seeds, chosen, reinit, every, notes, CURVE_SEEDS if curve else 0)

    def _subsets(self) -> float:
        """Runs on half of the examples, half of those, and so on, all together in runs on the whole."""
        halves = range(1, sizes_of(self.counts.least))
        sizes = [self._epoch(self.counts.train / 2**halved) for halved in halves]
        return sum(sizes) / self._epoch(self.counts.train)

    def _arm(self, name: str, recipe: Recipe, seeds: int) -> float:
        return _runs(name, seeds) * (self._steps(name, recipe) + self.head) + self._views(recipe)

    def _untrained(self, seeds: int) -> float:
        """Seconds of what is always there: the head, and the passes of re-initialised networks."""
        reinits = self._pass() + self.head if "reinit" in self.way.references else 0.0
        return (seeds + 1) * self.head + seeds * reinits

    def _pass(self) -> float:
        return self.counts.all * self.speeds.forward

    def _views(self, recipe: Recipe) -> float:
        """Seconds of the passes over augmented views."""
        return recipe.views * self.counts.pool * (self.speeds.forward + self.speeds.view)

    def _recipe(self, **numbers: Any) -> Recipe:
        return Recipe(**{"batch": self.batch, "size": self.size, **numbers})


def _runs(name: str, seeds: int) -> int:
    """Of an arm; a single rate, or none, is not raced."""
    return seeds + RACE_AND_REFIT - (len(registry.get("adaptation", name).rates) < 2)


def _attempts(strategies: Sequence[str]) -> Iterator[tuple[int, Sequence[str], bool]]:
    """Seeds, strategies, and whether with a learning curve of scratch: the most wanted first.

    Fewer than six seeds decide nothing: before there are fewer, the fallback strategy goes, then the
    curve, then the strategies that train for as long as they may where one is left that does not. Those of
    a few fixed steps stay: where they are of use, nothing else comes near.
    """
    groups = _groups(strategies)
    still = [name for name in strategies if not trains(name)]
    yield from ((MOST_SEEDS, names, True) for names in groups[:2])
    yield from ((MOST_SEEDS, names, False) for names in groups)
    fewer = range(MOST_SEEDS - 1, FEWEST_SEEDS - 1, -1)
    yield from ((seeds, names, False) for seeds in fewer for names in groups)
    yield from ((seeds, still, False) for seeds in fewer if still)


def _groups(strategies: Sequence[str]) -> list[Sequence[str]]:
    """All, those that prove something of the base, and the cheap ones among these."""
    proving = [name for name in strategies if not registry.get("adaptation", name).joins]
    cheap = [name for name in proving if not trains(name) or registry.get("adaptation", name).pairs]
    return [group for group in (strategies, proving, cheap) if group]


def _missing(strategies: Sequence[str], fitting: Sequence[str]) -> tuple[str, ...]:
    missing = [name for name in strategies if name not in fitting]
    return (f"the time does not suffice for {', '.join(missing)}",) if missing else ()
