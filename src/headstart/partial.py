"""Parts of the story: how each begins, and the two verbs that stop before its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import adapt, data, rank, ship, tasks
from .bases import default_base, load_base
from .bases._features import FrozenPass
from .bases.base import Base
from .cache import Cache
from .data.parallel import Progress
from .registry import get
from .runtime import Clock, Reporter, detect, using_threads
from .settings import Settings
from .ship.folder import open_run
from .ship.record import ranking_record
from .tasks.base import Task
from .types import Splits


def opened(settings: Settings, reporter: Reporter) -> tuple[str, Task, Splits, list[Base]]:
    """The task's name and plug-in, the splits, and the bases that were asked for or the default one.

    Raises:
        HeadstartError: the data or a base cannot be used.
    """
    name = settings.task or tasks.infer(settings.data)
    task: Task = get("tasks", name)
    splits = data.load(settings.data, task, settings.seed, settings.group, _progress(reporter))
    named = settings.base
    if not named:
        named = (default_base(task.modality),)
        reporter.note(f"no --base was named: {named[0]} is used, a toy; name a real base for photographs")
    return name, task, splits, [load_base(base, task.modality) for base in named]


def ranking(settings: Settings, reporter: Reporter) -> list[dict[str, Any]]:
    """The bases on one data set, best first, as `result.json` lists them."""
    _, task, splits, bases = opened(settings, reporter)
    runtime = detect(Clock(), reporter)
    return [ranking_record(one) for one in rank.rank(task, splits, bases, {}, FrozenPass(Cache(), runtime))]


def adapt_alone(settings: Settings, reporter: Reporter) -> Path:
    """One strategy with one seed and no verdict; returns the bundle.

    The plan is that of a whole run, so that the same minutes give the same recipe; a strategy that trains
    nothing by steps has only one.
    """
    clock = Clock(settings.minutes)
    name, task, splits, bases = opened(settings, reporter)
    folder = open_run(settings.out, settings.name, settings.identity(splits.fingerprint, bases))
    runtime = detect(clock, reporter, folder.log)
    passes = FrozenPass(Cache(), runtime)
    kept = adapt.planned(bases, settings.strategy, len(splits.examples), passes.cache)
    ranked = rank.rank(task, splits, bases, kept, passes)
    bench, splits = rank.without_near_copies(ranked[0].bench, splits)
    asked = (settings.strategy, settings.minutes, settings.seed, folder.once)
    plan = adapt.plan_once(bench, splits, *asked, references=False)
    with using_threads(plan.threads):
        arms = adapt.adapt(bench, splits, replace(plan, seeds=1), settings.strategy, folder.work)
        bundle = ship.pack_arm(bench, splits, arms[0], name, folder)
    folder.clean()
    return bundle


def _progress(reporter: Reporter) -> Progress:
    def shown(title: str, items: Iterable[Any]) -> Iterable[Any]:
        rows = list(items)
        return reporter.track(rows, title, len(rows))

    return shown
