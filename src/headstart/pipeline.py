"""The story: check → rank → adapt → verify → ship."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import adaptation, crossvalidation, data, shipping
from . import ranking as rank
from . import verification as verify
from .bases.passes.frozen import FrozenPass
from .bench import Bench
from .cache import Cache
from .partial import Opened, opened, resolved
from .runs import RunFolder, open_run
from .runtime import Clock, Reporter, detect, using_threads
from .settings import Settings
from .shipping.bundles.predict import Predictor
from .shipping.report.record import Story
from .types import Splits
from .verification import Measured, Verification
from .version import VERSION


def run(settings: Settings, reporter: Reporter) -> tuple[Path, dict[str, Any]]:
    """The whole story on one data set; returns the run folder and what its `result.json` holds.

    Raises:
        HeadstartError: the data, a base or the folder cannot be used; nothing is written then.
    """
    stages = _Stages(Clock(settings.minutes), reporter)
    with stages.timed("check"):
        found = opened(settings, reporter)
        verify.require_unseen(found.splits, found.bases)
        folds, whole = data.folded(found.splits, found.task, settings.seed, settings.reading)
    settings = resolved(settings, found.task)
    folder = open_run(settings.out, settings.name, settings.identity(found.splits.fingerprint, found.bases))
    found = replace(found, splits=whole)
    if folds:
        story = _in_folds(found, folds, settings, folder, stages)
    else:
        story = _story(found, settings, folder, stages)
    stages.seconds["total"] = stages.clock.elapsed()
    return folder.path, shipping.finish(story, folder)


@dataclass
class _Stages:
    """The clock of a run, and the seconds of each of its stages so far."""

    clock: Clock
    reporter: Reporter
    seconds: dict[str, float] = field(default_factory=dict)
    plans: dict[str, Any] = field(default_factory=dict)
    """By base: folds are of one size, so that the plan for one is that for all."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds what happens inside to the stage."""
        started = self.clock.elapsed()
        yield
        took = self.clock.elapsed() - started
        self.seconds[stage] = self.seconds.get(stage, 0.0) + took

    def part(self, minutes: float | None) -> _Stages:
        """The same with a clock for one part of the run."""
        return replace(self, clock=Clock(minutes))


@dataclass(frozen=True)
class _Planned:
    """What is trained, on what, and how."""

    ranking: dict[str, Any]
    bench: Bench
    splits: Splits
    plan: adaptation.Plan


def _planned(found: Opened, settings: Settings, folder: RunFolder, stages: _Stages) -> _Planned:
    """The base that fits best, and the plan for it."""
    clock, splits = stages.clock, found.splits
    clock.add(folder.worked())
    with stages.timed("rank"):
        runtime = detect(clock, stages.reporter, folder.log)
        passes = FrozenPass(Cache(), runtime, (settings.plan or {}).get("engines"))
        runtime.log("start", version=VERSION, examples=len(splits.examples))
        candidates = rank.benches(found.task, splits, found.bases, passes, settings.head is None)
        fitted = [one.base for one in candidates]  # long texts leave a base without a cut
        kept = adaptation.planned(fitted, settings.strategy, len(splits.examples), passes.cache)
        trials = adaptation.trials(settings.strategy, settings.minutes, settings.seed, folder.work, clock)
        ranking = folder.once("ranking", lambda: rank.choice_record(rank.choose(candidates, kept, trials)))
        bench, splits = rank.without_near_copies(rank.chosen(candidates, ranking), splits)
    with stages.timed("plan"):

        def once(name: str, make: Callable[[], Any]) -> Any:
            if bench.base.name not in stages.plans:
                stages.plans[bench.base.name] = folder.once(name, make)
                adaptation.Plan.from_json(stages.plans[bench.base.name]).announce(stages.reporter)
            return stages.plans[bench.base.name]

        plan = adaptation.plan_once(bench, splits, settings.strategy, settings.minutes, settings.seed, once)
    return _Planned(ranking, bench.in_half(plan.half), splits, replace(plan, seed=settings.seed))


def _story(found: Opened, settings: Settings, folder: RunFolder, stages: _Stages) -> Story:
    """One data set with one test split."""
    planned = _planned(found, settings, folder, stages)
    bench, splits, plan = planned.bench, planned.splits, planned.plan
    with using_threads(plan.threads):
        with stages.timed("adapt"):
            transfer = adaptation.adapt(bench, splits, plan, settings.strategy, folder.work)
        with stages.timed("verify"):
            verification = verify.verify(bench, splits, plan, transfer, folder.work, settings.margin / 100)
        with stages.timed("ship"):
            predictor = shipping.pack(
                bench, splits, verification, found.name, folder, settings.max_error / 100
            )
            measured = verify.measure(predictor.outputs, bench, splits)
    return _shipped(found.name, planned, verification, measured, predictor, settings, stages)


def _in_folds(
    found: Opened, folds: Sequence[Splits], settings: Settings, folder: RunFolder, stages: _Stages
) -> Story:
    """The result is that of a story for each fold; what ships is one model that learns from everything."""
    note, own = stages.reporter.note, crossvalidation.share(settings, len(folds))
    planned = _planned(found, own, folder, stages.part(own.minutes))
    stories = []
    for number, splits in enumerate(folds):
        note(f"fold {number + 1} of {len(folds)}")
        one, part = crossvalidation.part(own, folder, number)
        stories.append(_story(replace(found, splits=splits), one, part, stages.part(own.minutes)))
    verification, measured = crossvalidation.pooled(stories, settings.margin / 100)
    note(f"{verification.shipped.name} ships: it learns from all examples now")
    bench, splits, plan = planned.bench, planned.splits, replace(planned.plan, seeds=1)
    with using_threads(plan.threads):
        with stages.timed("adapt"):
            verification = crossvalidation.trained(verification, bench, splits, plan, folder.work)
        with stages.timed("ship"):
            predictor = shipping.pack(
                bench, splits, verification, found.name, folder, settings.max_error / 100
            )
    planned = replace(planned, splits=splits.but(test=measured.rows))
    return _shipped(found.name, planned, verification, measured, predictor, settings, stages)


def _shipped(
    name: str,
    planned: _Planned,
    verification: Verification,
    measured: Measured,
    predictor: Predictor,
    settings: Settings,
    stages: _Stages,
) -> Story:
    """What the record is made of, the speed of the bundle too."""
    facts, speed = predictor.parts.facts, shipping.speed_of(predictor, planned.bench)
    return Story(
        *(name, planned.splits, planned.bench, planned.ranking, planned.plan, verification, measured),
        strategies=settings.strategy,
        seconds=stages.seconds,
        abstain=facts["abstain"],
        weights=facts["weights"],
        speed=speed,
        folds=data.FOLDS.of(settings.options),
    )
