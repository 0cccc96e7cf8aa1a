"""The story: check → rank → adapt → verify → ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import adaptation, crossvalidation, data, shipping, verification
from .partial import Opened, opened, resolved
from .runs import open_run
from .runtime import Clock, Reporter, using_threads
from .settings import Settings
from .shipping.report.record import Story
from .story import Run, planned, told
from .types import Splits


def run(settings: Settings, reporter: Reporter, begun: float | None = None) -> tuple[Path, dict[str, Any]]:
    """The whole story on one data set; returns the run folder and what its `result.json` holds.

    Its time runs from `begun`, a reading of `time.monotonic`; from now, where that is None.

    Raises:
        HeadstartError: the data, a base or the folder cannot be used; nothing is written then.
    """
    clock = Clock(settings.minutes, begun)
    beginning = opened(settings, reporter)
    fingerprint, bases = beginning.splits.fingerprint, beginning.bases
    folds, whole = data.folded(beginning.splits, beginning.task, settings.seed, settings.reading)
    for splits in folds or [whole]:
        verification.require_unseen(splits, bases, beginning.task.answer)
    settings = resolved(settings, beginning.task)
    folder = open_run(settings.out, settings.name, settings.identity(fingerprint, bases))
    folder.say_resumed(reporter)
    run = Run(settings, folder, clock, reporter, {"check": clock.elapsed()})
    beginning = replace(beginning, splits=whole)
    story = _in_folds(beginning, folds, run) if folds else _on_one_split(beginning, run)
    run.seconds["total"] = clock.elapsed()
    return folder.path, shipping.finish(story, folder)


def _on_one_split(beginning: Opened, run: Run) -> Story:
    """Chosen on validation, told on the test split."""
    work, settings = planned(beginning, run), run.settings
    bench, splits, plan, once = work.bench, work.splits, work.plan, run.folder.once
    margin, max_error = settings.margin / 100, settings.max_error / 100
    with using_threads(plan.threads):
        with run.timed("adapt"):
            transfer = adaptation.adapt(bench, splits, plan, settings.strategy, run.folder.work, once)
        with run.timed("verify"):
            verified = verification.verify(bench, splits, plan, transfer, run.folder.work, once, margin)
        with run.timed("ship"):
            predictor = shipping.pack(bench, splits, verified, beginning.name, run.folder, max_error)
            measured = verification.measure(predictor.outputs, bench, splits)
            return told(beginning, work, verified, measured, predictor, run)


def _in_folds(beginning: Opened, folds: Sequence[Splits], run: Run) -> Story:
    """The result is that of a story for each fold; what ships is one model that learns from everything."""
    note, parts, settings = run.reporter.note, len(folds) + 1, run.settings
    share = run.share(parts)
    work, begun, stories = planned(beginning, share), run.clock.elapsed(), []
    for number, splits in enumerate(folds):
        note(f"fold {number + 1} of {len(folds)}")
        stories.append(_on_one_split(replace(beginning, splits=splits), run.part(number, parts)))
    share.clock.add(begun - run.clock.elapsed())  # the folds had time of their own
    pooled, measured = crossvalidation.pooled(stories, settings.margin / 100)
    note(f"{pooled.shipped.name} ships: it learns from all examples now")
    few = min(work.plan.seeds, work.plan.first)  # they tell how long to train
    bench, splits, plan = work.bench, work.splits, replace(work.plan, seeds=few)
    with using_threads(plan.threads):
        with run.timed("adapt"):
            pooled = crossvalidation.trained(pooled, bench, splits, plan, run.folder.work)
        with run.timed("ship"):
            max_error = settings.max_error / 100
            predictor = shipping.pack(bench, splits, pooled, beginning.name, run.folder, max_error)
            work = replace(work, splits=splits.but(test=measured.rows))
            return told(beginning, work, pooled, measured, predictor, run)
