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
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import DataError
from ..options import Option
from ..parallel import Progress
from ..types import Examples, Finding, IntArray, Source, Splits
from .checks import (
    balance,
    require_classes,
    require_enough,
    require_some,
    require_two,
    unlearned,
    without_leaks,
)
from .cutting.folds import FOLDS, cut_folds
from .cutting.stratified import brought, cut, redraw
from .items import Item, fingerprint, inspect
from .links import followed
from .listed import listed, missing, remarks
from .listing import Listing
from .reading import PLAIN, Reading
from .tables.frames import adopted

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
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


class Readable(Protocol):
    """What this stage needs of a task.

    Six things more are declared by the tasks that have them: `folded(source)`, a digest that is equal for
    sources that say the same in other bytes; `exposed(names, sources, train, options)`, how pictures are
    shown, and findings about that; `remarks(sources)`, findings about how they are written;
    `open_ended = True` where each example has an answer of its own instead of one of a few classes;
    `vocabulary(answers)`, what those are made of; and `spoken`, how answers are made of names whose spelling
    does not matter.
    """

    columns: tuple[str, ...]
    """What we call the columns of a table that it reads."""
    options: tuple[Option[Any], ...]
    """What may be set for it."""

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Rows of a folder, file or DataFrame; no source is opened yet."""
        ...

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """The same without labels: everything that the task could use."""
        ...

    def examine(self, source: Source) -> str | None:
        """None when a source can be used, else the reason why not."""
        ...


def load(
    data: str | Path | pd.DataFrame,
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
    reading.require_known(task.columns)
    open_ended = _open_ended(task)
    listing = listed(data, task, reading)
    items, broken = inspect(listing.rows, task.examine, progress, _folded(task))
    (require_some if open_ended else require_classes)(items, [*broken, *listing.dropped])
    sides = brought(items)
    kept, leaked, findings = without_leaks(items, sides, open_ended)
    told = remarks(task, [items[index].row for index in kept])
    gone = missing(listing, [items[index].row.label for index in kept], task)
    sides = [sides[index] for index in kept]
    grouped = any(row.group is not None for row in listing.rows)
    examples = _examples([items[index] for index in kept], reading.group is not None or grouped, task)
    final = cut(examples, sides, seed)
    train = _where(final, "train")
    examples, odd = _exposed(examples, train, task, reading)
    splits = Splits(
        examples=_with_vocabulary(examples, final, task),
        train=train,
        validation=_where(final, "validation"),
        test=_where(final, "test"),
        dropped=(*listing.dropped, *broken, *leaked),
        findings=(*listing.findings, *findings, *gone, *odd, *told),
        fingerprint=fingerprint(items),
        brought_validation="validation" in sides,
        brought_test="test" in sides,
        layout=listing.layout or _kind(data),
    )
    require_enough(splits)
    return splits.but(findings=(*splits.findings, *_uneven(splits, task)))


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
    data: str | Path, task: Readable, reading: Reading = PLAIN, progress: Progress | None = None
) -> Splits:
    """Read and check files without labels, each content once; what lies under a test split stays there.

    Everything else is for training: there is nothing to choose on.

    Raises:
        DataError: fewer than two different files can be used.
    """
    reading.require_known(task.columns)
    listing = task.read_heap(adopted(followed(data, reading)), reading)
    items, broken = inspect(listing.rows, task.examine, progress, _folded(task))
    items, sides = _each_once(items, brought(items))
    train = np.sort(np.concatenate([_where(sides, "train"), _where(sides, "validation")]))
    examples, odd = _exposed(_examples(items, False, task), train, task, reading)
    splits = Splits(
        examples=examples,
        train=train,
        validation=np.zeros(0, dtype=np.int64),
        test=_where(sides, "test"),
        dropped=(*listing.dropped, *broken),
        findings=(*listing.findings, *odd),
        fingerprint=fingerprint(items),
        brought_validation=False,
    )
    require_two(splits)
    return splits


def _each_once(items: Sequence[Item], sides: Sequence[str]) -> tuple[list[Item], list[str]]:
    """One item of each content, on the side of the test split where one of its copies is."""
    tested = {item.copy for item, side in zip(items, sides, strict=True) if side == "test"}
    once: dict[str, tuple[Item, str]] = {}
    for item, side in zip(items, sides, strict=True):
        once.setdefault(item.copy, (item, side))
    sides = ["test" if copy in tested else side for copy, (_, side) in once.items()]
    return [item for item, _ in once.values()], sides


def per_class(splits: Splits) -> dict[str, dict[str, int]]:
    """By class how many examples of it are in training, validation and test.

    Where answers are made of names, an example counts for each of those that it has.
    """
    examples, rows_of = splits.examples, rows_by_side(splits)
    alone = tuple((number,) for number in examples.strata.tolist())
    names, named = examples.vocabulary or examples.classes, examples.members or alone
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


def _open_ended(task: Readable) -> bool:
    return bool(getattr(task, "open_ended", False))


def _folded(task: Readable) -> Callable[[Source], str] | None:
    return getattr(task, "folded", None)


def _examples(items: Sequence[Item], grouped: bool, task: Readable) -> Examples:
    rows = [item.row for item in items]
    labels = sorted({row.label for row in rows})
    number = {label: index for index, label in enumerate(labels)}
    return Examples(
        names=tuple(row.name for row in rows),
        sources=tuple(row.source for row in rows),
        digests=tuple(item.digest for item in items),
        targets=np.array([number[row.label] for row in rows], dtype=np.int64),
        labels=tuple(labels),
        groups=tuple(row.group or "" for row in rows) if grouped else None,
        folded=tuple(item.copy for item in items) if _folded(task) else None,
        open_ended=_open_ended(task),
    )


def _exposed(
    examples: Examples, train: IntArray, task: Readable, reading: Reading
) -> tuple[Examples, list[Finding]]:
    """With how pictures are shown, and what of that is odd; nothing where the task has no pictures."""
    exposed = getattr(task, "exposed", None)
    if exposed is None or not len(examples):
        return examples, []
    exposure, findings = exposed(examples.names, examples.sources, train, reading.options)
    return replace(examples, exposure=exposure), findings


def _with_vocabulary(examples: Examples, sides: Sequence[str], task: Readable) -> Examples:
    """With what answers are made of, where it can be learned: not the names that only the test split has.

    Raises:
        DataError: there is no such name.
    """
    vocabulary = getattr(task, "vocabulary", None)
    if vocabulary is None:
        return examples
    learned = {answer for answer, side in zip(examples.answers, sides, strict=True) if side != "test"}
    found = tuple(vocabulary(sorted(learned)))
    if not found:
        raise DataError(
            "nothing to learn: outside of the test split no example has a box, class or label",
            "check that the annotations belong to these files",
        )
    number = {name: place for place, name in enumerate(found)}
    named = [tuple(number[name] for name in vocabulary([one]) if name in number) for one in examples.labels]
    members = tuple(named[target] for target in examples.targets.tolist())
    return replace(examples, vocabulary=found, members=members)


def _uneven(splits: Splits, task: Readable) -> list[Finding]:
    """What classes, or the names that answers are made of, lack in training."""
    vocabulary = getattr(task, "vocabulary", None)
    if vocabulary is not None:
        return unlearned(splits, vocabulary)
    return [] if splits.examples.open_ended else balance(splits)


def _where(sides: Sequence[str], side: str) -> IntArray:
    return np.array([index for index, now in enumerate(sides) if now == side], dtype=np.int64)
