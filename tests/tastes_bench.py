"""A bench of made tastes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tastes
from headstart import data, ranking, tasks
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.reading import Reading
from headstart.runtime import Clock, Silent, detect
from headstart.types import Splits


def bench(
    folder: Path, stamps: bool = False, shared: str = "users", users: int = 120, items: bool = False
) -> tuple[Bench, Splits]:
    """The examples of a target and a source, and their splits."""
    target, source = tastes.write(folder, stamps, users)
    options = {"source_data": str(source), "shared": shared}
    if items:
        options["items"] = str(tastes.described(folder))
    reading = Reading(options=options)
    task = tasks.task_named("recommendation", options)
    splits = data.load(target, task, 0, reading)
    passes = FrozenPass(Cache(folder / "cache"), detect(Clock(), Silent()))
    return ranking.benches(task, splits, [task.fitter.base(None, splits.examples, passes)], passes)[0], splits


def split(splits: Splits, side: str) -> list[str]:
    """The users of one side."""
    rows: np.ndarray = getattr(splits, side)
    return [splits.examples.names[row] for row in rows.tolist()]
