"""Stage 3, adapt: the base becomes a model of the task, by every strategy, with paired seeds.

`adapt` trains the transfer arms; `verify` trains the reference arms through the same `train_arm`.
Everything here sees training and validation examples only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .. import workers
from ..bases.base import Base
from ..bench import Bench
from ..cache import Cache
from ..data.cutting.stratified import redraw
from ..errors import SettingsError
from ..types import FloatArray, IntArray, Splits
from ._boundaries import boundaries
from ._costs import Counts, sizes_of
from ._final import Final, Shipped, against_refit, final, refit
from ._final import whole as whole_model
from ._fit import Fitted, fit, fitted_file, model_of, outputs
from ._plan import CACHE_SHARE, make, untrained, whole
from ._plan_record import CURVE, Plan
from ._race import race
from ._start import reinitialised, reused, scatter_views
from ._trials import trials
from ._uses import able, opens_parts, require_fitting, strategy_named, trains
from .base import Job, Recipe

Once = Callable[[str, Callable[[], Any]], Any]


def now(_name: str, make: Callable[[], Any]) -> Any:
    """A decision that nobody has to repeat."""
    return make()


@dataclass(frozen=True)
class Draw:
    """The training and validation rows of one seed."""

    train: IntArray
    validation: IntArray


@dataclass(frozen=True)
class Arm:
    """One thing that is compared, fitted once per seed."""

    name: str
    fitted: tuple[Fitted, ...]
    validation: tuple[FloatArray, ...]
    """(n, k) outputs for each seed's validation rows."""
    note: str | None = None
    pace: float | None = None
    """How many times as long as planned its first seeds took; None where that tells nothing."""

    @property
    def seconds(self) -> float:
        """Of all seeds together."""
        return sum(one.seconds for one in self.fitted)


def plan_once(
    bench: Bench,
    splits: Splits,
    strategies: Sequence[str],
    seed: int,
    once: Once,
    references: bool = True,
) -> Plan:
    """Sizes, epochs and seeds of every arm for the time that is left; trains nothing.

    `once` makes the plan the first time and gives back the written one ever after. Without `references`
    it may be one that no reference arm can be run with.
    """

    def plan() -> dict[str, Any]:
        names, unable = able(strategies, bench.base)
        if not references and bench.task.answer.headed != "trained" and not any(map(trains, names)):
            return untrained(bench, names, seed).as_json()
        if bench.task.fitter is not None:
            return whole(bench, bench.task.fitter, names, seed).as_json()
        draw = draws(splits, 1, seed)[0]
        found = np.bincount(splits.examples.strata[draw.train])
        least = int(found[found > 0].min())
        counts = Counts(len(splits.examples), len(bench.pool), len(draw.train), len(draw.validation), least)
        made = make(bench, counts, names, seed)
        return replace(made, notes=(*unable, *made.notes)).as_json()

    return Plan.from_json(once("plan", plan))


def planned(
    bases: Sequence[Base], strategies: Sequence[str], examples: int, cache: Cache
) -> dict[str, tuple[str, ...]]:
    """By base, the boundaries that fine-tuning may open: the frozen pass keeps them besides features."""
    room = cache.budget * CACHE_SHARE if any(map(opens_parts, strategies)) else 0.0
    return {base.name: boundaries(base.card, examples, room) for base in bases}


def draws(splits: Splits, seeds: int, seed: int) -> list[Draw]:
    """The training and validation rows of so many paired seeds of a run with this seed."""
    drawn = [redraw(splits, number, seed) for number in range(seeds)]
    return [Draw(one.train, one.validation) for one in drawn]


def adapt(
    bench: Bench,
    splits: Splits,
    plan: Plan,
    strategies: Sequence[str],
    folder: Path,
    once: Once = now,
) -> list[Arm]:
    """The transfer arms, each fitted with the seeds of the first look.

    What the time no longer suffices for, on a machine that is busier than it was when all was planned, is
    given up: a decision that is written down by `once`.

    Raises:
        SettingsError: the plan has none of them.
    """
    planned = [name for name in strategies if name in plan.recipes]
    if not planned:
        raise SettingsError(f"the time does not suffice for {', '.join(strategies)}", "give more --minutes")
    clock, arms = bench.runtime.clock, list[Arm]()
    for place, name in enumerate(planned):
        left, pace = clock.left(), pace_of(arms)
        given_up = once(f"given-up-before-{name}", partial(plan.given_up, planned[place:], left, pace))
        if name in given_up and (arms or place + 1 < len(planned)):
            bench.runtime.reporter.note(f"{name} is given up: the time does not suffice for it any more")
            continue
        arms.append(train_arm(name, name, bench, splits, plan, folder, once))
    return arms


def pace_of(arms: Sequence[Arm]) -> float:
    """How many times slower than planned it goes by now, 1 where it is not."""
    return max(1.0, next((arm.pace for arm in reversed(arms) if arm.pace is not None), 1.0))


def train_arm(
    name: str, strategy: str, bench: Bench, splits: Splits, plan: Plan, folder: Path, once: Once = now
) -> Arm:
    """One arm: race its learning rate on the first seed, then fit those of the plan's first look.

    The rate, and how many seeds there was time for, are written down by `once`: a run that goes on has more
    time or less, and would race in another way. Stops early when the budget is used up: seeds that
    are missing are missing in the verdict too.
    """
    clock, paired = bench.runtime.clock, draws(splits, plan.seeds, plan.seed)
    started, expected = clock.elapsed(), plan.needed(name)
    deadline = started + plan.allowance(name, clock.left() - plan.reserve)
    recipe, fresh = plan.recipes[strategy], name == "reinit"
    first = Job(
        name, strategy_named(strategy), plan.seed, recipe, paired[0].train, paired[0].validation, fresh
    )
    scatter_views(first, bench)
    half = (started + deadline) / 2
    rate = once(f"rate-of-{name}", lambda: race(first, bench, folder, half).rate)
    raced = replace(recipe, rate=rate)
    jobs = [
        replace(first, recipe=raced, number=number, train=draw.train, validation=draw.validation)
        for number, draw in enumerate(paired[: plan.first])
    ]
    # a head that is solved on features at hand costs next to nothing, and one seed of it tells nothing
    if not first.stages and not fresh:
        deadline = math.inf
    fitted = tuple(_fitted(jobs, bench, plan, folder, deadline))
    fitted = fitted[: once(f"seeds-of-{name}", partial(len, fitted))]
    seen = tuple(_look(one, bench) for one in fitted)
    # what takes a second or less says nothing of how busy the machine is
    pace = (clock.elapsed() - started) / expected if expected > 1 else None
    return Arm(name, fitted, seen, _note(first, bench, len(fitted), len(jobs)), pace)


def with_next_seed(arms: Sequence[Arm], bench: Bench, splits: Splits, plan: Plan, folder: Path) -> list[Arm]:
    """Arms of as many seeds, each with one more; fewer arms, where the time ended."""
    clock, number = bench.runtime.clock, len(arms[0].fitted)
    draw = draws(splits, number + 1, plan.seed)[number]
    jobs = [
        replace(arm.fitted[0].job, number=number, train=draw.train, validation=draw.validation)
        for arm in arms
    ]
    fitted = _fitted(jobs, bench, plan, folder, clock.budget - plan.reserve)
    return [
        replace(arm, fitted=(*arm.fitted, one), validation=(*arm.validation, _look(one, bench)))
        for arm, one in zip(arms, fitted, strict=False)
    ]


def _fitted(jobs: Sequence[Job], bench: Bench, plan: Plan, folder: Path, deadline: float) -> Iterator[Fitted]:
    """Those that there is time to begin, in order; side by side where that is quicker."""
    processes = plan.processes if all(job.stages for job in jobs) else 1
    if processes > 1 and len(jobs) > 1:
        arms = " and ".join(dict.fromkeys(job.arm for job in jobs))
        bench.runtime.reporter.note(f"{arms}: {len(jobs)} trainings, {processes} side by side")
    within = partial(_in_time, folder, deadline, plan.seeds)
    # what is solved on features at hand is sooner done than sent
    solved = not any(job.stages or job.fresh for job in jobs)
    here = (within(bench, job) for job in jobs)
    for one in here if solved else workers.each(within, [(bench, job) for job in jobs], processes):
        if one is None:
            return
        yield one


def _in_time(folder: Path, deadline: float, seeds: int, bench: Bench, job: Job) -> Fitted | None:
    """The job fitted; None where there is no time left to begin it, but the first is always there."""
    late = bench.runtime.clock.elapsed() > deadline
    if job.number and late and not fitted_file(job, folder).exists():
        return None
    bench.runtime.reporter.note(f"{job.arm}: seed {job.number + 1} of {seeds}")
    return fit(job, bench, folder, deadline)


def _look(fitted: Fitted, bench: Bench) -> FloatArray:
    found: FloatArray = outputs(fitted, bench, fitted.job.validation)
    return found


def _note(job: Job, bench: Bench, fitted: int, seeds: int) -> str | None:
    """What a reader must know of an arm: what it started from beside the backbone, and what is missing."""
    rows = reused(job, bench)
    known = f"{rows} of {len(bench.examples.categories)} classes start from the base's own output rows"
    short = f"{fitted} of {seeds} seeds fitted the time"
    return "; ".join([known] * bool(rows) + [short] * (fitted < seeds)) or None


def on_fewer(arm: Arm, number: int, rows: IntArray, bench: Bench, folder: Path, deadline: float) -> Fitted:
    """One seed of an arm again, by number, on some of its training rows and with the same recipe."""
    return fit(_fewer(arm, (number, rows)), bench, folder, deadline)


def scatter_on_fewer(
    arm: Arm, wanted: Sequence[tuple[int, IntArray]], bench: Bench, folder: Path, deadline: float
) -> None:
    """What `on_fewer` will be asked for, seeds and rows, fitted where there are workers."""
    workers.scatter(partial(_kept, folder, deadline), [(bench, _fewer(arm, one)) for one in wanted])


def _fewer(arm: Arm, wanted: tuple[int, IntArray]) -> Job:
    number, rows = wanted
    return replace(arm.fitted[number].job, train=rows, part=f"on{len(rows)}")


def _kept(folder: Path, deadline: float, bench: Bench, job: Job) -> None:
    fit(job, bench, folder, deadline)


__all__ = [
    "CURVE",
    "Arm",
    "Final",
    "Fitted",
    "Job",
    "Once",
    "Plan",
    "Recipe",
    "Shipped",
    "adapt",
    "against_refit",
    "boundaries",
    "draws",
    "final",
    "fit",
    "fitted_file",
    "model_of",
    "now",
    "on_fewer",
    "outputs",
    "pace_of",
    "plan_once",
    "planned",
    "race",
    "refit",
    "reinitialised",
    "require_fitting",
    "scatter_on_fewer",
    "sizes_of",
    "strategy_named",
    "train_arm",
    "trials",
    "whole_model",
    "with_next_seed",
]
