"""The learning rate of an arm: the one that does best on validation in a third of the epochs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from ..bench import Bench
from ._fit import fit
from .base import Job, Recipe


def race(job: Job, bench: Bench, folder: Path, deadline: float) -> Recipe:
    """The job's recipe at the learning rate that does best on validation in a third of the epochs.

    A rate at which the loss stops being a number is out.
    """
    rates = job.strategy.rates
    if len(rates) < 2 or len(job.validation) == 0:
        return replace(job.recipe, rate=rates[len(rates) // 2] if rates else 0.0)
    short = max(2, job.recipe.epochs // 3)
    losses, clock = {}, bench.runtime.clock
    for number, rate in enumerate(rates):
        recipe = replace(job.recipe, rate=rate, epochs=short, head_epochs=-(-job.recipe.head_epochs // 3))
        share = clock.elapsed() + (deadline - clock.elapsed()) / (len(rates) - number)
        trial = fit(replace(job, recipe=recipe, part=f"rate{rate:g}"), bench, folder, share)
        out = trial.history.diverged or not all(map(math.isfinite, trial.history.validation))
        losses[rate] = math.inf if out else min(trial.history.validation, default=math.inf)
    best = min(losses, key=losses.__getitem__)
    bench.runtime.log("race", arm=job.arm, losses={f"{rate:g}": loss for rate, loss in losses.items()})
    return replace(job.recipe, rate=best)
