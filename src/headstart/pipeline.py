"""The story: check → rank → adapt → verify → ship."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import adapt, rank, ship, verify
from ._version import VERSION
from .bases._features import FrozenPass
from .cache import Cache
from .partial import opened, resolved
from .runtime import Clock, Reporter, detect, using_threads
from .settings import Settings
from .ship.folder import open_run
from .ship.record import Story


def run(settings: Settings, reporter: Reporter) -> tuple[Path, dict[str, Any]]:
    """The whole story on one data set; returns the run folder and what its `result.json` holds.

    Raises:
        HeadstartError: the data, a base or the folder cannot be used; nothing is written then.
    """
    clock, seconds = Clock(settings.minutes), dict[str, float]()
    with _timed(clock, seconds, "check"):
        name, task, splits, bases = opened(settings, reporter)
        verify.require_unseen(splits, bases)
    settings = resolved(settings, task)

    folder = open_run(settings.out, settings.name, settings.identity(splits.fingerprint, bases))
    clock.add(folder.worked())
    with _timed(clock, seconds, "rank"):
        runtime = detect(clock, reporter, folder.log)
        passes = FrozenPass(Cache(), runtime, (settings.plan or {}).get("engines"))
        runtime.log("start", version=VERSION, examples=len(splits.examples))
        candidates = rank.benches(task, splits, bases, passes, settings.head is None)
        fitted = [one.base for one in candidates]  # long texts leave a base without a cut
        kept = adapt.planned(fitted, settings.strategy, len(splits.examples), passes.cache)
        trials = adapt.trials(settings.strategy, settings.minutes, settings.seed, folder.work, clock)
        ranking = folder.once("ranking", lambda: rank.choice_record(rank.choose(candidates, kept, trials)))
        bench, splits = rank.without_near_copies(rank.chosen(candidates, ranking), splits)

    with _timed(clock, seconds, "plan"):
        plan = adapt.plan_once(bench, splits, settings.strategy, settings.minutes, settings.seed, folder.once)
    plan.announce(reporter)
    bench = bench.in_half(plan.half)
    with using_threads(plan.threads):
        with _timed(clock, seconds, "adapt"):
            transfer = adapt.adapt(bench, splits, plan, settings.strategy, folder.work)
        with _timed(clock, seconds, "verify"):
            verification = verify.verify(bench, splits, plan, transfer, folder.work, settings.margin / 100)
        with _timed(clock, seconds, "ship"):
            predictor = ship.pack(bench, splits, verification, name, folder, settings.max_error / 100)
            measured = verify.measure(predictor.outputs, bench, splits)
            speed = ship.speed_of(predictor, bench)
    seconds["total"] = clock.elapsed()
    facts = predictor.parts.facts
    story = Story(
        *(name, splits, bench, ranking, plan, verification, measured, settings.strategy, seconds),
        abstain=facts["abstain"],
        weights=facts["weights"],
        speed=speed,
    )
    return folder.path, ship.finish(story, folder)


@contextmanager
def _timed(clock: Clock, seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = clock.elapsed()
    yield
    seconds[stage] = clock.elapsed() - started
