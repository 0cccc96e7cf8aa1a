"""The learning rate of an arm: the one that does best on validation in a third of the epochs."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from pathlib import Path

from .. import workers
from ..bench import Bench
from ._fit import fit, fitted_file
from .base import History, Job, Recipe


def race(job: Job, bench: Bench, folder: Path, deadline: float) -> Recipe:
    """The job's recipe at the learning rate that does best on validation in a third of the epochs.

    A rate at which the loss stops being a number is out. Where the time is over before all were tried, it is
    the middle one.
    """
    rates = job.strategy.rates
    if len(rates) < 2 or job.recipe.whole or len(job.validation) == 0:
        return replace(job.recipe, rate=rates[len(rates) // 2] if rates else 0.0)
    return replace(job.recipe, rate=_best(job, bench, folder, deadline))


def _best(job: Job, bench: Bench, folder: Path, deadline: float) -> float:
    """The rate of least loss on validation."""
    rates, losses = job.strategy.rates, dict[float, float]()
    trials = [(bench, (_trial(job, rate), len(rates) - number)) for number, rate in enumerate(rates)]
    for rate, history in zip(rates, workers.each(partial(_tried, folder, deadline), trials), strict=True):
        if history is None:
            return rates[len(rates) // 2]
        out = history.diverged or not all(map(math.isfinite, history.validation))
        losses[rate] = math.inf if out else min(history.validation, default=math.inf)
    bench.runtime.log("race", arm=job.arm, losses={f"{rate:g}": loss for rate, loss in losses.items()})
    return min(losses, key=losses.__getitem__)


def _tried(folder: Path, deadline: float, bench: Bench, waiting: tuple[Job, int]) -> History | None:
    """How a trial went, within its share of the time; None where there is no time to begin with it.

    `waiting` is the trial, and how many share what is left.
    """
    trial, left = waiting
    elapsed = bench.runtime.clock.elapsed()
    if elapsed >= deadline and not _begun(trial, folder):
        return None
    return fit(trial, bench, folder, elapsed + (deadline - elapsed) / left).history


def _trial(job: Job, rate: float) -> Job:
    """The job at one rate, in a third of its epochs."""
    epochs, head = max(2, job.recipe.epochs // 3), -(-job.recipe.head_epochs // 3)
    recipe = replace(job.recipe, rate=rate, epochs=epochs, head_epochs=head)
    return replace(job, recipe=recipe, part=f"rate{rate:g}")


def _begun(trial: Job, folder: Path) -> bool:
    """What was begun before is gone on with."""
    path = fitted_file(trial, folder)
    return path.exists() or path.with_suffix(".checkpoint").exists()
