"""K folds of a tiny data set: each example is tested once, by a model that has not learned from it.

M. Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions", Journal of the Royal
Statistical Society B 36, 1974. Here what belongs together (`Examples.units`) is in one fold, and each fold's
training and validation are cut as those of a whole run are: a fold's test chooses nothing.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...errors import DataError, SettingsError
from ...options import Given, Option
from ...types import Finding, IntArray, Splits
from ..checks import require_enough
from .stratified import cut
from .stratified import folds as dealt

MOST = 20


def _number(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= MOST:
        raise ValueError(f"expected a whole number from 2 to {MOST}")
    return int(text)


FOLDS = Option("folds", "test in so many folds, each example once, instead of on one test split", 0, _number)


def require_one_split(given: Given, verb: str) -> None:
    """Raises SettingsError: folds are asked of a verb that has no test to do in folds."""
    if FOLDS.of(given):
        raise SettingsError(f"{verb} tests nothing in folds", f"leave out --set {FOLDS.name}")


def cut_folds(splits: Splits, number: int, seed: int) -> tuple[list[Splits], Splits]:
    """The splits of each fold, and of the model that ships: it learns from everything, and tests nothing.

    Raises:
        SettingsError: the data have splits of their own, or no classes.
        DataError: there are too few independent examples.
    """
    examples = splits.examples
    if splits.brought_validation or splits.brought_test:
        raise SettingsError(
            "the data came with a validation or test split: folds would mix it with training",
            f"leave out --set {FOLDS.name}, or remove the splits",
        )
    if not examples.targets.classes:
        raise SettingsError("folds are for tasks with classes", f"leave out --set {FOLDS.name}")
    rows = np.sort(np.concatenate([splits.train, splits.validation, splits.test]))
    tested = rows[_can_be_tested(splits, rows)]
    units = len(np.unique(examples.units[tested]))
    if units < number:
        raise DataError(
            f"{units} independent examples cannot be dealt out to {number} folds", "ask for fewer folds"
        )
    fold = dealt(examples, tested, number, seed)
    parts = [_with_test(splits, rows, tested[fold == one], seed) for one in range(number)]
    for one in parts:
        require_enough(one)
    whole = _with_test(splits, rows, tested[:0], seed)
    return parts, whole.but(findings=(*splits.findings, _told(number, rows, tested)))


def _can_be_tested(splits: Splits, rows: IntArray) -> IntArray:
    """(n,) bool: its class has another independent example, so that one stays to learn from."""
    examples = splits.examples
    pairs = {(int(examples.strata[row]), int(examples.units[row])) for row in rows.tolist()}
    count = Counter(stratum for stratum, _ in pairs)
    return np.array([count[int(examples.strata[row])] > 1 for row in rows.tolist()])


def _with_test(splits: Splits, rows: IntArray, test: IntArray, seed: int) -> Splits:
    """Validation is cut anew from the rows that are not for the test, as `cut` does it."""
    sides = np.full(len(splits.examples), "unused", dtype=object)
    sides[rows], sides[test] = "train", "test"
    done = np.array(cut(splits.examples, sides.tolist(), seed, wanted=("validation",)))
    train, validation = (np.flatnonzero(done == side) for side in ("train", "validation"))
    return splits.but(train=train, validation=validation, test=test)


def _told(number: int, rows: IntArray, tested: IntArray) -> Finding:
    left = len(rows) - len(tested)
    alone = f"; {left} are only learned from: their class has no other independent example" if left else ""
    return Finding(
        "folds",
        f"{len(tested)} examples are tested once each, in {number} folds, by models that have not learned "
        f"from them; what ships learns from all{alone}",
    )
