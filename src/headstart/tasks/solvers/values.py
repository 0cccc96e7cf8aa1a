"""The head that says a value: ridge regression on frozen features, its penalty by exact leave-one-out.

Notation: n examples, d feature width.
"""

from __future__ import annotations

import numpy as np

from ...cache import Array
from ...types import FloatArray
from .base import LinearHead, standardised
from .ridge import leave_one_out, rotate

PENALTIES = np.logspace(-4, 2, 40)
"""Ridge penalties per example and per feature, of standardised values."""
FLOOR = 0.1
"""Of the mean deviation of features: a value hangs on small differences, and the penalty is exact."""


def solve(features: Array, right: FloatArray, k: int) -> LinearHead:
    """The head for (n, d) features and (n,) values; `k` is 1. Deterministic."""
    wanted = np.asarray(right, dtype=np.float64).reshape(len(features), k)
    middle, spread = wanted.mean(0), np.maximum(wanted.std(0), 1e-12)
    standard, mean, scale = standardised(features, FLOOR)
    directions = rotate(standard, np.ones(len(standard)))
    ridge = leave_one_out(directions, (wanted - middle) / spread, PENALTIES * standard.size)
    weight, bias = directions.unrotated(ridge.weight)
    raw = weight / scale * spread[:, None]
    error = float(((ridge.outputs - (wanted - middle) / spread) ** 2).mean())
    return LinearHead(raw, bias * spread + middle - raw @ mean, ridge.penalty, 1 - error)
