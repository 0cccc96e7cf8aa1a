"""Stage 3, adapt: the base becomes a model of the task, by every strategy, with paired seeds.

`adapt` trains the transfer arms; `verify` trains the reference arms through the same `train_arm`.
Everything here sees training and validation examples only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from ._fit import Fitted, fit, fitted_file, model_of, outputs
from ._plan import CACHE_SHARE, make, untrained
from ._plan_record import CURVE, Plan
from ._race import race
from ._start import reused
from ._trials import trials
from ._uses import opens_parts, require_fitting, strategy_named, trains
from .base import Job, Recipe

Once = Callable[[str, Callable[[], Any]], Any]

RESERVE_SECONDS = 5.0
"""Kept back from the budget for the report and the bundle."""


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
        for name in strategies:
            strategy_named(name).require(bench.base)
        if not references and bench.task.answer.headed != "trained" and not any(map(trains, strategies)):
            return untrained(bench, strategies, seed).as_json()
        draw = draws(splits, 1, seed)[0]
        found = np.bincount(splits.examples.strata[draw.train])
        least = int(found[found > 0].min())
        counts = Counts(len(splits.examples), len(bench.pool), len(draw.train), len(draw.validation), least)
        return make(bench, counts, strategies, seed).as_json()

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


def adapt(bench: Bench, splits: Splits, plan: Plan, strategies: Sequence[str], folder: Path) -> list[Arm]:
    """The transfer arms, each fitted with every seed of the plan.

    Raises:
        SettingsError: the plan has none of them.
    """
    planned = [name for name in strategies if name in plan.recipes]
    if not planned:
        raise SettingsError(f"the time does not suffice for {', '.join(strategies)}", "give more --minutes")
    return [train_arm(name, name, bench, splits, plan, folder) for name in planned]


def train_arm(name: str, strategy: str, bench: Bench, splits: Splits, plan: Plan, folder: Path) -> Arm:
    """One arm: race its learning rate on the first seed, then fit every seed.

    Stops early, and says so, when the budget is used up: seeds that are missing are missing in the
    verdict too.
    """
    clock, paired = bench.runtime.clock, draws(splits, plan.seeds, plan.seed)
    deadline = clock.elapsed() + plan.allowance(name, clock.left() - RESERVE_SECONDS)
    recipe, fresh = plan.recipes[strategy], name == "reinit"
    first = Job(
        name, strategy_named(strategy), plan.seed, recipe, paired[0].train, paired[0].validation, fresh
    )
    half = (clock.elapsed() + deadline) / 2
    recipe = race(first, bench, folder, half)
    jobs = [
        replace(first, number=number, recipe=recipe, train=draw.train, validation=draw.validation)
        for number, draw in enumerate(paired)
    ]
    processes = plan.processes if first.stages else 1
    if processes > 1:
        bench.runtime.reporter.note(f"{name}: {plan.seeds} seeds, {processes} side by side")
    within = partial(_in_time, folder, deadline, plan.seeds)
    fitted: list[Fitted] = []
    for one in workers.each(within, bench, jobs, processes):
        if one is None:
            break
        fitted.append(one)
    looks = tuple(outputs(one, bench, one.job.validation) for one in fitted)
    return Arm(name, tuple(fitted), looks, _note(first, bench, len(fitted), plan.seeds))


def _in_time(folder: Path, deadline: float, seeds: int, bench: Bench, job: Job) -> Fitted | None:
    """The job fitted; None where there is no time left to begin it, but the first is always there."""
    late = bench.runtime.clock.elapsed() > deadline
    if job.number and late and not fitted_file(job, folder).exists():
        return None
    bench.runtime.reporter.note(f"{job.arm}: seed {job.number + 1} of {seeds}")
    return fit(job, bench, folder, deadline)


def _note(job: Job, bench: Bench, fitted: int, seeds: int) -> str | None:
    """What a reader must know of an arm: what it started from beside the backbone, and what is missing."""
    rows = reused(job, bench)
    known = f"{rows} of {len(bench.examples.categories)} classes start from the base's own output rows"
    short = f"{fitted} of {seeds} seeds fitted the time"
    return "; ".join([known] * bool(rows) + [short] * (fitted < seeds)) or None


def on_fewer(arm: Arm, number: int, rows: IntArray, bench: Bench, folder: Path, deadline: float) -> Fitted:
    """One seed of an arm again, by number, on some of its training rows and with the same recipe."""
    job = replace(arm.fitted[number].job, train=rows, part=f"on{len(rows)}")
    return fit(job, bench, folder, deadline)


__all__ = [
    "CURVE",
    "Arm",
    "Final",
    "Fitted",
    "Job",
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
    "on_fewer",
    "outputs",
    "plan_once",
    "planned",
    "race",
    "refit",
    "require_fitting",
    "sizes_of",
    "strategy_named",
    "train_arm",
    "trials",
]
