"""What the stages of a story hand on: its clock, what was planned, and what the record is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from . import adaptation, data, ranking, shipping
from .bases.passes.frozen import FrozenPass
from .bench import Bench
from .cache import Cache
from .partial import Opened
from .runs import RunFolder
from .runtime import Clock, Reporter, detect
from .settings import Settings
from .shipping.bundles.predict import Predictor
from .shipping.report.record import Story
from .types import Splits
from .verification import Measured, Verification
from .version import VERSION


@dataclass
class Stages:
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

    def part(self, minutes: float | None) -> Stages:
        """The same with a clock for one part of the run."""
        return replace(self, clock=Clock(minutes))


@dataclass(frozen=True)
class Planned:
    """What is trained, on what, and how."""

    record: dict[str, Any]
    """Of the ranking, as `ranking.choice_record` writes it."""
    bench: Bench
    splits: Splits
    plan: adaptation.Plan


def planned(opened: Opened, settings: Settings, folder: RunFolder, stages: Stages) -> Planned:
    """The base that fits best, and the plan for it."""
    clock, splits = stages.clock, opened.splits
    clock.add(folder.worked())
    with stages.timed("rank"):
        runtime = detect(clock, stages.reporter, folder.log)
        passes = FrozenPass(Cache(), runtime, (settings.plan or {}).get("engines"))
        runtime.log("start", version=VERSION, examples=len(splits.examples))
        candidates = ranking.benches(opened.task, splits, opened.bases, passes, settings.head is None)
        fitted = [one.base for one in candidates]  # long texts leave a base without a cut
        kept = adaptation.planned(fitted, settings.strategy, len(splits.examples), passes.cache)
        trials = adaptation.trials(settings.strategy, settings.minutes, settings.seed, folder.work, clock)
        record = folder.once(
            "ranking", lambda: ranking.choice_record(ranking.choose(candidates, kept, trials))
        )
        bench, splits = ranking.without_near_copies(ranking.chosen(candidates, record), splits)
    with stages.timed("plan"):

        def once(name: str, make: Callable[[], Any]) -> Any:
            if bench.base.name not in stages.plans:
                stages.plans[bench.base.name] = folder.once(name, make)
                adaptation.Plan.from_json(stages.plans[bench.base.name]).announce(stages.reporter)
            return stages.plans[bench.base.name]

        plan = adaptation.plan_once(bench, splits, settings.strategy, settings.minutes, settings.seed, once)
    return Planned(record, bench.in_half(plan.half), splits, replace(plan, seed=settings.seed))


def told(
    opened: Opened,
    work: Planned,
    verification: Verification,
    measured: Measured,
    predictor: Predictor,
    settings: Settings,
    stages: Stages,
) -> Story:
    """Everything that happened, the speed of the bundle too."""
    facts, speed = predictor.parts.facts, shipping.speed_of(predictor, work.bench)
    return Story(
        *(opened.name, work.splits, work.bench, work.record, work.plan, verification, measured),
        strategies=settings.strategy,
        seconds=stages.seconds,
        abstain=facts["abstain"],
        weights=facts["weights"],
        speed=speed,
        folds=data.FOLDS.of(settings.options),
    )
