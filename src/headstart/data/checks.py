"""What is wrong with the data: copies, leaks, contradictions, too few or uneven examples.

Of two splits that share something the higher keeps it (test, then validation, then training): what
was measured on stays whole, and what is learned from must not know it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import DataError
from ..types import Dropped, Finding, Splits
from .items import Item
from .listing import SHOWN
from .near import near_duplicates, without_near_duplicates

__all__ = [
    "balance",
    "near_duplicates",
    "require_classes",
    "require_enough",
    "without_leaks",
    "without_near_duplicates",
]

_RANK = {"train": 0, "validation": 1, "test": 2}
_UNEVEN = 5
"""A largest class of more than this many times the smallest is a finding."""
_FEW = 5
"""Fewer training examples than this of a class are a finding."""


@dataclass
class _Taken:
    """What the checks take out, as they go."""

    reasons: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def finding(self, kind: str, message: str, names: Iterable[str]) -> None:
        items = tuple(sorted(names))
        if items:
            self.findings.append(Finding(kind, f"{len(items)} {message}", items))


def without_leaks(
    items: Sequence[Item], sides: Sequence[str]
) -> tuple[list[int], list[Dropped], list[Finding]]:
    """Indices of the items to keep, the items taken out, and what was found.

    Contradictions (same bytes, several labels) are taken out of training and validation; exact copies
    and groups that are in several splits are taken out of the lower ones; copies within a split stay.
    """
    taken = _Taken()
    copies = [same for same in _by(item.digest for item in items) if len(same) > 1]
    _contradictions(items, sides, copies, taken)
    _leaks(items, sides, copies, taken)
    _group_leaks(items, sides, taken)
    _duplicates(items, copies, taken)
    kept = [index for index in range(len(items)) if index not in taken.reasons]
    dropped = [Dropped(items[index].row.name, why) for index, why in sorted(taken.reasons.items())]
    return kept, dropped, taken.findings


def _by(keys: Iterable[str]) -> list[list[int]]:
    """Indices of equal keys together."""
    together: dict[str, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        together[key].append(index)
    return list(together.values())


def _contradictions(
    items: Sequence[Item], sides: Sequence[str], copies: list[list[int]], taken: _Taken
) -> None:
    names = []
    for same in copies:
        if len({items[index].row.label for index in same}) == 1:
            continue
        names += [items[index].row.name for index in same]
        for index in same:
            other = next(i for i in same if items[i].row.label != items[index].row.label)
            if sides[index] != "test":
                taken.reasons[index] = f"same content as {items[other].row.name}, which has another label"
    taken.finding("contradictions", "files have the same content as one with another label", names)


def _leaks(items: Sequence[Item], sides: Sequence[str], copies: list[list[int]], taken: _Taken) -> None:
    names = []
    for same in copies:
        top = max(same, key=lambda index: _RANK[sides[index]])
        for index in same:
            if index not in taken.reasons and _RANK[sides[index]] < _RANK[sides[top]]:
                taken.reasons[index] = f"duplicate of {items[top].row.name} in the {SHOWN[sides[top]]} split"
                names.append(items[index].row.name)
    taken.finding("leak", "files are copies of files in another split; taken out of the lower split", names)


def _group_leaks(items: Sequence[Item], sides: Sequence[str], taken: _Taken) -> None:
    top: dict[str, str] = {}
    for item, side in zip(items, sides, strict=True):
        if item.row.group:
            top[item.row.group] = max(side, top.get(item.row.group, "train"), key=_RANK.__getitem__)
    names = set()
    for index, (item, side) in enumerate(zip(items, sides, strict=True)):
        group = item.row.group
        if group and index not in taken.reasons and side != top[group]:
            taken.reasons[index] = f"group {group} is also in the {SHOWN[top[group]]} split"
            names.add(group)
    taken.finding("leak", "groups are in several splits; taken out of the lower split", names)


def _duplicates(items: Sequence[Item], copies: list[list[int]], taken: _Taken) -> None:
    kept = ([index for index in same if index not in taken.reasons] for same in copies)
    names = [items[index].row.name for same in kept if len(same) > 1 for index in same]
    taken.finding("duplicates", "files are copies of each other within one split; left in", names)


def require_classes(items: Sequence[Item], dropped: Sequence[Dropped]) -> None:
    """Raises DataError: no example can be used, or all have one label."""
    labels = {item.row.label for item in items}
    first = f"; the first left out: {dropped[0].file} ({dropped[0].reason})" if dropped else ""
    if not items:
        raise DataError(
            f"none of the {len(dropped)} files can be used{first}",
            "give a folder with one folder of images per class, and check why the files were left out",
        )
    if len(labels) == 1:
        raise DataError(
            f"expected at least two classes, found one: {labels.pop()!r}{first}",
            "add examples of a second class",
        )


def require_enough(splits: Splits) -> None:
    """Raises DataError: fewer than two classes to learn, or nothing to choose or to measure with."""
    learnable = len(set(splits.examples.targets[splits.train].tolist()))
    if learnable < 2 or not len(splits.validation) or not len(splits.test):
        raise DataError(
            "too few examples: expected training examples of two classes and some for validation and test; "
            f"found {len(splits.train)} training examples of {learnable} classes, "
            f"{len(splits.validation)} for validation and {len(splits.test)} for test",
            "give at least 3 different examples (or groups) per class, and see what was left out",
        )


def require_two(splits: Splits) -> None:
    """Raises DataError: fewer than two files to learn from, where there are no labels."""
    if len(splits.train) < 2:
        shown = [f"; the first left out: {one.file} ({one.reason})" for one in splits.dropped[:1]]
        raise DataError(
            f"expected at least two different files, found {len(splits.train)}{''.join(shown)}",
            "give a folder of files that the task can read, and check why some were left out",
        )


def balance(splits: Splits) -> list[Finding]:
    """Findings about how many training examples each class has."""
    counts = np.bincount(splits.examples.targets[splits.train], minlength=len(splits.examples.labels))
    shown = tuple(f"{label}: {n}" for label, n in zip(splits.examples.labels, counts, strict=True))
    findings = []
    if counts.max() > _UNEVEN * counts.min():
        message = f"the largest class has {counts.max()} training examples, the smallest {counts.min()}"
        findings.append(Finding("imbalance", message, shown))
    few = tuple(text for text, n in zip(shown, counts, strict=True) if n < _FEW)
    if few:
        message = f"{len(few)} classes have fewer than {_FEW} training examples"
        findings.append(Finding("few_examples", message, few))
    return findings
