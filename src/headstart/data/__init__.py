"""The first stage: a data set in any layout becomes checked examples in three splits.

    read       the task lists rows, whatever the layout     layouts.py and those of texts/, boxes/, masks/
    inspect    every source is opened and hashed once       items.py, images/decode.py, strings.py
    check      copies, leaks, contradictions, too few       checks.py
    cut        what has no splits yet gets them             cutting/

Nothing is lost silently: what cannot be used is in `Splits.dropped` with its reason, what is merely
odd in `Splits.findings`. `data/images/store.py` then turns images into batches for a base.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..exposure import Exposure
from ..options import Given
from ..parallel import Progress
from ..targets import Targets
from ..types import Data, Dropped, Examples, Finding, IntArray, Source, Splits
from .checks import FOLDED, require_classes, require_enough, require_some, require_two, without_leaks
from .cutting.folds import FOLDS, cut_folds
from .cutting.stratified import brought, cut, redraw
from .items import Item, fingerprint, inspect
from .label_names import Spoken
from .links import followed
from .listed import listed, missing
from .reader import Reader
from .reading import PLAIN, Reading
from .tables.frames import adopted

__all__ = [
    "BUT_FOR",
    "COPY_OF",
    "FOLDS",
    "PLAIN",
    "Readable",
    "Reading",
    "folded",
    "load",
    "load_heap",
    "per_class",
    "redraw",
    "rows_by_side",
]

COPY_OF, BUT_FOR = "same content as ", f", but for {FOLDED}"
"""Around the name of the one that is used, in the reason why a copy in a heap is left out."""


class Opener(Protocol):
    """What this stage needs of a modality (`tasks/modalities/base.py`)."""

    @property
    def folded(self) -> Callable[[Source], str] | None:
        """A digest that is equal for sources that say the same in other bytes, where there is one."""
        ...

    def examine(self, source: Source) -> str | None:
        """None when a source can be used, else the reason why not."""
        ...

    def exposed(
        self, names: Sequence[str], sources: Sequence[Source], train: IntArray, options: Given
    ) -> tuple[Exposure, list[Finding]]:
        """How the sources are shown, learned from training rows, and what of that is odd."""
        ...

    def remarks(self, sources: Sequence[Source]) -> list[Finding]:
        """Findings about how sources are written."""
        ...


class Labels(Protocol):
    """What this stage needs of an answer (`tasks/answers/base.py`)."""

    classes: bool
    """Has each example one of a few classes?"""
    spoken: Spoken | None
    """How answers are made of names whose spelling does not matter."""

    def targets(self, labels: Sequence[str]) -> Targets:
        """What is right for n examples."""
        ...

    def doubts(self, sources: Sequence[Source], labels: Sequence[str]) -> list[Finding]:
        """Findings about answers that can hardly be those of their examples."""
        ...

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """With the categories that can be learned from these rows; DataError where there is none."""
        ...

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Findings about what `train` of the rows of each side does not teach, or not alike."""
        ...


class Readable(Protocol):
    """What this stage needs of a task."""

    @property
    def reader(self) -> Reader: ...
    @property
    def modality(self) -> Opener: ...
    @property
    def answer(self) -> Labels: ...


def load(
    data: Data,
    task: Readable,
    seed: int = 0,
    reading: Reading = PLAIN,
    progress: Progress | None = None,
) -> Splits:
    """Read, check and split a data set.

    Args:
        data: A folder in one of the task's layouts, a table, or an object that `tables/frames.py` knows.
        task: What lists the rows and says which can be used.
        seed: Of the splits that are cut here.
        reading: The column that groups the rows, and what the columns are called.
        progress: Called with a title and the rows that are read; passes them through.

    Raises:
        DataError: the layout is not the task's, or too little is left to learn, choose and measure.
    """
    reading.require_known(task.reader.columns)
    listing = listed(data, task, reading)
    items, broken = inspect(listing.rows, task.modality.examine, progress, task.modality.folded)
    (require_classes if task.answer.classes else require_some)(items, [*broken, *listing.dropped])
    sides = brought(items)
    kept, leaked, findings = without_leaks(items, sides, task.answer.classes)
    told = task.modality.remarks([items[index].row.source for index in kept])
    labels = [items[index].row.label for index in kept]
    doubts = task.answer.doubts([items[index].row.source for index in kept], labels)
    gone = missing(listing, labels, task)
    sides = [sides[index] for index in kept]
    grouped = any(row.group is not None for row in listing.rows)
    examples = _examples([items[index] for index in kept], reading.group is not None or grouped, task)
    final = cut(examples, sides, seed)
    train = _where(final, "train")
    examples, odd = _exposed(examples, train, task, reading)
    not_test = np.array([index for index, side in enumerate(final) if side != "test"], dtype=np.int64)
    splits = Splits(
        examples=replace(examples, targets=task.answer.learned(examples.targets, not_test)),
        train=train,
        validation=_where(final, "validation"),
        test=_where(final, "test"),
        dropped=(*listing.dropped, *broken, *leaked),
        findings=(*listing.findings, *findings, *gone, *odd, *told, *doubts),
        fingerprint=fingerprint(items),
        brought_validation="validation" in sides,
        brought_test="test" in sides,
        layout=listing.layout or _kind(data),
    )
    require_enough(splits)
    odd = task.answer.unlearned(splits.examples.targets, rows_by_side(splits))
    return splits.but(findings=(*splits.findings, *odd))


def folded(
    splits: Splits, task: Readable, seed: int = 0, reading: Reading = PLAIN
) -> tuple[list[Splits], Splits]:
    """The splits of each fold, and of everything (`folds.cut_folds`); no folds where none were asked for.

    How pictures are shown is learned from each fold's own training.

    Raises:
        SettingsError: the data have splits of their own, or no classes.
        DataError: there are too few independent examples.
    """
    number = FOLDS.of(reading.options)
    if not number:
        return [], splits
    parts, whole = cut_folds(splits, number, seed)

    def shown(one: Splits) -> Splits:
        return one.but(examples=_exposed(one.examples, one.train, task, reading)[0])

    return [shown(one) for one in parts], shown(whole)


def load_heap(
    data: Data, task: Readable, reading: Reading = PLAIN, progress: Progress | None = None
) -> Splits:
    """Read and check files without labels, each content once; what lies under a test split stays there.

    Everything else is for training: there is nothing to choose on.

    Raises:
        DataError: fewer than two different files can be used.
    """
    reading.require_known(task.reader.columns)
    listing = task.reader.read_heap(adopted(followed(data, reading)), reading)
    items, broken = inspect(listing.rows, task.modality.examine, progress, task.modality.folded)
    items, sides, copies = _each_once(items, brought(items))
    train = np.sort(np.concatenate([_where(sides, "train"), _where(sides, "validation")]))
    examples, odd = _exposed(_examples(items, False, task), train, task, reading)
    splits = Splits(
        examples=examples,
        train=train,
        validation=np.zeros(0, dtype=np.int64),
        test=_where(sides, "test"),
        dropped=(*listing.dropped, *broken, *copies),
        findings=(*listing.findings, *odd),
        fingerprint=fingerprint(items),
        brought_validation=False,
    )
    require_two(splits)
    return splits


def _each_once(items: Sequence[Item], sides: Sequence[str]) -> tuple[list[Item], list[str], list[Dropped]]:
    """One item of each content, on the side of the test split where one of its copies is; and the copies."""
    tested = {item.copy for item, side in zip(items, sides, strict=True) if side == "test"}
    once: dict[str, tuple[Item, str]] = {}
    copies = list[Dropped]()
    for item, side in zip(items, sides, strict=True):
        first, _ = once.setdefault(item.copy, (item, side))
        if first is not item:
            but = "" if item.digest == first.digest else BUT_FOR
            copies.append(Dropped(item.row.name, f"{COPY_OF}{first.row.name}{but}"))
    sides = ["test" if copy in tested else side for copy, (_, side) in once.items()]
    return [item for item, _ in once.values()], sides, copies


def per_class(splits: Splits) -> dict[str, dict[str, int]]:
    """By class how many examples of it are in training, validation and test.

    Where answers are made of names, an example counts for each of those that it has.
    """
    targets, rows_of = splits.examples.targets, rows_by_side(splits)
    named = targets.members or tuple((number,) for number in targets.strata.tolist())
    names = targets.categories if targets.members else targets.kinds
    counts = {
        side: Counter(number for row in rows.tolist() for number in named[row])
        for side, rows in rows_of.items()
    }
    return {
        name: {side: count[number] for side, count in counts.items()} for number, name in enumerate(names)
    }


def rows_by_side(splits: Splits) -> dict[str, IntArray]:
    """The rows of training, validation and test."""
    return {"train": splits.train, "validation": splits.validation, "test": splits.test}


def _kind(data: Any) -> str:
    """What a data set without a layout of folders is."""
    if not isinstance(data, str | Path):
        return "a table"
    return f"the table {Path(data).name}" if Path(data).is_file() else ""


def _examples(items: Sequence[Item], grouped: bool, task: Readable) -> Examples:
    rows = [item.row for item in items]
    return Examples(
        names=tuple(row.name for row in rows),
        sources=tuple(row.source for row in rows),
        digests=tuple(item.digest for item in items),
        targets=task.answer.targets([row.label for row in rows]),
        groups=tuple(row.group or "" for row in rows) if grouped else None,
        folded=tuple(item.copy for item in items) if task.modality.folded else None,
    )


def _exposed(
    examples: Examples, train: IntArray, task: Readable, reading: Reading
) -> tuple[Examples, list[Finding]]:
    """With how sources are shown, and what of that is odd."""
    if not len(examples):
        return examples, []
    exposure, findings = task.modality.exposed(examples.names, examples.sources, train, reading.options)
    return replace(examples, exposure=exposure), findings


def _where(sides: Sequence[str], side: str) -> IntArray:
    return np.array([index for index, now in enumerate(sides) if now == side], dtype=np.int64)
