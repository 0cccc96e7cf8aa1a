"""Two domains as one set: a labelled source, and a target whose labels nobody reads.

Notation: n source examples, m target examples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from ..options import choice
from ..targets import Targets
from ..types import Data, Dropped, Examples, Finding, IntArray, Splits
from . import Readable, layouts, load_heap
from .items import Item, inspect
from .label_names import ONE_NAME
from .listed import listed
from .listing import entries
from .reading import Reading
from .tables.frames import adopted
from .tables.records import header, is_table, records, suffix_of

if TYPE_CHECKING:
    import pandas as pd

PROPORTIONS = choice(
    "proportions",
    "shares of classes in the target: `same` as in the source, or `unknown`, which refuses more",
    "unknown",
    ("same", "unknown"),
)
SOURCE, TARGET, COLUMN = "source", "target", "domain"
FEW = 30
"""Fewer target rows say too little of the target."""
AGAIN = "it is in the source too"


@dataclass(frozen=True)
class Crossed:
    """A labelled source and a target without labels."""

    splits: Splits
    """Of the source; `unlabelled` are the rows of the target."""
    checked: IntArray
    """Rows of the target whose labels were given to check by; none where none were."""
    labels: tuple[str, ...]
    """What is right for each of them; no row of `splits.examples` knows it."""


def both(data: Data, reading: Reading) -> tuple[Data, Data] | None:
    """The source and the target of data that hold both; None of other data.

    A folder holds both where it has the folders `source` and `target`, and in the first of them labels; a
    table where its column `domain` says `source` or `target` of every row.

    Raises:
        DataError: the data do not exist.
    """
    found = adopted(data)
    if is_table(found):
        return _of_table(found)
    path = layouts.existing(found)
    if path.is_file():
        return _of_table(path) if suffix_of(path) is not None else None
    parts = {one.name.lower(): one for one in entries(path) if one.is_dir()}
    if parts.keys() != {SOURCE, TARGET}:
        return None
    inside = entries(parts[SOURCE])
    if not any(one.is_dir() or suffix_of(one) is not None for one in inside):
        return None  # two classes that happen to be called so
    return parts[SOURCE], parts[TARGET]


def holds_both(data: Data, reading: Reading) -> bool:
    """Do the data say themselves what is source and what target? Others complain of what cannot be read."""
    try:
        return both(data, reading) is not None
    except (DataError, OSError):
        return False


def crossed(splits: Splits, target: Data, labelled: Data | None, task: Readable, reading: Reading) -> Crossed:
    """The source with the target beside it.

    Args:
        splits: of the source.
        target: any data of the task; labels in it are not read.
        labelled: target examples with labels, to check by; or None.
        task: what lists the rows and says which can be used.
        reading: how the source is read; a group is of the source alone.

    Raises:
        DataError: the target cannot be read, is the source itself, or no label of it is one of the source.
    """
    known = replace(reading, group=None)
    own = {copy: row for row, copy in enumerate(splits.examples.copies)}
    heap = _heap(target, task, known)
    again = [row for row, copy in enumerate(heap.examples.copies) if copy in own]
    rows = np.setdiff1d(np.arange(len(heap.examples)), again)
    if len(rows) < 2:
        raise DataError(
            f"the target is the source: all {len(again)} of its examples are in both",
            "give other examples as the target, those that a model is wanted for",
        )
    dropped = [Dropped(heap.examples.names[row], AGAIN) for row in again]
    findings = [*heap.findings, *_few(rows), *_again(dropped)]
    extra = _labelled(labelled, task, known, splits.examples) if labelled is not None else _Extra()
    joined, checked = _joined(splits.examples, _some(heap.examples, rows), extra)
    n, m = len(splits.examples), len(rows)
    prints = [splits.fingerprint, heap.fingerprint, *extra.prints]
    return Crossed(
        splits.but(
            examples=joined,
            unlabelled=np.arange(n, n + m),
            dropped=(*splits.dropped, *heap.dropped, *dropped, *extra.dropped),
            findings=(*splits.findings, *findings),
            fingerprint=hashlib.sha256("".join(prints).encode()).hexdigest(),
        ),
        checked,
        extra.labels,
    )


def without_near_copies(ground: Crossed, pairs: IntArray) -> Crossed:
    """The target without examples that nearly repeat one of the source; each is listed as dropped.

    Where hardly any other would be left they stay, and that is told: it is the source in other looks.

    Args:
        ground: both domains.
        pairs: (p, 2) rows of the source, and of the target, which are near copies.
    """
    splits, names = ground.splits, ground.splits.examples.names
    twin = {int(b): int(a) for a, b in pairs[::-1].tolist()}
    if not twin:
        return ground
    left = np.setdiff1d(splits.unlabelled, list(twin))
    told = f"{len(twin)} examples of the target nearly repeat some of the source"
    if len(left) < min(FEW, len(splits.unlabelled)):
        files = tuple(names[row] for row in sorted(twin))
        message = f"{told}; left in, for {len(left)} others are too few: what is seen of it flatters"
        return replace(ground, splits=_with_finding(splits, Finding("near_copies_across", message, files)))
    dropped = tuple(
        Dropped(names[b], f"it nearly repeats {names[a]} of the source") for b, a in sorted(twin.items())
    )
    finding = Finding("near_copies_across", f"{told}; left out of it", tuple(one.file for one in dropped))
    splits = _with_finding(splits.but(unlabelled=left, dropped=(*splits.dropped, *dropped)), finding)
    kept = np.flatnonzero(~np.isin(ground.checked, list(twin)))
    return Crossed(splits, ground.checked[kept], tuple(ground.labels[row] for row in kept.tolist()))


def _with_finding(splits: Splits, finding: Finding) -> Splits:
    return splits.but(findings=(*splits.findings, finding))


@dataclass(frozen=True)
class _Extra:
    """Target examples with labels."""

    items: tuple[Item, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def prints(self) -> list[str]:
        return [f"{item.digest}{item.row.label}" for item in self.items]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(item.row.label for item in self.items)


def _heap(target: Data, task: Readable, reading: Reading) -> Splits:
    """The target without labels, whatever the folders in it are called."""
    try:
        return load_heap(target, task, replace(reading, columns=_first(task, reading)))
    except DataError as error:
        raise DataError(f"the target: {error.message}", error.hint) from None


def _first(task: Readable, reading: Reading) -> dict[str, str]:
    """What the column of examples is called: the target need not have any other."""
    name = task.reader.columns[0]
    return {name: reading.columns[name]} if name in reading.columns else {}


def _labelled(data: Data, task: Readable, reading: Reading, source: Examples) -> _Extra:
    """Examples to check by, each content once; what cannot be used, with its reason."""
    try:
        listing = listed(data, task, reading, source.categories)
    except DataError as error:
        raise DataError(f"the labelled target: {error.message}", error.hint) from None
    items, broken = inspect(listing.rows, task.modality.examine, None, task.modality.folded)
    known, own, names = set(source.categories), set(source.copies), (task.answer.spoken or ONE_NAME).names
    labels: dict[str, set[str]] = {}
    for item in items:
        labels.setdefault(item.copy, set()).add(item.row.label)
    kept, dropped = dict[str, Item](), [*listing.dropped, *broken]
    for item in items:
        reason = _unfit(item, own, labels[item.copy], kept)
        if reason is None and (other := set(names(item.row.label)) - known):
            reason = f"its label {min(other)!r} is none of the source"
        if reason:
            dropped.append(Dropped(item.row.name, reason))
        else:
            kept[item.copy] = item
    if not kept:
        told = f": {dropped[0].file}: {dropped[0].reason}" if dropped else ""
        raise DataError(
            f"the labelled target has no example that could be checked{told}",
            f"its labels are those of the source: {', '.join(source.categories[:8])}",
        )
    return _Extra(tuple(kept.values()), tuple(dropped))


def _unfit(item: Item, own: set[str], labels: set[str], kept: dict[str, Item]) -> str | None:
    """Why a labelled example of the target is left out; None where it is not."""
    if item.copy in own:
        return AGAIN
    if len(labels) > 1:
        return f"it is there with several answers: {', '.join(map(repr, sorted(labels)))}"
    return "a copy of another one" if item.copy in kept else None


def _joined(source: Examples, target: Examples, extra: _Extra) -> tuple[Examples, IntArray]:
    """All examples, the target's without what is right for them; and the rows of those with labels."""
    place = {copy: len(source) + row for row, copy in enumerate(target.copies)}
    new = [item for item in extra.items if item.copy not in place]
    start = len(source) + len(target)
    place |= {item.copy: start + number for number, item in enumerate(new)}
    many = len(target) + len(new)
    joined = replace(
        source,
        names=(*source.names, *target.names, *(item.row.name for item in new)),
        sources=(*source.sources, *target.sources, *(item.row.source for item in new)),
        digests=(*source.digests, *target.digests, *(item.digest for item in new)),
        targets=unknown(source.targets, many),
        groups=None if source.groups is None else (*source.groups, *[""] * many),
        folded=None if source.folded is None else (*source.folded, *target.copies, *(i.copy for i in new)),
    )
    return joined, np.array([place[item.copy] for item in extra.items], dtype=np.int64)


def unknown(targets: Targets, many: int) -> Targets:
    """The targets with so many more examples of which nothing is known: no class has the number -1."""
    nothing = np.full(many, -1, dtype=np.int64)
    return replace(
        targets,
        right=np.concatenate([targets.right, nothing]),
        strata=np.concatenate([targets.strata, nothing]),
        members=(*targets.members, *[()] * many),
    )


def _some(examples: Examples, rows: IntArray) -> Examples:
    """The examples of these rows alone."""

    def of(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values[row] for row in rows.tolist())

    return replace(
        examples,
        names=of(examples.names),
        sources=tuple(examples.sources[row] for row in rows.tolist()),
        digests=of(examples.digests),
        folded=None if examples.folded is None else of(examples.folded),
    )


def _few(rows: IntArray) -> Iterable[Finding]:
    if len(rows) < FEW:
        message = f"the target has {len(rows)} examples: fewer than {FEW} say too little of it to adapt to"
        yield Finding("few_target", message)


def _again(dropped: list[Dropped]) -> Iterable[Finding]:
    if dropped:
        message = f"{len(dropped)} examples are on both sides; they are left out of the target"
        yield Finding("both_domains", message, tuple(item.file for item in dropped))


def _of_table(table: Path | pd.DataFrame) -> tuple[Data, Data] | None:
    """The rows of each side of a table whose column says it, without that column."""
    import pandas as pd

    names = header(table)
    if COLUMN not in names:
        return None
    place = names.index(COLUMN)
    rows = [one.cells for one in records(table, names) if one.reason is None]
    said = {str(cells[place]).strip().lower() for cells in rows}
    if said != {SOURCE, TARGET}:
        return None
    frame = pd.DataFrame(rows, columns=names)
    side = frame[COLUMN].astype(str).str.strip().str.lower()
    parts = [frame[side == name].drop(columns=COLUMN).reset_index(drop=True) for name in (SOURCE, TARGET)]
    return parts[0], parts[1]
