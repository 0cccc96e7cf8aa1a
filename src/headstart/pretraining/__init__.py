"""Make a base: pre-train a backbone on large data, labelled or not.

    read the data sets → start from an architecture or a base → train by one method → write a base folder

Each file without a leading underscore is a method; `base.py` is the contract. The training loop, its exact
resume and its running average are those of `adaptation/`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from .. import data as stage
from .. import registry, workers
from ..cache import Cache
from ..data.cutting.folds import require_one_split
from ..data.reading import Reading
from ..runs import open_run
from ..runtime import Clock, Reporter, Silent, detect, using_threads
from ..runtime import progress as progress_of
from ..sources import read as read_sources
from ..tasks import task_named
from ..types import Splits
from ..version import VERSION
from . import _folder, _plan, _record, _start, _watch
from ._asked import FITTED, Asked, require_some, usual
from ._fitted import fitted
from ._trainee import Trainee
from ._words import training_texts
from .base import Method


def pretrain(asked: Asked, reporter: Reporter) -> tuple[Path, dict[str, object]]:
    """Pre-train, here or on a cluster, and write a base folder; returns it and what its `result.json` holds.

    Killed at any point, the same call goes on and ends with the same weights (bit for bit on a CPU, unless
    its own deadline cut it).

    Raises:
        HeadstartError: the data, the base or the folder cannot be used, or the features collapsed.
    """
    require_one_split(asked.options, "pre-training")
    return workers.together(asked.on, _pretrained, asked, asked.devices, reporter)


def _pretrained(asked: Asked, reporter: Reporter) -> tuple[Path, dict[str, object]]:
    """The same, on the machine that does it."""
    progress = progress_of(reporter)
    if asked.method == FITTED:
        return fitted(asked, reporter, progress)
    clock = Clock(asked.minutes)
    task = task_named(asked.task, asked.options)
    method: Method = registry.get("pretraining", asked.method)
    reading = Reading(columns=asked.columns, options=asked.options)
    sources = read_sources(asked.data, task, method.labelled, asked.seed, progress, reading)
    begun = _start.start(
        *(asked.base, asked.architecture, asked.size, task.modality.name, asked.seed),
        texts=lambda: training_texts(sources),
    )
    probe = None if asked.probe is None else stage.load(asked.probe, task, asked.seed, reading, progress)

    fabric = replace(detect(clock, reporter), devices=asked.devices).fabric()
    with fabric.rank_zero_first():
        folder = open_run(asked.out, asked.out.name, asked.identity(sources))
    clock.add(folder.worked())
    leads = fabric.global_rank == 0
    runtime = detect(clock, reporter if leads else Silent(), folder.log if leads else None)
    runtime = replace(runtime, devices=asked.devices)
    runtime.log("start", version=VERSION, examples=len(sources.train))
    trainee = Trainee(asked, method, sources, begun, runtime, Cache())
    with fabric.rank_zero_first():
        plan = _plan.Plan.from_json(folder.once("plan", lambda: trainee.planned().as_json()))
    reporter = runtime.reporter
    reporter.note(
        f"{asked.method}: {len(sources.train)} examples, {plan.recipe.epochs} epochs "
        f"of batches of {plan.recipe.batch}"
    )
    watch = _watching(trainee, probe)
    with using_threads(plan.threads):
        backbone, head, history = trainee.train(plan, folder, watch)
        _gather(fabric)
        looked = {} if watch is None else watch(backbone)
        values = trainee.values(backbone, head)
    made = trainee.made(backbone, head)
    result = _record.result(asked, trainee.sources, made, plan, values, history) | looked
    _record.refuse_useless(result, history)
    _folder.write(folder.path, made)
    _folder.write_card(folder.path, folder.path.resolve().name, result)
    folder.finish(result)
    return folder.path, result


def _watching(trainee: Trainee, probe: Splits | None) -> _watch.Watch | None:
    """What looks at features; without classes there is a validation loss instead."""
    if not trainee.sources.task.answer.classes:
        return None
    looks = None if probe is None else _watch.Probe(probe, trainee.inputs_of(probe.examples))
    return _watch.Watch(trainee.inputs, _watch.some(trainee.sources.train), trainee.runtime.device, looks)


def _gather(fabric: Any) -> None:
    """The processes that trained together part: only the first goes on."""
    if fabric.world_size > 1:
        fabric.barrier()
        torch.distributed.destroy_process_group()
    if fabric.global_rank:
        raise SystemExit(0)


__all__ = ["FITTED", "Asked", "pretrain", "require_some", "usual"]
