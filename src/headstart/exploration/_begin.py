"""What an exploration begins with: examples without labels, and bases on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .. import data, tasks
from ..bases import advice, best, expand, load_base
from ..bases.passes.frozen import FrozenPass
from ..bench import Bench
from ..errors import DataError
from ..runtime import Reporter, progress
from ..tasks.answers.groups import Groups
from ..tasks.base import Task
from ..types import BoolArray, Dropped, Splits
from ._asked import Asked

FEWEST = 3
"""Examples; of fewer there is nothing to say."""


@dataclass(frozen=True)
class Begun:
    """Examples and bases."""

    name: str
    """Of the task, which says what an example is."""
    labelled: Task
    """As it is where labels are asked for."""
    task: Task
    """The same task where nothing is asked."""
    splits: Splits
    bases: tuple[str, ...]


def begin(asked: Asked, reporter: Reporter) -> Begun:
    """Read the examples; their labels are never looked at.

    Raises:
        HeadstartError: the data cannot be used.
    """
    reading = asked.reading
    name = asked.task or tasks.infer(asked.data, reading, unlabelled=True)
    labelled = tasks.task_named(name, reading.options)
    task = replace(labelled, answer=Groups())
    splits = data.load_heap(asked.data, task, reading, progress(reporter))
    if len(splits.examples) < FEWEST:
        raise DataError(
            f"expected at least {FEWEST} different examples, found {len(splits.examples)}",
            "explore more of them: of so few there is nothing to say",
        )
    modality = task.modality.name
    named = tuple(expand(asked.base or (best(modality),), modality))
    if not asked.base:
        reporter.note(f"no --base was named: {named[0]} is at hand")
        if advised := advice(named, modality):
            reporter.note(advised)
    return Begun(name, labelled, task, splits, named)


def benches(begun: Begun, passes: FrozenPass) -> list[Bench]:
    """Each base on all examples."""
    examples, everything = begun.splits.examples, np.arange(len(begun.splits.examples))
    found = []
    for name in begun.bases:
        base = begun.task.suited(load_base(name, begun.task.modality.name), examples, everything.tolist())
        found.append(Bench(begun.task.shown_as(base.preprocess), examples, everything, base, passes))
    return found


def usable(bench: Bench, splits: Splits) -> tuple[Bench, Splits, NDArray[np.float32]]:
    """The features of all examples, without those whose features are not numbers; these are listed.

    Raises:
        DataError: too few are left.
    """
    features = np.asarray(bench.summaries(), np.float32)
    whole: BoolArray = np.asarray(np.isfinite(features).all(axis=1))
    if whole.all():
        return bench, splits, features
    names = splits.examples.names
    odd = tuple(
        Dropped(names[row], f"its features by {bench.base.name} are not numbers")
        for row in np.flatnonzero(~whole).tolist()
    )
    rows = np.flatnonzero(whole)
    if len(rows) < FEWEST:
        raise DataError(f"{odd[0].file}: {odd[0].reason}", "get the base's weights anew, or use another base")
    left = splits.only(rows).but(dropped=(*splits.dropped, *odd))
    everything = np.arange(len(rows))
    return Bench(bench.task, left.examples, everything, bench.base, bench.passes), left, features[rows]
