"""What the stages of a story hand on: the run, what was planned, and what the record is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from . import adaptation, data, looks, ranking, shipping
from .bases.passes.frozen import FrozenPass
from .bench import Bench
from .cache import Cache
from .partial import Opened
from .runs import RunFolder
from .runtime import Clock, Reporter, derive, detect
from .settings import Settings
from .shipping.bundles.predict import Predictor
from .shipping.report.record import Story
from .types import Splits
from .verification import Measured, Verification
from .version import VERSION

LARGEST_SEED = 2**31
STAGES = ("check", "rank", "adapt", "verify", "ship")
"""As people are told of them."""


@dataclass(frozen=True)
class Run:
    """One run: what was asked, where it is written, its time, and its seeds.

    The clock is the only holder of time, and `seed` the only way to one.
    """

    settings: Settings
    folder: RunFolder
    clock: Clock
    reporter: Reporter
    seconds: dict[str, float] = field(default_factory=dict)
    """Of each stage so far."""
    plans: dict[str, Any] = field(default_factory=dict)
    """By base: folds are of one size, so that the plan for one is that for all."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds what happens inside to the stage, and says when one begins."""
        if stage in STAGES and stage not in self.seconds:
            self.reporter.note(f"stage {STAGES.index(stage) + 1} of {len(STAGES)}: {stage}")
        started = self.clock.elapsed()
        yield
        took = self.clock.elapsed() - started
        self.seconds[stage] = self.seconds.get(stage, 0.0) + took

    def seed(self, *purpose: str | int) -> int:
        """What the run draws for one purpose from."""
        return derive(self.settings.seed, *purpose)

    def share(self, parts: int) -> Run:
        """One of so many equal parts of the time, on one account with the whole."""
        minutes = self.clock.minutes
        return replace(self, clock=Clock(None if minutes is None else minutes / parts))

    def part(self, number: int, parts: int) -> Run:
        """A fold, counted from 0: a share with a seed of its own, below the work of the run."""
        folder = RunFolder(self.folder.work / f"fold-{number + 1}", self.folder.settings)
        folder.work.mkdir(parents=True, exist_ok=True)
        # what is clear in one fold says nothing of all
        options = {**self.settings.options, looks.USE.name: "all"}
        seed = self.seed("fold", number) % LARGEST_SEED
        settings = replace(self.settings, seed=seed, options=options)
        return replace(self.share(parts), settings=settings, folder=folder)


@dataclass(frozen=True)
class Planned:
    """What is trained, on what, and how."""

    record: dict[str, Any]
    """Of the ranking, as `ranking.choice_record` writes it."""
    bench: Bench
    splits: Splits
    plan: adaptation.Plan


def planned(opened: Opened, run: Run) -> Planned:
    """The base that fits best, and the plan for it."""
    clock, folder, settings, splits = run.clock, run.folder, run.settings, opened.splits
    clock.add(folder.worked())
    with run.timed("rank"):
        runtime = detect(clock, run.reporter, folder.log, settings.place)
        passes = FrozenPass(Cache(), runtime, (settings.plan or {}).get("engines"))
        runtime.log("start", version=VERSION, examples=len(splits.examples))
        candidates = ranking.benches(opened.task, splits, opened.bases, passes, settings.head is None)
        fitted = [one.base for one in candidates]  # long texts leave a base without a cut
        kept = adaptation.planned(fitted, settings.strategy, len(splits.examples), passes.cache)
        trials = adaptation.trials(settings.strategy, settings.seed, folder.work, clock)
        record = folder.once(
            "ranking", lambda: ranking.choice_record(ranking.choose(candidates, kept, trials))
        )
        bench, splits = ranking.without_near_copies(ranking.chosen(candidates, record), splits)
    with run.timed("plan"):

        def once(name: str, make: Callable[[], Any]) -> Any:
            if bench.base.name not in run.plans:
                run.plans[bench.base.name] = folder.once(name, make)
                adaptation.Plan.from_json(run.plans[bench.base.name]).announce(run.reporter)
            return run.plans[bench.base.name]

        plan = adaptation.plan_once(bench, splits, settings.strategy, settings.seed, once)
    first = plan.seeds if looks.USE.of(settings.options) == "all" else plan.first
    return Planned(record, bench.in_half(plan.half), splits, replace(plan, seed=settings.seed, first=first))


def told(
    opened: Opened,
    work: Planned,
    verification: Verification,
    measured: Measured,
    predictor: Predictor,
    run: Run,
) -> Story:
    """Everything that happened, the speed of the bundle too."""
    facts, speed = predictor.parts.facts, shipping.speed_of(predictor, work.bench)
    return Story(
        *(opened.name, work.splits, work.bench, work.record, work.plan, verification, measured),
        strategies=run.settings.strategy,
        seconds=run.seconds,
        abstain=facts["abstain"],
        weights=facts["weights"],
        speed=speed,
        folds=data.FOLDS.of(run.settings.options),
    )
