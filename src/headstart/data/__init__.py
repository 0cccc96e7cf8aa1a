"""The first stage: a data set in any layout becomes checked examples in three splits.

    read       the task lists rows, whatever the layout          layouts.py, tables.py, listing.py
    inspect    every source is opened and hashed once            items.py, images.py
    check      copies, leaks, contradictions, too few            checks.py
    cut        what has no splits yet gets them                  split.py, draw.py

Nothing is lost silently: what cannot be used is in `Splits.dropped` with its reason, what is merely
odd in `Splits.findings`. `pixels.py` then turns images into batches for a base.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..types import Examples, IntArray, Source, Splits
from .checks import balance, require_classes, require_enough, require_two, without_leaks
from .items import Item, fingerprint, inspect
from .listing import Listing
from .parallel import Progress
from .split import brought, cut, redraw

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Readable", "load", "load_heap", "per_class", "redraw"]


class Readable(Protocol):
    """What this stage needs of a task."""

    def read(self, data: Any, group: str | None) -> Listing:
        """Rows of a folder, file or DataFrame; nothing is opened yet."""
        ...

    def read_heap(self, data: Any) -> Listing:
        """The same without labels: every file that the task could use."""
        ...

    def examine(self, source: Source) -> str | None:
        """None when a source can be used, else the reason why not."""
        ...


def load(
    data: str | Path | pd.DataFrame,
    task: Readable,
    seed: int = 0,
    group: str | None = None,
    progress: Progress | None = None,
) -> Splits:
    """Read, check and split a data set.

    Args:
        data: A folder in one of the task's layouts, or a DataFrame.
        task: What lists the rows and says which can be used.
        seed: Of the splits that are cut here.
        group: The column whose equal values never land in two splits (a patient, a video, ...).
        progress: Called with a title and the rows that are read; passes them through.

    Raises:
        DataError: the layout is not the task's, or too little is left to learn, choose and measure.
    """
    listing = task.read(data, group)
    items, broken = inspect(listing.rows, task.examine, progress)
    require_classes(items, [*broken, *listing.dropped])
    sides = brought(items)
    kept, leaked, findings = without_leaks(items, sides)
    sides = [sides[index] for index in kept]
    final = cut([items[index] for index in kept], sides, seed)
    splits = Splits(
        examples=_examples([items[index] for index in kept], grouped=group is not None),
        train=_where(final, "train"),
        validation=_where(final, "validation"),
        test=_where(final, "test"),
        dropped=(*listing.dropped, *broken, *leaked),
        findings=tuple(findings),
        fingerprint=fingerprint(items),
        brought_validation="validation" in sides,
    )
    require_enough(splits)
    return splits.but(findings=(*findings, *balance(splits)))


def load_heap(data: str | Path, task: Readable, progress: Progress | None = None) -> Splits:
    """Read and check files without labels, each content once; what lies under a test split stays there.

    Everything else is for training: there is nothing to choose on.

    Raises:
        DataError: fewer than two different files can be used.
    """
    listing = task.read_heap(data)
    items, broken = inspect(listing.rows, task.examine, progress)
    items, sides = _each_once(items, brought(items))
    splits = Splits(
        examples=_examples(items, grouped=False),
        train=np.sort(np.concatenate([_where(sides, "train"), _where(sides, "validation")])),
        validation=np.zeros(0, dtype=np.int64),
        test=_where(sides, "test"),
        dropped=(*listing.dropped, *broken),
        findings=(),
        fingerprint=fingerprint(items),
        brought_validation=False,
    )
    require_two(splits)
    return splits


def _each_once(items: Sequence[Item], sides: Sequence[str]) -> tuple[list[Item], list[str]]:
    """One item of each content, on the side of the test split where one of its copies is."""
    tested = {item.digest for item, side in zip(items, sides, strict=True) if side == "test"}
    once: dict[str, tuple[Item, str]] = {}
    for item, side in zip(items, sides, strict=True):
        once.setdefault(item.digest, (item, side))
    sides = ["test" if digest in tested else side for digest, (_, side) in once.items()]
    return [item for item, _ in once.values()], sides


def per_class(splits: Splits) -> dict[str, IntArray]:
    """(k,) how many examples of each class are in training, validation and test."""
    k, targets = len(splits.examples.labels), splits.examples.targets
    sides = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    return {side: np.bincount(targets[rows], minlength=k) for side, rows in sides.items()}


def _examples(items: Sequence[Item], grouped: bool) -> Examples:
    rows = [item.row for item in items]
    labels, targets = np.unique([row.label for row in rows], return_inverse=True)
    return Examples(
        names=tuple(row.name for row in rows),
        sources=tuple(row.source for row in rows),
        digests=tuple(item.digest for item in items),
        targets=targets.astype(np.int64),
        labels=tuple(labels.tolist()),
        groups=tuple(row.group or "" for row in rows) if grouped else None,
    )


def _where(sides: Sequence[str], side: str) -> IntArray:
    return np.array([index for index, now in enumerate(sides) if now == side], dtype=np.int64)
