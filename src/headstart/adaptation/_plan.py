"""The plan of a run: how many seeds, which sizes, how many epochs, so that it ends in its time.

Made once from measured speeds, written to `settings.json`, and reused on resume: nothing that
changes a result depends on the clock after that, but a deadline that cuts an arm short, which is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .. import workers
from ..bases.base import INPUT
from ..bench import Bench
from ..looks import FIRST
from ..runtime import using_threads
from ..tasks.fitters.base import Fitter
from ..types import MOST_SEEDS
from ._boundaries import NUMBER, boundaries
from ._costs import RACE_AND_REFIT, VIEWS, Costs, Counts, Way, runs
from ._plan_record import CURVE, RESERVE, Plan
from ._recipes import hasty, head_only, options
from ._uses import fixed, strategy_named, trains, uses_cuts
from .base import Recipe
from .training.speed import SENTENCES, best_threads, measure_safely, quicker_in_half

DEFAULT_MINUTES = 15.0
"""Upper end of the budget that is taken where none is given."""
FEWEST_SEEDS = FIRST
"""One tells nothing."""
MARGIN = 0.72
"""Share of the time that is planned for: measured speeds vary by about that much."""
PASSES_SHARE = 0.4
"""Of the time, that the frozen passes of a strategy's own may take."""
SCENES = 8
"""Of a training step: there is much in each, and many small steps learn it sooner than few large ones."""
MAPS_SHARE = 0.4
"""Of the cache's bytes, that feature maps may take, views included."""
CACHE_SHARE = 0.1
"""Of the cache's bytes, that the plain activations may take: with views it is up to five times that."""
HEAD_SECONDS = 1e-6
"""Solving the head, per example and feature, all classes: measured 0.7 s at 1,000 × 1,280 × 10."""
BUILDS = 4
"""Times that a run builds its network or cuts it: to train it, and to ask it for its answers."""
LONG = 240.0
"""Seconds of a plan from which on processes beside are worth their start: many more on a busy machine."""
SCRATCH = "scratch"
CURVE_SEEDS = 3
"""That train from scratch on smaller and smaller sets too."""


def make(bench: Bench, counts: Counts, strategies: Sequence[str], seed: int) -> Plan:
    """Plan the strategies and the reference arms for the time that is left."""
    card, largest = bench.base.card, bench.base.preprocess.size
    # parts that cannot be kept are trained with what is below them still
    live = bool(card.stages) and not card.stage_numbers
    room = bench.passes.cache.budget * CACHE_SHARE
    cuts = card.stages[::-1] if live else boundaries(card, counts.all, room)
    threads, half = best_threads(bench, largest), quicker_in_half(bench, largest)
    added = [strategy_named(name) for name in strategies]
    with using_threads(threads):
        speeds, half = measure_safely(bench, cuts, _sizes(bench), half, added)
    ready = BUILDS * speeds.build + _solving(bench, counts)
    clock = bench.runtime.clock
    minutes = clock.minutes
    left = clock.left() if minutes is not None else DEFAULT_MINUTES * 60
    slowness = clock.slowness
    work = MARGIN * max(0.0, left - RESERVE * slowness)
    looked_at = counts.all - counts.pool + FEWEST_SEEDS * counts.validation
    passes = _own_passes(bench, looked_at * speeds.forward, strategies, work)
    costs = Costs(speeds, counts, (*cuts, INPUT), largest, ready, _way(bench, counts, live), passes)
    draft = Planner(costs, work).draft(list(passes))
    draft = replace(draft, notes=(*_missing(strategies, list(passes)), *draft.notes))
    if minutes is None:
        minutes = max(0.5, (clock.elapsed() + sum(draft.seconds.values()) + RESERVE) / 60)
    long = sum(draft.seconds.values()) > LONG
    engines = {network: choice.engine for network, choice in bench.passes.choices.items()}
    unit = bench.base.preprocess.unit
    return Plan(
        minutes,
        threads,
        seed,
        **vars(draft),
        half=half,
        unit=unit,
        processes=workers.most(bench, threads) if long else 1,
        engines=engines,
        shipping=RESERVE * slowness,
    )


def _own_passes(bench: Bench, seconds: float, strategies: Sequence[str], work: float) -> dict[str, float]:
    """Seconds of the frozen passes of each strategy's own, where one of the base's takes so many.

    Without those whose passes leave the others no time.
    """
    found = {name: strategy_named(name).passes(bench.base) * seconds for name in strategies}
    quick = {name: own for name, own in found.items() if own <= PASSES_SHARE * work}
    return quick or found


def _sizes(bench: Bench) -> list[int]:
    """Input sides to train at, the base's own first."""
    largest = bench.base.preprocess.size
    # what is in a scene is too small to be seen in a much smaller one
    least = largest / 2 if bench.task.answer.finest is not None else 0
    return [largest, *(size for size in bench.base.preprocess.smaller() if size >= least)]


def _solving(bench: Bench, counts: Counts) -> float:
    """Seconds of solving a head; none where it is not."""
    if bench.task.answer.solver is None:
        return 0.0
    outputs = len(bench.examples.categories)
    return HEAD_SECONDS * counts.train * bench.base.card.width * max(1.0, outputs / 10)


def _way(bench: Bench, counts: Counts, live: bool) -> Way:
    """What differs here from other kinds of task and base."""
    card, answer = bench.base.card, bench.task.answer
    inputs = bench.subject(bench.base.preprocess.size).inputs
    views: tuple[int, ...] = VIEWS if inputs.augments else (0,)
    if answer.finest is not None and len(views) > 1:  # maps are large
        kept = bench.passes.cache.budget * MAPS_SHARE / (counts.all * card.width * NUMBER)
        views = tuple(number for number in VIEWS if number + 1 <= kept or not number)
    sentences = answer.headed == "none"
    return Way(
        views,
        live,
        references=bench.task.references,
        curve=answer.solver is not None,
        lowest=next(iter(card.stages), INPUT),
        batch=SENTENCES if sentences else SCENES if answer.finest is not None else None,
        fewest=answer.fewest,
        head=answer.headed == "trained",
    )


def untrained(bench: Bench, strategies: Sequence[str], seed: int) -> Plan:
    """One seed of strategies that train nothing by steps, and no references: nothing has to be measured."""
    recipes = {name: Recipe(size=bench.base.preprocess.size) for name in strategies}
    seconds = dict.fromkeys(strategies, 0.0)
    threads = bench.runtime.threads
    return Plan(
        bench.runtime.clock.minutes or DEFAULT_MINUTES, threads, seed, 1, recipes, strategies[0], seconds
    )


def whole(bench: Bench, fitter: Fitter, strategies: Sequence[str], seed: int) -> Plan:
    """Each way of a fitter's once: nothing is drawn in it that another seed would draw otherwise."""
    recipe = Recipe(size=bench.base.preprocess.size, whole=True)
    names = [*strategies, *(name for name in bench.task.references if name not in strategies)]
    return Plan(
        bench.runtime.clock.minutes or DEFAULT_MINUTES,
        bench.runtime.threads,
        seed,
        1,
        dict.fromkeys(names, recipe),
        strategies[0],
        {name: fitter.seconds(name, bench.examples) for name in names},
        unit=bench.base.preprocess.unit,
        first=1,
    )


@dataclass(frozen=True)
class Draft:
    """What the planner decides of a plan."""

    seeds: int
    recipes: dict[str, Recipe]
    reinit: str
    seconds: dict[str, float]
    notes: tuple[str, ...]
    curve_seeds: int


class Planner:
    """Fits the recipes of all arms into the seconds of `work`."""

    def __init__(self, costs: Costs, work: float) -> None:
        self.costs, self.work, self.way = costs, work, costs.way

    def draft(self, strategies: Sequence[str]) -> Draft:
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
        lacking = not any(map(self.costs.trains, fitting))
        heads = [name for name in strategies if lacking and self.costs.has_head(name) and not trains(name)]
        fitting = [*fitting, *heads]
        notes = [*_missing(strategies, fitting)]
        recipes = self._recipes(FEWEST_SEEDS, fitting)
        if heads:  # as cheap as it gets: there is always a model to ship
            notes.append(f"the time hardly suffices for {', '.join(heads)}")
            recipes |= dict.fromkeys(heads, head_only(self.costs))
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
        trained = [name for name in names if self.costs.trains(name)]
        share = self._share(names, seeds, curve)
        return {
            name: next(options(self.costs, name, share, runs(name, seeds)), None)
            if name in trained
            else self.costs.usual()
            for name in names
        }

    def _hasty(self, strategies: Sequence[str]) -> Recipe:
        """From scratch, for the little time that is left for it."""
        share = self._share([*strategies, SCRATCH], FEWEST_SEEDS)
        return hasty(self.costs, SCRATCH, share / (FEWEST_SEEDS + RACE_AND_REFIT))

    def _share(self, names: Sequence[str], seeds: int, curve: bool = False) -> float:
        """Seconds that each arm that is trained by steps may take; a learning curve is a part of one more.

        Arms of a few fixed steps take what they need, before the others share.
        """
        trained = [name for name in names if self.costs.trains(name)]
        own = {name: recipe for name in trained if (recipe := self.costs.own(name))}
        needed = sum(self.costs.arm(name, recipe, seeds) for name, recipe in own.items())
        extra = CURVE_SEEDS * self.costs.subsets() / (seeds + RACE_AND_REFIT) if curve else 0.0
        return (self.work - self.costs.untrained(seeds) - needed) / max(1.0, len(trained) - len(own) + extra)

    def _draft(
        self,
        seeds: int,
        recipes: dict[str, Recipe | None],
        strategies: Sequence[str],
        notes: tuple[str, ...],
        curve: bool,
    ) -> Draft:
        """Seconds of every arm; `reinit` runs the most thorough transfer strategy that the rest allows."""
        chosen = {name: one for name, one in recipes.items() if one}
        if "reinit" in self.way.references:
            chosen = {"frozen": self.costs.usual(), **chosen}
        seconds = {name: self.costs.arm(name, chosen[name], seeds) for name in [*strategies, SCRATCH]}
        if curve:
            seconds[CURVE] = CURVE_SEEDS * self.costs.subsets() * self.costs.steps(SCRATCH, chosen[SCRATCH])
        reinit, cost = "frozen", seeds * (self.costs.passes() + self.costs.ready)
        for name in strategies:
            dearer = cost + seeds * (self.costs.steps(name, chosen[name]) + self.costs.views(chosen[name]))
            if uses_cuts(name, self.costs.cuts) and sum(seconds.values()) + dearer <= self.work:
                reinit, cost = name, dearer
        after = {name: seconds.pop(name) for name in (SCRATCH, CURVE) if name in seconds}
        reinits = {"reinit": cost} if "reinit" in self.way.references else {}
        every = {**seconds, **reinits, **after}
        return Draft(seeds, chosen, reinit, every, notes, CURVE_SEEDS if curve else 0)


def _attempts(strategies: Sequence[str]) -> Iterator[tuple[int, Sequence[str], bool]]:
    """Seeds, strategies, and whether with a learning curve of scratch: the most wanted first.

    What is clear shows in two seeds: first the curve goes, then the fallback strategy, then seeds beyond two,
    then the strategies that train for as long as they may where one is left that does not. Those of a few
    fixed steps stay: where they are of use, nothing else comes near.
    """
    if not strategies:
        return
    everything, *fewer = _groups(strategies)
    proving, still = fewer[:1] or [everything], [name for name in strategies if not trains(name)]
    yield MOST_SEEDS, everything, True
    yield from ((MOST_SEEDS, names, False) for names in (everything, *proving))
    less = range(MOST_SEEDS - 1, FEWEST_SEEDS - 1, -1)
    yield from ((seeds, names, False) for seeds in less for names in proving)
    yield from ((FEWEST_SEEDS, names, False) for names in (*fewer[1:], still) if names)


def _groups(strategies: Sequence[str]) -> list[Sequence[str]]:
    """All, those that prove something of the base or cost nothing, and the cheap ones among these."""
    proving = [name for name in strategies if strategy_named(name).proves or not trains(name)]
    cheap = [name for name in proving if not trains(name) or fixed(name)]
    return [group for group in (strategies, proving, cheap) if group]


def _missing(strategies: Sequence[str], fitting: Sequence[str]) -> tuple[str, ...]:
    missing = [name for name in strategies if name not in fitting]
    return (f"the time does not suffice for {', '.join(missing)}",) if missing else ()
