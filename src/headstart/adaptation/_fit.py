"""Fit one arm with one seed, or take it from the run folder where that was done before.

Notation: n examples, d feature width, k classes.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..bases.base import INPUT
from ..bases.networks.cuts import cut
from ..bench import Bench
from ..types import IntArray
from ._start import STATISTICS, brought, start
from .base import History, Job, Start
from .training import checkpoints
from .training.feed import places
from .training.loop import Feed, Loop, Training, evaluate
from .training.objective import objective_of

ANSWERS = 64
"""Examples that are answered together."""


@dataclass(frozen=True)
class Fitted:
    """What a job left: the weights that it changed, and how it went."""

    job: Job
    kept: dict[str, Tensor]
    """To load over the network that the job started from (`backbone.…`, `head.…`), and its statistics."""
    history: History
    seconds: float


def fit(job: Job, bench: Bench, folder: Path, deadline: float = math.inf) -> Fitted:
    """Fit the job; a job that is already in the folder is read, an interrupted one goes on."""
    path, checkpoint = fitted_file(job, folder), folder / f"{job.name}.checkpoint"
    if path.exists():
        groups, facts = checkpoints.read(path)
        return Fitted(job, groups["kept"], History.from_json(facts["history"]), facts["seconds"])
    clock = bench.runtime.clock
    started = clock.elapsed()
    if bench.task.fitter is not None:
        return _written(Fitted(job, _whole(job, bench), History(), clock.elapsed() - started), path, bench)
    begin = start(job, bench)
    kept = {f"head.{name}": tensor.clone() for name, tensor in begin.head.state_dict().items()}
    history = History()
    if job.stages:
        training = _training(job, begin, bench, checkpoint, deadline)
        kept, history = Loop(begin.network, begin.trained, training, begin.feeds, bench.runtime).run()
    kept = job.strategy.finish(kept, begin, job, bench)
    kept |= {f"{STATISTICS}{name}": values for name, values in begin.measured.items()}
    seconds = max(history.seconds, clock.elapsed() - started)
    found = _written(Fitted(job, kept, history, seconds), path, bench)
    checkpoint.unlink(missing_ok=True)
    return found


def _written(fitted: Fitted, path: Path, bench: Bench) -> Fitted:
    """A job that is done, in its file."""
    history, seconds = fitted.history, fitted.seconds
    checkpoints.write(path, {"kept": fitted.kept}, {"history": asdict(history), "seconds": seconds})
    bench.runtime.log("fitted", job=fitted.job.name, seconds=round(seconds, 2), candidate=history.candidate)
    return fitted


def _whole(job: Job, bench: Bench) -> dict[str, Tensor]:
    """What a fitter keeps of a whole model."""
    assert bench.task.fitter is not None
    about = bench.examples, bench.base, job.train, job.validation
    return bench.task.fitter.fit(job.arm, *about)


def _training(job: Job, begin: Start, bench: Bench, checkpoint: Path, deadline: float) -> Training:
    """What the loop is told of the job."""
    inputs = bench.subject(job.recipe.size).inputs
    usual = Training(
        objective=objective_of(bench.task, bench.examples, job.train, inputs),
        strategy=job.strategy,
        recipe=job.recipe,
        seed=job.seed,
        train=job.train,
        validation=job.validation,
        stages=bench.base.card.stages,
        checkpoint=checkpoint,
        deadline=deadline,
        begun=brought(job, bench) is not None,
        lengths=places(inputs, job.train, len(bench.examples)),
    )
    return job.strategy.training(usual, begin, bench)


def fitted_file(job: Job, folder: Path) -> Path:
    """Where a finished job is kept."""
    return folder / f"{job.name}.safetensors"


def outputs(fitted: Fitted, bench: Bench, rows: IntArray) -> Any:
    """(n, k) outputs of a fitted job for the rows, or (n,) answers of an open-ended task; not augmented."""
    if bench.task.fitter is not None:
        return bench.task.fitter.outputs(fitted.kept, bench.examples, bench.base.preprocess, rows)
    begin, answer = _again(fitted, bench), bench.task.answer
    # what has no head is answered by the whole network
    boundary = INPUT if answer.headed == "none" else fitted.job.lowest
    feed = begin.feeds(boundary)
    suffix = cut(begin.network, boundary, begin.feeds(INPUT).still(rows[:1])).suffix
    model = nn.Sequential(suffix, begin.head)
    if answer.solver is None:
        return _answers(model, bench, feed, rows)
    quickest = bench.subject(fitted.job.recipe.size).inputs.ordered(rows)
    found = np.asarray(evaluate(model, feed, quickest).numpy(), dtype=np.float64)
    place = np.empty(len(bench.examples), dtype=np.int64)
    place[quickest] = np.arange(len(rows))
    return found[place[rows]]


@torch.no_grad()
def _answers(model: nn.Module, bench: Bench, feed: Feed, rows: IntArray) -> Any:
    """(n,) answers of a model, a few at a time."""
    model.eval()
    starts = range(0, len(rows), ANSWERS)
    how = bench.base.preprocess
    parts = [
        bench.task.answer.answers(model, feed.still(rows[start : start + ANSWERS]), how) for start in starts
    ]
    return np.asarray(np.concatenate(parts))


def model_of(fitted: Fitted, bench: Bench) -> tuple[nn.Module, nn.Module]:
    """The whole backbone and head of a fitted job, ready to ship."""
    begin = _again(fitted, bench)
    return fitted.job.strategy.plain(begin.network).eval(), begin.head.eval()


def _again(fitted: Fitted, bench: Bench) -> Start:
    """Where the job started, with the weights that it left."""
    begin = start(fitted.job, bench, fitted.kept)
    whole = nn.ModuleDict({"backbone": begin.network, "head": begin.head})
    whole.load_state_dict(fitted.kept, strict=False)
    return begin
