"""Parts of the story: how each begins, and the two verbs that stop before its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from . import adaptation, data, ranking, shipping, tasks
from .bases import AUTO, advice, expand, load_base
from .bases.base import Base
from .bases.passes.frozen import FrozenPass
from .bench import Bench
from .cache import Cache
from .data.cutting.folds import require_one_split
from .errors import BaseError, SettingsError
from .ranking import Limits
from .runs import ALONE, open_run
from .runtime import Clock, Reporter, detect, progress, using_threads
from .settings import Settings
from .shipping.bundles import cost
from .tasks.base import Task
from .tasks.fitters.base import Fitter
from .types import Architecture, Dropped, Examples, Splits

VALIDATED = "validated"
"""In `settings.json` of one strategy alone: how good it was on validation, in words."""


@dataclass(frozen=True)
class Opened:
    """What a run begins with."""

    name: str
    """Of the task."""
    task: Task
    splits: Splits
    bases: list[Base]
    """Those that were asked for, or are at hand."""


def opened(settings: Settings, reporter: Reporter) -> Opened:
    """The task, the splits of the data, and the bases.

    Raises:
        HeadstartError: the cache, the data, a base or a strategy cannot be used.
    """
    Cache()  # one that cannot be reached is told before the data are read
    reading = settings.reading
    name = settings.task or tasks.infer(settings.data, reading)
    task = tasks.task_named(name, settings.options)
    if settings.head is not None:
        task = task.with_head(Architecture("heads", settings.head))
    adaptation.require_fitting(settings.strategy, task, name)
    if task.fitter is not None:
        reading = replace(reading, options=task.fitter.options(settings.base, reading.options))
    splits = data.load(settings.data, task, settings.seed, reading, progress(reporter))
    task, splits = tasks.scored(task, settings.options, splits)
    if task.fitter is not None:
        passes = FrozenPass(Cache(), detect(Clock(), reporter, on=settings.place))
        base = _fitted_from(settings, task.fitter, name, splits.examples, passes)
        return Opened(name, task, splits, [base])
    named = expand(settings.base or (AUTO,), task.modality.name)
    if not settings.base:
        reporter.note(f"no --base was named: {' and '.join(named)} at hand")
        if advised := advice(named, task.modality.name):
            reporter.note(advised)
    return Opened(name, task, splits, [load_base(base, task.modality.name) for base in named])


def _fitted_from(
    settings: Settings, fitter: Fitter, name: str, examples: Examples, passes: FrozenPass
) -> Base:
    """The base of a fitter, or what stands in its place.

    Raises:
        SettingsError: a strategy that there is no way for, or nothing to transfer from.
    """
    if other := [one for one in settings.strategy if one not in fitter.ways()]:
        raise SettingsError(
            f"`{other[0]}` cannot be used for {name}", f"take some of {', '.join(fitter.ways())}"
        )
    fitter.require(examples)
    return fitter.base(settings.base[0] if settings.base else None, examples, passes)


def resolved(settings: Settings, task: Task) -> Settings:
    """The settings with the strategies that are usual for the task, where none is named."""
    return settings if settings.strategy else replace(settings, strategy=task.strategies)


def rank_alone(settings: Settings, limits: Limits, reporter: Reporter) -> dict[str, Any]:
    """The bases within the limits on one data set, best first, and beside them the lists that know no data.

    Raises:
        BaseError: no base is within the limits, or the task has no classes to rank on.
    """
    require_one_split(settings.options, "ranking")
    found = opened(settings, reporter)
    name, task, splits, bases = found.name, found.task, found.splits, found.bases
    if task.answer.solver is None:
        raise BaseError(
            f"for {name} bases cannot be ranked by their features: they race in short trainings",
            "name them all in one run: headstart run DATA --base A --base B",
        )
    runtime = detect(Clock(), reporter, on=settings.place)
    costs: dict[str, dict[str, float | None]] = {}
    left_out, candidates = list[Dropped](), list[Bench]()
    for bench in ranking.benches(task, splits, bases, FrozenPass(Cache(), runtime)):
        card = bench.base.card
        against = limits.against(card)
        if against is None:
            memory = cost.memory(bench, name) if limits.memory is not None else None
            costs[card.name] = {"latency_ms": round(cost.latency(bench, name), 2), "memory_mb": memory}
            against = limits.against_cost(costs[card.name]["latency_ms"] or 0.0, memory)
        if against is None:
            candidates.append(bench)
        else:
            left_out.append(Dropped(card.name, against))
    if not candidates:
        raise BaseError(
            f"{left_out[0].file}: {left_out[0].reason}", "no base is within the limits: raise them"
        )
    ranked = ranking.rank(candidates)
    known = any(row.prior.sets for row in ranked.rows)
    rows = [ranking.row_record(row) | costs[row.bench.base.name] for row in ranked.rows]
    return {
        "ranking": rows,
        "biggest": min(rows, key=lambda row: row["by_size"])["base"],
        "static_list": [row["base"] for row in sorted(rows, key=lambda row: row["by_list"])] if known else [],
        "left_out": [asdict(one) for one in [*left_out, *ranked.left_out]],
    }


def adapt_alone(settings: Settings, reporter: Reporter) -> Path:
    """One strategy with one seed and no verdict; returns the bundle, the one that is there if it is finished.

    The plan is that of a whole run, so that the same minutes give the same recipe; a strategy that trains
    nothing by steps has only one.
    """
    require_one_split(settings.options, "one strategy alone")
    clock = Clock(settings.minutes)
    found = opened(settings, reporter)
    name, task, splits, bases = found.name, found.task, found.splits, found.bases
    if len(bases) > 1:
        raise BaseError(
            f"one base is adapted alone, {settings.base[0]} stands for {len(bases)}", "name one of them"
        )
    identity = settings.identity(splits.fingerprint, bases) | {ALONE: True}
    folder = open_run(settings.out, settings.name, identity)
    if folder.bundle:
        reporter.note(f"{folder.bundle} is finished, with these settings and data: it is left as it is")
        return folder.bundle
    folder.say_resumed(reporter)
    runtime = detect(clock, reporter, folder.log, settings.place)
    passes = FrozenPass(Cache(), runtime)
    candidates = ranking.benches(task, splits, bases, passes, settings.head is None)
    fitted = candidates[0].base
    kept = adaptation.planned([fitted], settings.strategy, len(splits.examples), passes.cache)
    bench = (
        candidates[0] if task.answer.solver is None else ranking.prepared(candidates[0], kept[fitted.name])
    )
    bench, splits = ranking.without_near_copies(bench, splits)
    asked = (settings.strategy, settings.seed, folder.once)
    plan = adaptation.plan_once(bench, splits, *asked, references=False)
    bench = bench.in_half(plan.half)
    with using_threads(plan.threads):
        arms = adaptation.adapt(bench, splits, replace(plan, seeds=1), settings.strategy, folder.work)
        bundle = shipping.pack_arm(bench, splits, arms[0], name, folder)
    told = folder.once(VALIDATED, lambda: _validated(arms[0], bench))
    folder.finish_alone()
    reporter.note(f"{told} on validation, by the model that did not learn from it")
    return bundle


def _validated(arm: adaptation.Arm, bench: Bench) -> str:
    """The metric of an arm's first seed on its validation examples, in words."""
    rows, score = arm.fitted[0].job.validation, bench.task.score
    value = score.value(arm.validation[0], bench.examples.answers[rows])
    return f"{bench.task.scores.titles.of(score.name)} {value:.3f}"
