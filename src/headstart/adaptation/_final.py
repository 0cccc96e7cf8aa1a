"""What of an arm ships: fitted again on all that may be learned from, or a seed's own model; how sure it is.

A model that is fitted again leaves no example to look at it on, so that nothing says when to stop. It ships
only where that needs no telling: where nothing is trained by steps, or where every seed kept what it had near
the end of all its epochs. Else a seed's own model ships, the best of those that have been looked at.

Notation: n examples, k classes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from torch import nn

from ..bases.base import FEATURES
from ..bench import Bench
from ..preprocessing.base import Preprocess
from ..tasks.solvers import linear
from ..tasks.solvers.crossfit import Look, Outputs, crossfitted, scale_of
from ..types import Architecture, FloatArray, IntArray
from ._fit import Fitted, fit, model_of, outputs
from .base import Recipe

if TYPE_CHECKING:
    from . import Arm

LATE = 2 / 3
"""Of the planned epochs, that every seed must have kept for as many to be right unlooked at."""
FEWEST = 2
"""Seeds that say so."""
CROSSFITTED = 4_000
"""Examples up to which a head is solved again without each fold; of more, the seeds' validation will do."""
COMPARED = 256
"""Examples by which the seeds' scale is compared with that of what ships."""


@dataclass(frozen=True)
class Shipped:
    """Which weights of an arm ship."""

    what: Literal["refit", "seed"]
    why: str
    seed: int | None = None
    """Counted from 1."""
    of: int = 1
    """Seeds of the arm."""


@dataclass(frozen=True)
class Final:
    """The model that ships."""

    architecture: Architecture
    preprocess: Preprocess
    backbone: nn.Module
    head: nn.Module
    width: int
    """Of the backbone's features."""
    shipped: Shipped
    looks: tuple[Look, ...] = field(default=(), compare=False)
    """Outputs of its like, of classes at its own scale, for examples that those have not learned from."""
    head_architecture: Architecture | None = None
    """Which head it has, where that is not the one of its task."""


def final(arm: Arm, bench: Bench, folder: Path) -> Final:
    """The arm's model as a whole network."""
    if bench.task.fitter is not None:
        architecture, network = bench.task.fitter.model(arm.fitted[0].kept)
        return whole(architecture, network, bench)
    fitted, shipped = chosen(arm, bench, folder)
    backbone, head = model_of(fitted, bench)
    architecture, width = fitted.job.strategy.shape(bench.base)
    preprocess = bench.base.preprocess.at(fitted.job.recipe.size)
    looks = tuple(_looks(arm, fitted, bench)) if bench.task.answer.classes else tuple(_seen(arm))
    which = fitted.job.strategy.answer(bench).head_architecture
    return Final(architecture, preprocess, backbone, head, width, shipped, looks, which)


def whole(architecture: Architecture, network: nn.Module, bench: Bench) -> Final:
    """A whole model that has learned from training and validation."""
    head = bench.task.answer.head(1, bench.examples.categories)
    why = Shipped("refit", "learned from training and validation")
    return Final(architecture, bench.base.preprocess, network, head, 1, why)


def chosen(arm: Arm, bench: Bench, folder: Path) -> tuple[Fitted, Shipped]:
    """The model that ships, and why it is that one."""
    against, count = against_refit(arm, bench), len(arm.fitted)
    if against is None:
        again = refit(arm, bench, folder)
        if not again.history.diverged:
            steps = again.history.steps
            why = "every seed kept the last of its epochs" if steps else "nothing is trained by steps"
            return again, Shipped("refit", why, None, count)
        against = "the loss of the refit was no number any more"
    best = best_seed(arm, bench)
    return arm.fitted[best], Shipped("seed", against, best + 1, count)


def against_refit(arm: Arm, bench: Bench) -> str | None:
    """Why an arm must not be fitted again where nobody looks; None where it may."""
    histories = [one.history for one in arm.fitted]
    job, count = arm.fitted[0].job, len(histories)
    if not job.stages:
        return None
    diverged = sum(history.diverged for history in histories)
    if diverged:
        return f"the loss of {diverged} of {count} seeds was no number any more"
    cut = sum(history.cut_short for history in histories)
    if cut:
        return f"the time ended before the epochs of {cut} of {count} seeds did"
    if job.strategy.shown(len(job.train)) is not None:  # a fixed number of steps, which no validation chose
        return None
    if bench.task.answer.headed == "trained":
        return "its head is trained by steps, and nothing tells when to stop without validation"
    if _usual(arm) == "start" and job.strategy.solved_head:
        return None
    if count < FEWEST:
        return f"{count} of the {FEWEST} seeds that could tell how long to train"
    planned = job.recipe.head_epochs + job.recipe.epochs
    kept = [0 if history.kept is None else history.kept + 1 for history in histories]
    if min(kept) < LATE * planned:
        return (
            f"its seeds kept epochs {min(kept)} to {max(kept)} of {planned}: how long to train is not settled"
        )
    return None


def best_seed(arm: Arm, bench: Bench) -> int:
    """The seed that did best on its own validation examples, of those whose loss stayed a number."""
    score, right = bench.task.score, bench.examples.answers
    values = [
        (not one.history.diverged, float(score.gains(look, right[one.job.validation]).mean()))
        for one, look in zip(arm.fitted, arm.validation, strict=False)
        if len(one.job.validation)
    ]
    return values.index(max(values)) if values else 0


def refit(arm: Arm, bench: Bench, folder: Path) -> Fitted:
    """The arm again on training and validation together, for as long as its seeds were kept.

    The number of epochs and the candidate are the median and the most frequent of the seeds'; no
    example is left to choose them on.
    """
    keep = _usual(arm)
    kept = [one.history.kept + 1 for one in arm.fitted if one.history.kept is not None]
    epochs = int(np.median(kept)) if kept else 0
    # as many epochs as were kept, but with the whole schedule: stopped half-way down the learning
    # rate, the last weights would be as noisy as a single step, and there is no validation to see it
    keep = "ema" if keep == "trained" else keep
    recipe: Recipe = replace(arm.fitted[0].job.recipe.ended(max(1, epochs)), keep=keep)
    if keep == "start":  # training never helped: the head that was there first is the model
        recipe = replace(recipe, epochs=0, head_epochs=0, cuts=())
    nobody = np.zeros(0, dtype=np.int64)
    job = replace(arm.fitted[0].job, recipe=recipe, train=bench.pool, validation=nobody, part="refit")
    return fit(job, bench, folder)


def _usual(arm: Arm) -> str:
    """The candidate that most seeds kept."""
    names = [one.history.candidate for one in arm.fitted]
    return max(sorted(set(names)), key=names.count)


def _seen(arm: Arm) -> list[Look]:
    """The seeds' outputs for their validation examples."""
    pairs = zip(arm.fitted, arm.validation, strict=False)
    return [(look, one.job.validation) for one, look in pairs if len(one.job.validation)]


def _looks(arm: Arm, fitted: Fitted, bench: Bench) -> list[Look]:
    """What tells how sure the model may be: folds of a head that is solved, else the seeds' validation."""
    job = fitted.job
    solved = job.strategy.solved_head and job.lowest == FEATURES and not job.stages
    if solved and not job.fresh and len(bench.pool) <= CROSSFITTED:
        found = _folds(fitted, bench)
        if len(found[1]):
            return [found]
    return [
        (look * _ratio(fitted, one, bench), one.job.validation)
        for one, look in zip(arm.fitted, arm.validation, strict=False)
        if len(one.job.validation)
    ]


def _folds(fitted: Fitted, bench: Bench) -> Look:
    """The head on frozen features, solved without each fold."""
    features, targets = np.asarray(bench.features(rows=bench.pool), dtype=np.float64), bench.examples.answers
    place = np.empty(len(bench.examples), dtype=np.int64)
    place[bench.pool] = np.arange(len(bench.pool))
    head = {name: fitted.kept[f"head.{name}"].double().numpy() for name in ("weight", "bias")}

    def solve(rows: IntArray) -> Outputs:
        solved = linear.solve(features[place[rows]], targets[rows], len(bench.examples.categories))
        return lambda some: solved.outputs(features[place[some]])

    def whole(rows: IntArray) -> FloatArray:
        return np.asarray(features[place[rows]] @ head["weight"].T + head["bias"])

    return crossfitted(solve, whole, bench.pool, bench.examples)


def _ratio(fitted: Fitted, seed: Fitted, bench: Bench) -> float:
    """By how much a seed's outputs are multiplied to be as sure as those of what ships."""
    if fitted is seed:
        return 1.0
    both = np.intersect1d(fitted.job.train, seed.job.train)
    some = both[:: max(1, len(both) // COMPARED)]
    if not len(some):
        return 1.0
    return scale_of(outputs(fitted, bench, some), outputs(seed, bench, some))
