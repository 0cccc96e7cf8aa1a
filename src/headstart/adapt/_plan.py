"""The plan of a run: how many seeds, which sizes, how many epochs, so that it ends in its time.

Made once from measured speeds, written to `settings.json`, and reused on resume: nothing that
changes a result depends on the clock after that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..tasks._bench import Bench
from ..runtime import Reporter
from ._speed import Speeds, measure
from .base import Recipe

DEFAULT_MINUTES = 15.0
"""Upper end of the budget that is taken where none is given."""
MOST_SEEDS, FEWEST_SEEDS = 6, 3
"""Six paired seeds are the fewest with which a sign-flip test can reach p < 0.05."""
MARGIN = 0.72
"""Share of the time that is planned for: measured speeds vary by about that much."""
SHIP_SECONDS = 8.0
SIZES = (224, 160, 128, 96, 64)
"""Input sides that a from-scratch network may be given, where they are below the base's."""
WHOLE_EPOCHS = (12, 120)
"""Fewest and most epochs of whole-network training."""
PART_EPOCHS = (4, 30)
"""Fewest and most epochs above a cached boundary."""
MOST_STEPS = 2_500
VIEWS = (4, 2, 0)
HEAD_SECONDS = 1e-6
"""Solving the head, per example and feature, all classes: measured 0.7 s at 1,000 × 1,280 × 10."""
RACE_AND_REFIT = 2
"""Runs of an arm besides its seeds: the race of the rates (a third each of three), and the refit."""


@dataclass(frozen=True)
class Plan:
    """Recipes by arm, and what they are expected to take."""

    minutes: float
    threads: int
    seed: int
    """Of the first paired run; the others count up from it."""
    seeds: int
    recipes: dict[str, Recipe]
    reinit: str
    """The strategy that the `reinit` arm runs."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Expected seconds by arm, all seeds together."""
    notes: tuple[str, ...] = ()

    def announce(self, reporter: Reporter) -> None:
        """Say what will be done and how long it should take, before it starts."""
        total = sum(self.seconds.values())
        reporter.note(f"plan: {self.seeds} paired seeds, about {total / 60:.1f} of {self.minutes:.1f} minutes")
        for arm, seconds in self.seconds.items():
            recipe = self.recipes.get(arm, self.recipes[self.reinit])
            what = f"{recipe.epochs} epochs at {recipe.size} px" if recipe.epochs else "solved, no epochs"
            opened = f", opens {' then '.join(recipe.cuts)}, {recipe.views} views" if recipe.cuts else ""
            reporter.note(f"  {arm}: {what}{opened}, about {seconds:.0f} s")
        for text in self.notes:
            reporter.note(f"  {text}")

    def as_json(self) -> dict[str, Any]:
        """For `settings.json`; infinity has no JSON, so an open time is null."""
        plain = asdict(self)
        for recipe in plain["recipes"].values():
            recipe["seconds"] = None if recipe["seconds"] == float("inf") else recipe["seconds"]
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Plan:
        """The plan of `as_json`."""
        recipes = {
            arm: Recipe(
                **{**recipe, "cuts": tuple(recipe["cuts"]), "seconds": recipe["seconds"] or float("inf")}
            )
            for arm, recipe in plain["recipes"].items()
        }
        return cls(**{**plain, "recipes": recipes, "notes": tuple(plain["notes"])})


@dataclass(frozen=True)
class Counts:
    """How many examples there are to work on."""

    all: int
    pool: int
    train: int
    validation: int


def boundaries(stages: Sequence[str]) -> tuple[str, ...]:
    """The two boundaries that fine-tuning may open, top first: about a sixth and a third from the top."""
    if len(stages) < 3:
        return ()
    top, lower = len(stages) - 1 - max(1, len(stages) // 6), len(stages) - 1 - max(2, len(stages) // 3)
    return tuple(stages[number] for number in dict.fromkeys([max(top, 0), max(lower, 0)]))


def make(bench: Bench, counts: Counts, strategies: Sequence[str], minutes: float | None, seed: int) -> Plan:
    """Plan the strategies and the reference arms for the time that is left."""
    cuts = boundaries(bench.base.card.stages)
    largest = bench.base.preprocess.size
    speeds = measure(bench, cuts, [largest, *[size for size in SIZES if size < largest]])
    clock = bench.runtime.clock
    left = clock.left() if minutes is not None else DEFAULT_MINUTES * 60
    work = MARGIN * max(0.0, left - SHIP_SECONDS)
    head = HEAD_SECONDS * counts.train * bench.base.card.width * max(1.0, len(bench.examples.labels) / 10)
    planner = _Planner(speeds, counts, cuts, largest, work, head)
    plans = [planner.plan(seeds, strategies) for seeds in range(MOST_SEEDS, FEWEST_SEEDS - 1, -1)]
    seeds, recipes, reinit, seconds, notes = next((p for p in plans if p is not None), None) or planner.least(
        strategies
    )
    total = (clock.elapsed() + sum(seconds.values()) + SHIP_SECONDS) / 60
    return Plan(minutes or max(0.5, total), bench.runtime.threads, seed, seeds, recipes, reinit, seconds, notes)


_Parts = tuple[int, dict[str, Recipe], str, dict[str, float], tuple[str, ...]]


class _Planner:
    """Fits recipes into seconds."""

    def __init__(
        self, speeds: Speeds, counts: Counts, cuts: tuple[str, ...], size: int, work: float, head: float
    ) -> None:
        self.speeds, self.counts, self.cuts, self.size = speeds, counts, cuts, size
        self.work, self.head = work, head
        self.batch = 16 if counts.train < 500 else 32

    def plan(self, seeds: int, strategies: Sequence[str]) -> _Parts | None:
        """All arms with this many seeds, or None where one does not fit."""
        return self._fit(seeds, strategies, fewest=True)

    def least(self, strategies: Sequence[str]) -> _Parts:
        """Fewest seeds, and only what fits beside them; says what did not."""
        for kept in (list(strategies), [name for name in strategies if name == "frozen"]):
            left_out = [name for name in strategies if name not in kept]
            note = f"the time does not suffice for {', '.join(left_out)}" if left_out else ""
            parts = self._fit(FEWEST_SEEDS, kept, fewest=bool(kept == list(strategies)))
            if parts is not None:
                return (*parts[:4], tuple(filter(None, [*parts[4], note])))
        raise AssertionError("the smallest plan always fits")

    def _fit(self, seeds: int, strategies: Sequence[str], fewest: bool) -> _Parts | None:
        recipes: dict[str, Recipe] = {"frozen": self._recipe()}
        seconds = {"frozen": (seeds + 1) * self.head, "reinit": seeds * (self._pass() + self.head)}
        trained = [name for name in strategies if name != "frozen"] + ["scratch"]
        share = (self.work - sum(seconds.values())) / len(trained)
        runs = seeds + RACE_AND_REFIT
        for name in trained:
            options = self._part(share, runs) if name == "finetune" else self._whole(share / runs, name, fewest)
            recipe = next(options, None)
            if recipe is None:
                return None
            recipes[name] = recipe
            seconds[name] = runs * self._cost(recipe) + recipe.views * self.counts.pool * self._view()
        reinit, extra = "frozen", 0.0
        if "finetune" in recipes:
            extra = seeds * (self._cost(recipes["finetune"]) + recipes["finetune"].views * self._pass())
            if sum(seconds.values()) + extra <= self.work:
                reinit = "finetune"
                seconds["reinit"] += extra
        notes = self._notes(recipes, seconds)
        return seeds, recipes, reinit, seconds, notes

    def _part(self, share: float, runs: int) -> Iterator[Recipe]:
        """Fine-tuning from the cache: lower boundaries before more views before more epochs."""
        for cuts in (self.cuts, self.cuts[:1]):
            for views in VIEWS:
                per_run = (share - views * self.counts.pool * self._view()) / runs
                if not cuts or per_run <= 0:
                    continue
                epochs = self._epochs(self._recipe(epochs=1, cuts=cuts, views=views), per_run, PART_EPOCHS)
                if epochs >= PART_EPOCHS[0] * 2 or (epochs >= PART_EPOCHS[0] and views == 0):
                    yield self._recipe(epochs=epochs, cuts=cuts, views=views, seconds=2 * per_run)

    def _whole(self, per_run: float, name: str, fewest: bool) -> Iterator[Recipe]:
        """Whole-network training: the largest input side at which the epochs suffice."""
        inherits_size = name == "warm_init"
        sizes = [max(self.speeds.whole)] if inherits_size else sorted(self.speeds.whole, reverse=True)
        for size in sizes:
            epochs = self._epochs(self._recipe(epochs=1, size=size), per_run, WHOLE_EPOCHS)
            enough = WHOLE_EPOCHS[0] if size == min(sizes) else 3 * WHOLE_EPOCHS[0]
            if epochs >= enough:
                yield self._recipe(epochs=epochs, size=size, seconds=2 * per_run)
        if not fewest and not inherits_size:
            yield self._recipe(epochs=2, size=min(sizes), seconds=max(1.0, 2 * per_run))

    def _epochs(self, one: Recipe, per_run: float, bounds: tuple[int, int]) -> int:
        """Epochs that fit, at most the upper bound and `MOST_STEPS`; may be below the lower bound."""
        steps = max(8, self.counts.train / self.batch)
        most = min(bounds[1], max(bounds[0], int(MOST_STEPS / steps)))
        return min(most, int(per_run / max(self._cost(one), 1e-6)))

    def _cost(self, recipe: Recipe) -> float:
        """Seconds of one run of a recipe."""
        passes = max(self.counts.train, 8 * self.batch) + 0.7 * self.counts.validation
        if not recipe.epochs:
            return self.head
        if recipe.cuts:
            above = [self.speeds.above[name] for name in recipe.cuts]
            each = above[0] if len(above) == 1 else above[0] / 3 + 2 * above[-1] / 3
            return recipe.epochs * passes * each + self.head
        return recipe.epochs * passes * self.speeds.whole[recipe.size]

    def _pass(self) -> float:
        return self.counts.all * self.speeds.forward

    def _view(self) -> float:
        return self.speeds.forward + self.speeds.view

    def _recipe(self, **numbers: Any) -> Recipe:
        return Recipe(**{"batch": self.batch, "size": self.size, **numbers})

    def _notes(self, recipes: dict[str, Recipe], seconds: dict[str, float]) -> tuple[str, ...]:
        over = sum(seconds.values()) - self.work
        late = f"the plan needs about {over:.0f} s more than the budget holds" if over > 1 else ""
        return tuple(filter(None, [late]))
