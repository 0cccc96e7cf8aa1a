"""Cut training, validation and test; and draw training and validation anew for another seed.

A cut is stratified by class, keeps copies and groups on one side, and depends on the content of
the examples and the seed, never on file names or the order of a listing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import DataError
from ...runtime import derive
from ...types import Examples, IntArray, Splits
from ..items import Item
from .draw import Pool, members, pool, quotas, take

TEST_SHARE = 0.15
VALIDATION_SHARE = 0.15 / 0.85
"""Of what is left for training: 15 % of everything where the test split is cut too."""
_KEPT_SHARE = 0.9
"""Of training, where another seed must not touch a validation split that came with the data."""
_TURNS = 64
"""Draws of one rotation: each needs the ones before it."""


def brought(items: Sequence[Item]) -> list[str]:
    """The split of each item as the data says it; where it says one or none, all are `train`.

    Of two splits, the second is the test split, whatever it is called.

    Raises:
        DataError: there are splits but no training split.
    """
    splits = [item.row.split or "train" for item in items]
    present = set(splits)
    if len(present) == 2 and "train" not in present:
        raise DataError(
            f"the data has the splits {' and '.join(sorted(present))}, but no training split",
            "add a `train` split, or remove the splits so that they are cut here",
        )
    if len(present) == 1:
        return ["train"] * len(items)
    if len(present) == 2:
        return ["train" if split == "train" else "test" for split in splits]
    return splits


def cut(
    examples: Examples, sides: Sequence[str], seed: int, wanted: Sequence[str] = ("test", "validation")
) -> list[str]:
    """The split of each example, where a wanted split that is missing is cut from training.

    A class with one example stays in training; one with two gives the first cut an example.
    """
    rng = np.random.default_rng(seed)
    done = list(sides)
    for side, share in (("test", TEST_SHARE), ("validation", VALIDATION_SHARE)):
        if side in wanted and side not in done:
            training = np.array([index for index, now in enumerate(done) if now == "train"], dtype=np.int64)
            source = _pool(examples, training)
            for position in members(source, take(source, quotas(source.total, share, 1, rng), rng)).tolist():
                done[training[position]] = side
    return done


def redraw(splits: Splits, number: int, seed: int) -> Splits:
    """The splits of a run's paired seed, by number; number 0 is the splits as they are. Test never changes.

    Validation that was cut here is cut again from training + validation, in the same sizes, and
    rotates: an example comes back only when (of its class) all others had their turn. Validation
    that came with the data stays, and training is a stratified draw of 90 % of it.

    Args:
        splits: as they were cut.
        number: of the paired seed, from 0.
        seed: of the run, which all its draws are derived from: runs of two seeds draw differently.
    """
    if number == 0:
        return splits
    if splits.brought_validation:
        rng = np.random.default_rng(derive(seed, "draw", number))
        return splits.but(train=_without_a_share(splits, 1 - _KEPT_SHARE, rng))
    both = np.sort(np.concatenate([splits.train, splits.validation]))
    validation = both[_rotated(splits, both, number, seed)]
    return splits.but(train=np.setdiff1d(both, validation), validation=validation)


def folds(examples: Examples, rows: IntArray, most: int, seed: int) -> IntArray:
    """(n,) fold of each of the rows: dealt out class by class; what belongs together is in the same.

    `most` is how many folds there are, where there are as many rows that do not belong together.
    """
    units, targets = _pool(examples, rows).units, examples.strata[rows]
    first = np.array([targets[unit[0]] for unit in units])
    shuffled = np.random.default_rng(seed).permutation(len(units))
    dealt = shuffled[np.argsort(first[shuffled], kind="stable")]
    fold = np.empty(len(rows), dtype=np.int64)
    for place, number in enumerate(dealt.tolist()):
        fold[list(units[number])] = place % most
    return fold


def _pool(examples: Examples, indices: IntArray) -> Pool:
    groups = None if examples.groups is None else [examples.groups[index] for index in indices]
    copies, every = examples.copies, indices.tolist()
    return pool(
        [copies[index] for index in every], groups, examples.strata[indices], len(examples.targets.kinds)
    )


def _without_a_share(splits: Splits, share: float, rng: np.random.Generator) -> IntArray:
    source = _pool(splits.examples, splits.train)
    out = members(source, take(source, quotas(source.total, share, 0, rng), rng))
    return np.delete(splits.train, out)


def _rotated(splits: Splits, both: IntArray, number: int, seed: int) -> IntArray:
    """Positions in `both` of the validation split of that number: the draws before it are gone through."""
    source = _pool(splits.examples, both)
    want = np.bincount(
        splits.examples.strata[splits.validation], minlength=len(splits.examples.targets.kinds)
    )
    was = np.isin(both, splits.validation)
    used = np.array([was[list(unit)].any() for unit in source.units], dtype=np.int64)
    rotation, turn = divmod(number, _TURNS)
    rng = np.random.default_rng(derive(seed, "rotation", rotation))
    picked: list[int] = []
    for _ in range(turn + (rotation > 0)):
        picked = take(source, want.astype(np.int64), rng, used)
        used[picked] += 1
    return members(source, picked)
