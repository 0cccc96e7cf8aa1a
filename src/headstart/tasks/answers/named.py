"""What answers share that are made of names: labels of a set, classes of boxes or of pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...errors import DataError
from ...targets import Targets
from ...types import IntArray


def learned(targets: Targets, rows: IntArray, names: Callable[[Sequence[str]], Sequence[str]]) -> Targets:
    """The targets with the names in the answers of these rows as categories.

    Args:
        targets: whose answers are texts.
        rows: that may be learned from.
        names: those in some answers, each once, sorted.

    Raises:
        DataError: there is no such name.
    """
    found = tuple(names(sorted(set(targets.right[rows].tolist()))))
    if not found:
        raise DataError(
            "nothing to learn: outside of the test split no example has a box, class or label",
            "check that the annotations belong to these files",
        )
    number = {name: place for place, name in enumerate(found)}
    each = {
        answer: tuple(number[name] for name in names([answer]) if name in number)
        for answer in set(targets.right.tolist())
    }
    return replace(targets, categories=found, members=tuple(each[one] for one in targets.right.tolist()))
