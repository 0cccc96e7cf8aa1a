"""What the scores' tests share: features with some structure, and pseudo-values the slow way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headstart.types import FloatArray, IntArray


def structured(n: int, d: int, k: int, seed: int = 0, signal: float = 1.5) -> tuple[FloatArray, IntArray]:
    """(n, d) correlated features whose class means differ, and (n,) targets, every class there."""
    draws = np.random.default_rng(seed)
    targets = draws.permutation(np.arange(n) % k)
    means = signal * draws.normal(size=(k, d))
    noise = draws.normal(size=(n, d)) @ draws.normal(size=(d, d)) / np.sqrt(d)
    return means[targets] + noise + 3.0, targets


def influence(score: Callable[[FloatArray], float], n: int, step: float = 1e-5) -> FloatArray:
    """(n,) pseudo-values of a score of (n,) weights with mean 1: each example in turn made more frequent."""
    even = np.ones(n)

    def tilted(i: int, by: float) -> float:
        more = even * (1 - by)
        more[i] += by * n
        return score(more)

    slopes = [(tilted(i, step) - tilted(i, -step)) / (2 * step) for i in range(n)]
    return np.asarray(score(even) + np.array(slopes))
