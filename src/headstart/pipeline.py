"""The story: check → rank → adapt → verify → ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import adaptation, crossvalidation, data, shipping, verification
from .partial import Opened, opened, resolved
from .runs import RunFolder, open_run
from .runtime import Clock, Reporter, using_threads
from .settings import Settings
from .shipping.report.record import Story
from .story import Stages, planned, told
from .types import Splits


def run(settings: Settings, reporter: Reporter) -> tuple[Path, dict[str, Any]]:
    """The whole story on one data set; returns the run folder and what its `result.json` holds.

    Raises:
        HeadstartError: the data, a base or the folder cannot be used; nothing is written then.
    """
    stages = Stages(Clock(settings.minutes), reporter)
    with stages.timed("check"):
        beginning = opened(settings, reporter)
        fingerprint, bases = beginning.splits.fingerprint, beginning.bases
        folds, whole = data.folded(beginning.splits, beginning.task, settings.seed, settings.reading)
        for splits in folds or [whole]:
            verification.require_unseen(splits, bases)
    settings = resolved(settings, beginning.task)
    folder = open_run(settings.out, settings.name, settings.identity(fingerprint, bases))
    beginning = replace(beginning, splits=whole)
    if folds:
        story = _in_folds(beginning, folds, settings, folder, stages)
    else:
        story = _on_one_split(beginning, settings, folder, stages)
    stages.seconds["total"] = stages.clock.elapsed()
    return folder.path, shipping.finish(story, folder)


def _on_one_split(beginning: Opened, settings: Settings, folder: RunFolder, stages: Stages) -> Story:
    """Chosen on validation, told on the test split."""
    work = planned(beginning, settings, folder, stages)
    bench, splits, plan = work.bench, work.splits, work.plan
    margin, max_error = settings.margin / 100, settings.max_error / 100
    with using_threads(plan.threads):
        with stages.timed("adapt"):
            transfer = adaptation.adapt(bench, splits, plan, settings.strategy, folder.work)
        with stages.timed("verify"):
            verified = verification.verify(bench, splits, plan, transfer, folder.work, margin)
        with stages.timed("ship"):
            predictor = shipping.pack(bench, splits, verified, beginning.name, folder, max_error)
            measured = verification.measure(predictor.outputs, bench, splits)
            return told(beginning, work, verified, measured, predictor, settings, stages)


def _in_folds(
    beginning: Opened, folds: Sequence[Splits], settings: Settings, folder: RunFolder, stages: Stages
) -> Story:
    """The result is that of a story for each fold; what ships is one model that learns from everything."""
    note, share = stages.reporter.note, crossvalidation.share(settings, len(folds))
    work = planned(beginning, share, folder, stages.part(share.minutes))
    stories = []
    for number, splits in enumerate(folds):
        note(f"fold {number + 1} of {len(folds)}")
        own, part = crossvalidation.part(share, folder, number)
        stories.append(_on_one_split(replace(beginning, splits=splits), own, part, stages.part(own.minutes)))
    pooled, measured = crossvalidation.pooled(stories, settings.margin / 100)
    note(f"{pooled.shipped.name} ships: it learns from all examples now")
    bench, splits, plan = work.bench, work.splits, replace(work.plan, seeds=1)
    with using_threads(plan.threads):
        with stages.timed("adapt"):
            pooled = crossvalidation.trained(pooled, bench, splits, plan, folder.work)
        with stages.timed("ship"):
            predictor = shipping.pack(bench, splits, pooled, beginning.name, folder, settings.max_error / 100)
            work = replace(work, splits=splits.but(test=measured.rows))
            return told(beginning, work, pooled, measured, predictor, settings, stages)
