"""What is right for the examples of a data set, whatever is asked about them.

Notation: n examples, k classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Targets:
    """What is right for n examples: their labels, as the answer of a task reads them."""

    right: NDArray[Any]
    """(n,) what a model's answer is compared with: the number of a class, a value, a text of boxes."""
    strata: NDArray[np.int64]
    """(n,) index into `kinds`."""
    kinds: tuple[str, ...]
    """Names of what splits, folds and subsets take alike from: classes, ranges of values, or one of all."""
    categories: tuple[str, ...] = ()
    """What a head has outputs for, sorted: classes, names of boxes, labels of a set.

    Of names that answers are made of, those of training and validation: a model cannot learn others, and
    must not know them.
    """
    members: tuple[tuple[int, ...], ...] = ()
    """(n,) the numbers of the categories that each has, where answers are made of names."""
    classes: bool = False
    """Has each exactly one of the categories? Then `right` and `strata` are its number."""

    def only(self, rows: NDArray[np.int64]) -> Targets:
        """Those of some examples."""
        members = tuple(self.members[row] for row in rows.tolist()) if self.members else ()
        return replace(self, right=self.right[rows], strata=self.strata[rows], members=members)


def of_classes(numbers: NDArray[np.int64], names: Sequence[str]) -> Targets:
    """The targets of (n,) examples that have one class each; `names` are the k classes."""
    single = [(number,) for number in range(len(names))]  # a million examples share a few of them
    alone = tuple(single[number] for number in numbers.tolist())
    return Targets(numbers, numbers, tuple(names), tuple(names), alone, True)


def of_one_kind(right: Sequence[object]) -> Targets:
    """The targets of examples whose answers are texts, each its own: nothing to take alike from."""
    return Targets(np.array(right, dtype=object), np.zeros(len(right), dtype=np.int64), ("examples",))
