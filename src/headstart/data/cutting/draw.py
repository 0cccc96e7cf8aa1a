"""Draw a share of each class at random, keeping together what belongs together.

Notation: m examples in the pool, k classes. A unit is a set of examples that must land on the same
side: copies, and those of the same group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...types import IntArray
from ...units import units_of

_TRIES = 16
"""Orders tried where units are of several sizes; more hardly lowers the deviation."""


@dataclass(frozen=True)
class Pool:
    """Examples to draw from."""

    units: tuple[tuple[int, ...], ...]
    """Positions (0..m-1) of each unit's examples."""
    counts: tuple[dict[int, int], ...]
    """Examples of each class in each unit."""
    total: IntArray
    """(k,) examples of each class."""


def pool(copies: Sequence[str], groups: Sequence[str] | None, targets: IntArray, classes: int) -> Pool:
    """A pool of m examples; an empty group is no group."""
    units, labels = _units(copies, groups), targets.tolist()
    single = {label: {label: 1} for label in set(labels)}  # a million units share a few of them
    counts = tuple(
        single[labels[unit[0]]] if len(unit) == 1 else _count(targets[list(unit)]) for unit in units
    )
    return Pool(units, counts, np.bincount(targets, minlength=classes).astype(np.int64))


def quotas(total: IntArray, share: float, least: int, rng: np.random.Generator) -> IntArray:
    """(k,) how many of each class make up a share of everything.

    The largest remainders are rounded up, so that the sum is right and not only each class; ties are
    broken at random. At least `least` of each class, but one of each always stays behind.
    """
    exact = total * share
    want = np.floor(exact).astype(np.int64)
    missing = max(1, round(float(exact.sum()))) - int(want.sum())
    mixed = rng.permutation(len(total))
    largest = mixed[np.argsort(want[mixed] - exact[mixed], kind="stable")]
    want[largest[: max(0, missing)]] += 1
    return np.asarray(np.minimum(np.maximum(want, least), np.maximum(total - 1, 0)))


def take(source: Pool, want: IntArray, rng: np.random.Generator, used: IntArray | None = None) -> list[int]:
    """Units that together hold about `want` (k,) examples: exactly so where every unit is one example.

    One example of each class always stays behind. Units `used` less often so far are taken first.
    """
    if not want.any():
        return []
    tries = 1 if len(source.units) == int(source.total.sum()) else _TRIES
    best = min(
        (_fill(source, want, _order(rng, source, used)) for _ in range(tries)), key=lambda pick: pick[0]
    )
    return best[1] or _nearest(source, want)


def members(source: Pool, picked: Sequence[int]) -> IntArray:
    """Sorted positions of the examples of the picked units."""
    return np.array(sorted(index for unit in picked for index in source.units[unit]), dtype=np.int64)


def _order(rng: np.random.Generator, source: Pool, used: IntArray | None) -> IntArray:
    order = rng.permutation(len(source.units))
    return order if used is None else order[np.argsort(used[order], kind="stable")]


def _fill(source: Pool, want: IntArray, order: IntArray) -> tuple[int, list[int]]:
    """Take each unit that brings the counts nearer to `want`; the squared deviation and the units."""
    need, left, picked = want.tolist(), (source.total - 1).tolist(), []
    for unit in order.tolist():
        counts = source.counts[unit]
        gain = sum(n * (n - 2 * need[label]) for label, n in counts.items())
        if gain <= 0 and all(left[label] >= n for label, n in counts.items()):
            picked.append(unit)
            for label, n in counts.items():
                need[label] -= n
                left[label] -= n
    return sum(n * n for n in need), picked


def _nearest(source: Pool, want: IntArray) -> list[int]:
    """The one unit nearest to `want`, where each is larger than what is wanted; none if none can go."""

    def distance(unit: int) -> int:
        return sum(n * (n - 2 * int(want[label])) for label, n in source.counts[unit].items())

    free = [
        unit
        for unit, counts in enumerate(source.counts)
        if all(source.total[label] > n for label, n in counts.items())
    ]
    return [min(free, key=distance)] if free else []


def _count(labels: IntArray) -> dict[int, int]:
    return {label: int((labels == label).sum()) for label in dict.fromkeys(labels.tolist())}


def _units(copies: Sequence[str], groups: Sequence[str] | None) -> tuple[tuple[int, ...], ...]:
    """The members of each unit, in order of first sight."""
    numbers = units_of(groups, copies)
    order = np.argsort(numbers, kind="stable")
    edges = [0, *(np.flatnonzero(np.diff(numbers[order])) + 1).tolist(), len(order)]
    return tuple(tuple(order[a:b].tolist()) for a, b in pairwise(edges) if a < b)
