"""The story: check → rank → adapt → verify → ship."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import adapt, data, rank, ship, tasks, verify
from ._version import VERSION
from .bases import default_base, load_base
from .cache import Cache
from .data.parallel import Progress
from .registry import get
from .runtime import Clock, Reporter, detect
from .settings import Settings
from .ship.folder import open_run
from .ship.record import Story


def run(settings: Settings, reporter: Reporter) -> tuple[Path, dict[str, Any]]:
    """The whole story on one data set; returns the run folder and what its `result.json` holds.

    Raises:
        HeadstartError: the data, a base or the folder cannot be used; nothing is written then.
    """
    clock, cache, seconds = Clock(settings.minutes), Cache(), dict[str, float]()
    with _timed(clock, seconds, "check"):
        name = settings.task or tasks.infer(settings.data)
        task = get("tasks", name)
        splits = data.load(settings.data, task, settings.seed, settings.group, _progress(reporter))
        named = settings.base or (default_base(task.modality),)
        bases = [load_base(base, task.modality) for base in named]

    folder = open_run(settings.out, settings.name, settings.identity(splits.fingerprint, bases))
    clock.add(folder.worked())
    runtime = detect(clock, reporter, folder.log)
    runtime.log("start", version=VERSION, examples=len(splits.examples))

    with _timed(clock, seconds, "rank"):
        planned = {base.name: adapt.boundaries(base.card.stages) for base in bases}
        ranked = rank.rank(task, splits, bases, planned, cache, runtime)
        bench, splits = rank.without_near_copies(ranked[0].bench, splits)

    with _timed(clock, seconds, "adapt"):
        plan = adapt.Plan.from_json(
            folder.once("plan", lambda: adapt.plan(bench, splits, settings).as_json())
        )
        plan.announce(reporter)
        transfer = adapt.adapt(bench, splits, plan, settings.strategy, folder.work)

    with _timed(clock, seconds, "verify"):
        verification = verify.verify(bench, splits, plan, transfer, folder.work)

    with _timed(clock, seconds, "ship"):
        predictor = ship.pack(bench, splits, verification, name, folder)
        measured = verify.measure(predictor.outputs, bench, splits)
    seconds["total"] = clock.elapsed()
    story = Story(name, splits, bench, ranked, plan, verification, measured, settings.strategy, seconds)
    return folder.path, ship.finish(story, folder)


@contextmanager
def _timed(clock: Clock, seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = clock.elapsed()
    yield
    seconds[stage] = clock.elapsed() - started


def _progress(reporter: Reporter) -> Progress:
    return lambda title, items: reporter.track(list(items), title, len(list(items)))
