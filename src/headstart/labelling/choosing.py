"""Which of many examples to label next: unsure ones that stand for others, none like an earlier one.

Rows are taken one after the other, each the one that brings the whole heap nearest to those that are taken,
where an example counts as much as the model is unsure of it: weighted facility location on the model's
features (Wei, Iyer and Bilmes, "Submodularity in data subset selection and active learning", ICML 2015, join
uncertainty and facility location in this way; greedy is within 1 - 1/e of the best: Nemhauser, Wolsey and
Fisher, 1978). The model's least sure answers alone are often many of one kind. Any beginning of the list is
a good choice of that many. `benchmarks/suggesting.py` measures it beside random choice and other methods.

Notation: n examples, p components.
"""

from __future__ import annotations

import numpy as np

from ..exploration.space import Rows
from ..types import FloatArray, IntArray

COVERED = 6_000
"""Rows that may be taken, the least sure of more: all pairs of them are looked at."""
SHARPNESS = 4.0
"""How fast likeness falls with distance."""
LEAST = 1e-6
"""What an example of which the model is sure counts."""
BLOCK = 512


def to_label(rows: Rows, unsure: FloatArray, most: int) -> IntArray:
    """(≤ most,) the rows in the order in which to label them.

    Args:
        rows: (n, p) of length 1.
        unsure: (n,) 0 where the model is sure, 1 where it cannot tell.
        most: so many at most.
    """
    some = np.argsort(-unsure, kind="stable")[:COVERED]
    weight = np.maximum(unsure[some], LEAST).astype(np.float32)
    alike = np.exp(SHARPNESS * (rows[some] @ rows[some].T - 1))
    covered = np.zeros(len(some), np.float32)
    taken = list[int]()
    for _ in range(min(most, len(some))):
        gains = _gains(alike, covered, weight)
        gains[taken] = -1
        taken.append(int(gains.argmax()))
        covered = np.maximum(covered, alike[taken[-1]])
    return np.asarray(some[taken], np.int64)


def _gains(alike: Rows, covered: Rows, weight: Rows) -> FloatArray:
    """(n,) by how much all would be nearer with each."""
    blocks = (alike[start : start + BLOCK] for start in range(0, len(alike), BLOCK))
    return np.concatenate([np.maximum(block - covered, 0) @ weight for block in blocks]).astype(np.float64)
