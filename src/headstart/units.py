"""What is independent of the others, and counts as one: a group, copies of one thing, else an example."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def units_of(groups: Sequence[str | None] | None, copies: Sequence[str]) -> NDArray[np.int64]:
    """(n,) numbers of the units of n examples, from 0: groups, or copies where one has no group.

    Args:
        groups: (n,) the group of each, empty or None where it has none; None: there are no groups.
        copies: (n,) equal for examples that say the same.
    """
    named = [None] * len(copies) if groups is None else groups
    keys = [(bool(group), group or copy) for group, copy in zip(named, copies, strict=True)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)
