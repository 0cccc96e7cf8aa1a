"""What is wrong with the data: copies, leaks, contradictions, too few or uneven examples.

Of two splits that share something the higher keeps it (test, then validation, then training): what
was measured on stays whole, and what is learned from must not know it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import DataError
from ..targets import Targets
from ..types import Dropped, Finding, IntArray, Splits
from .images.near import near_across, near_copies, near_duplicates, without_near_duplicates
from .items import Item
from .listing import SHOWN

__all__ = [
    "FOLDED",
    "balance",
    "near_across",
    "near_copies",
    "near_duplicates",
    "require_classes",
    "require_enough",
    "require_some",
    "require_two",
    "unlearned",
    "without_leaks",
    "without_near_duplicates",
]

_RANK = {"train": 0, "validation": 1, "test": 2}
_UNEVEN = 5
"""A largest class of more than this many times the smallest is a finding."""
FOLDED = "case, spaces or punctuation"
"""In which texts that say the same may differ."""
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
    items: Sequence[Item], sides: Sequence[str], classes: bool = True
) -> tuple[list[int], list[Dropped], list[Finding]]:
    """Indices of the items to keep, the items taken out, and what was found.

    Contradictions (same bytes, several labels) are taken out of training and validation where labels are
    classes, and told of other answers, of which several may be right; copies and groups that are in several
    splits are taken out of the lower ones; copies within a split stay.
    """
    taken = _Taken()
    copies = [same for same in _by(item.digest for item in items) if len(same) > 1]
    _contradictions(items, sides if classes else None, copies, taken)
    _leaks(items, sides, taken)
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
    items: Sequence[Item], sides: Sequence[str] | None, copies: list[list[int]], taken: _Taken
) -> None:
    """Without sides none is taken out."""
    names = []
    for same in copies:
        first = {items[index].row.label: index for index in reversed(same)}
        if len(first) == 1:
            continue
        names += [items[index].row.name for index in same]
        for index in same:
            other = min(i for label, i in first.items() if label != items[index].row.label)
            if sides is not None and sides[index] != "test":
                taken.reasons[index] = f"same content as {items[other].row.name}, which has another label"
    kind, what = ("contradictions", "label") if sides is not None else ("several_answers", "answer; left in")
    taken.finding(kind, f"examples have the same content as one with another {what}", names)


def _leaks(items: Sequence[Item], sides: Sequence[str], taken: _Taken) -> None:
    exact, folded = list[str](), list[str]()
    for same in _by(item.copy for item in items):
        top = max((sides[index] for index in same), key=_RANK.__getitem__)
        twins = {items[index].digest: index for index in reversed(same) if sides[index] == top}
        like = min(twins.values())
        for index in same:
            item = items[index]
            if index in taken.reasons or sides[index] == top:
                continue
            if item.digest in twins:
                exact.append(item.row.name)
                why = f"duplicate of {items[twins[item.digest]].row.name} in the {SHOWN[top]} split"
            else:
                folded.append(item.row.name)
                why = f"same text as {items[like].row.name} in the {SHOWN[top]} split but for {FOLDED}"
            taken.reasons[index] = why
    out = "in another split; taken out of the lower split"
    taken.finding("leak", f"examples are copies of some {out}", exact)
    taken.finding("leak", f"examples are the same but for {FOLDED} as some {out}", folded)


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
    taken.finding("duplicates", "examples are copies of each other within one split; left in", names)


def require_some(items: Sequence[Item], dropped: Sequence[Dropped]) -> None:
    """Raises DataError: no example can be used."""
    if not items:
        raise DataError(
            f"none of the {len(dropped)} examples can be used{_first(dropped)}",
            "check why they were left out, and that the data have the layout that the task expects",
        )


def require_classes(items: Sequence[Item], dropped: Sequence[Dropped]) -> None:
    """Raises DataError: no example can be used, or all have one label."""
    require_some(items, dropped)
    labels = {item.row.label for item in items}
    if len(labels) == 1:
        raise DataError(
            f"expected at least two classes, found one: {labels.pop()!r}{_first(dropped)}",
            "add examples of a second class",
        )


def _first(dropped: Sequence[Dropped]) -> str:
    return f"; the first left out: {dropped[0].file} ({dropped[0].reason})" if dropped else ""


def _commonest(dropped: Sequence[Dropped]) -> str:
    """The reason for most of what was left out; reasons that differ in names of files only are one."""
    if not dropped:
        return ""
    alike: dict[str, list[Dropped]] = defaultdict(list)
    for one in dropped:
        alike[" ".join(word for word in one.reason.split() if word.strip(",;:").isalpha())].append(one)
    most = max(alike.values(), key=len)
    return f"; {len(dropped)} were left out, {len(most)} of them like {most[0].file} ({most[0].reason})"


def require_enough(splits: Splits) -> None:
    """Raises DataError: fewer than two classes to learn, or nothing to choose or to measure with.

    Where there are no classes, two examples to learn from are enough.
    """
    if not splits.examples.targets.classes:
        if len(splits.train) < 2 or not len(splits.validation) or not len(splits.test):
            raise DataError(
                f"too few examples: expected some in each split; found {_sizes(splits)}"
                f"{_in_groups(splits)}{_commonest(splits.dropped)}",
                "give at least 4 different examples (or groups), and see what was left out",
            )
        return
    learnable = len(set(splits.examples.answers[splits.train].tolist()))
    if learnable < 2 or not len(splits.validation) or not len(splits.test):
        raise DataError(
            "too few examples: expected training examples of two classes and some for validation and test; "
            f"found {_sizes(splits)}, of {learnable} {'class' if learnable == 1 else 'classes'} in training"
            f"{_commonest(splits.dropped)}",
            "give at least 3 different examples (or groups) per class, and see what was left out",
        )


def _in_groups(splits: Splits) -> str:
    """That all are of few groups, none of which is torn apart."""
    groups = sorted({*(splits.examples.groups or ())})
    if not groups or len(groups) > len(SHOWN):
        return ""
    return f"; they are of {len(groups)} {'group' if len(groups) == 1 else 'groups'} ({', '.join(groups)})"


def _sizes(splits: Splits) -> str:
    return (
        f"{len(splits.train)} for training, {len(splits.validation)} for validation "
        f"and {len(splits.test)} for test"
    )


def require_two(splits: Splits) -> None:
    """Raises DataError: fewer than two examples to learn from, where there are no labels."""
    if len(splits.train) < 2:
        raise DataError(
            f"expected at least two different examples, found {len(splits.train)}{_first(splits.dropped)}",
            "give a folder of what the task can read, and check why some were left out",
        )


def balance(targets: Targets, train: IntArray) -> list[Finding]:
    """Findings about how many training examples each class has."""
    counts = np.bincount(targets.strata[train], minlength=len(targets.kinds))
    shown = tuple(f"{label}: {n}" for label, n in zip(targets.kinds, counts, strict=True))
    findings = []
    unseen = tuple(label for label, n in zip(targets.kinds, counts, strict=True) if not n)
    if unseen:
        what = "1 class has" if len(unseen) == 1 else f"{len(unseen)} classes have"
        message = f"{what} no training example: no model can say {_listed(unseen)}"
        findings.append(Finding("unlearned", message, unseen))
    learned = counts[counts > 0]
    if learned.max() > _UNEVEN * learned.min():
        message = f"the largest class has {learned.max()} training examples, the smallest {learned.min()}"
        findings.append(Finding("imbalance", message, shown))
    few = tuple(text for text, n in zip(shown, counts, strict=True) if 0 < n < _FEW)
    if few:
        message = f"{len(few)} classes have fewer than {_FEW} training examples"
        findings.append(Finding("few_examples", message, few))
    return findings


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def unlearned(
    targets: Targets, sides: Mapping[str, IntArray], names: Callable[[Sequence[str]], Sequence[str]]
) -> list[Finding]:
    """Findings about names in the answers of test or validation that no training answer has.

    Args:
        targets: whose answers are made of names.
        sides: the rows of training, validation and test.
        names: those in some answers, each once.
    """
    known = set(names(targets.right[sides["train"]].tolist()))
    findings = []
    for split in ("test", "validation"):
        told = targets.right[sides[split]].tolist()
        counts = Counter(name for answer in told for name in names([answer]) if name not in known)
        items = tuple(f"{name}: {count}" for name, count in sorted(counts.items()))
        what = "1 class is" if len(items) == 1 else f"{len(items)} classes are"
        message = f"{what} in {split} examples, but in no training example"
        findings += [Finding("unlearned", message, items)] if items else []
    return findings
