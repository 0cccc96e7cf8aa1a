"""What is independent of the others, and counts as one: a group, copies of one thing, else an example.

Splits and statistics both go by it: what is never apart is never counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def units_of(groups: Sequence[str | None] | None, copies: Sequence[str]) -> NDArray[np.int64]:
    """(n,) numbers of the units of n examples, from 0 in order of first sight.

    Examples are of one unit that are copies or share a group, also through a third.

    Args:
        groups: (n,) the group of each, empty or None where it has none; None: there are no groups.
        copies: (n,) equal for examples that say the same.
    """
    root = list(range(len(copies)))

    def find(index: int) -> int:
        while root[index] != index:
            root[index] = root[root[index]]
            index = root[index]
        return index

    for keys in (copies, groups or ()):
        first: dict[str | None, int] = {}
        for index, key in enumerate(keys):
            if key or keys is copies:
                a, b = sorted((find(first.setdefault(key, index)), find(index)))
                root[b] = a
    # the root of a unit is its first example
    roots = np.array([find(index) for index in range(len(copies))], dtype=np.int64)
    return np.asarray(np.unique(roots, return_inverse=True)[1], dtype=np.int64).reshape(-1)
