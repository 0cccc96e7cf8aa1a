"""What a base is pre-trained on: one data set or several, as one list of examples.

Notation: n examples in all, t data sets, k classes of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from . import data as stage
from .data.reading import PLAIN, Reading
from .data.tables.frames import adopted
from .errors import DataError
from .exposure import shared
from .parallel import Progress
from .tasks.base import Task
from .types import Data, Dropped, Examples, IntArray, Splits


@dataclass(frozen=True)
class Sources:
    """t data sets of one task."""

    task: Task
    names: tuple[str, ...]
    splits: tuple[Splits, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """(t,) the row at which each begins."""
        sizes = [len(one.examples) for one in self.splits]
        return tuple(np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int).tolist())

    @cached_property
    def examples(self) -> Examples:
        """All of them; classes are each data set's own, and carry its name where there are several."""
        parts = [one.examples for one in self.splits]
        own = [part.targets for part in parts]
        categories = tuple(
            category if len(parts) == 1 else f"{name}/{category}"
            for name, targets in zip(self.names, own, strict=True)
            for category in targets.categories
        )
        right, strata = (
            np.concatenate(some) for some in ([one.right for one in own], [one.strata for one in own])
        )
        return Examples(
            names=tuple(name for part in parts for name in part.names),
            sources=tuple(source for part in parts for source in part.sources),
            digests=tuple(digest for part in parts for digest in part.digests),
            targets=replace(
                own[0],
                right=right,
                strata=strata,
                kinds=categories or own[0].kinds,
                categories=categories,
                members=(),
            ),
            exposure=shared([part.exposure for part in parts]),
        )

    @cached_property
    def source(self) -> IntArray:
        """(n,) which data set each example is of."""
        return np.repeat(np.arange(len(self.splits)), [len(one.examples) for one in self.splits])

    @cached_property
    def train(self) -> IntArray:
        """Rows of all to train on."""
        return self._rows([one.train for one in self.splits])

    @cached_property
    def validation(self) -> IntArray:
        """Rows of all to choose on; none where there are no labels."""
        return self._rows([one.validation for one in self.splits])

    @property
    def sizes(self) -> list[int]:
        """(t,) classes of each."""
        return [len(one.examples.categories) for one in self.splits]

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What was left out of all."""
        return tuple(item for one in self.splits for item in one.dropped)

    def _rows(self, parts: Sequence[IntArray]) -> IntArray:
        moved = [start + part for start, part in zip(self.starts, parts, strict=True)]
        return np.concatenate(moved).astype(np.int64)


def read(
    data: Sequence[Data],
    task: Task,
    labelled: bool,
    seed: int,
    progress: Progress,
    reading: Reading = PLAIN,
) -> Sources:
    """The data sets, each with the splits that a run with this seed would have.

    The test split of each stays out of pre-training, so that the base may be judged on it. Without labels,
    validation is trained on too; a heap of files has no splits, unless its folders are named so.

    Raises:
        DataError: one cannot be read, or two are the same.
    """
    splits = [
        stage.load(one, task, seed, reading, progress)
        if labelled
        else _any(one, task, seed, progress, reading)
        for one in data
    ]
    splits = without_held_out(splits)
    if len({one.fingerprint for one in splits}) < len(splits):
        raise DataError("two of the data sets are the same", "name each once")
    return Sources(task, names_of(data), tuple(splits))


def names_of(data: Sequence[Data]) -> tuple[str, ...]:
    """What each data set is called: its folder's name, with its number where that repeats."""
    names = [Path(one).resolve().name if isinstance(one, str | Path) else "data" for one in data]
    numbered = enumerate(names, 1)
    return tuple(name if names.count(name) == 1 else f"{name}-{number}" for number, name in numbered)


def without_held_out(splits: Sequence[Splits]) -> list[Splits]:
    """Nothing is trained on that another of the data sets holds out, nor on a copy of it."""
    used = [np.union1d(one.train, one.validation) for one in splits]
    held = {
        one.examples.copies[row]
        for one, rows in zip(splits, used, strict=True)
        for row in np.setdiff1d(np.arange(len(one.examples)), rows).tolist()
    }
    return [
        one.but(train=_but(one, one.train, held), validation=_but(one, one.validation, held))
        for one in splits
    ]


def _but(splits: Splits, rows: IntArray, held: set[str]) -> IntArray:
    return np.array([row for row in rows.tolist() if splits.examples.copies[row] not in held], dtype=np.int64)


def _any(data: Data, task: Task, seed: int, progress: Progress, reading: Reading) -> Splits:
    """Labels are not looked at, but where there are some, the same test split stays out."""
    try:
        splits = stage.load(data, task, seed, reading, progress)
    except DataError:
        if not isinstance(data, str | Path) and not task.reader.claims_heap(adopted(data), reading):
            raise  # a table is no heap of files
        return stage.load_heap(data, task, reading, progress)
    everything = np.sort(np.concatenate([splits.train, splits.validation]))
    return splits.but(train=everything, validation=np.zeros(0, dtype=np.int64))
