"""When what is written was said: the steps of a recording dealt out to the tokens, one after another.

Where a decoder looks while it writes a token is about where that was said. Weights are treated as the program
of Whisper's authors does it (`timing.py`: each step to mean 0 and variance 1 over the tokens, a median of
seven steps, the mean of the heads). They then warp time so that tokens may share a step; here each step is of
one token, which is the exact solution of a smaller problem.

Notation: H heads, T tokens, L steps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ...types import IntArray

NEAR = 7
"""Steps of the median."""
LEAST = 1e-9


def starts(weights: NDArray[np.floating]) -> IntArray:
    """(T,) the step at which each token begins, from (H, T, L) weights; the first begins at 0.

    Of all ways to cut the steps into T parts, none of them empty, the one of the largest sum of weights. More
    tokens than steps are dealt out evenly.
    """
    _, tokens, steps = weights.shape
    if tokens > steps:
        even: IntArray = np.arange(tokens) * steps // tokens
        return even
    spread = weights.std(axis=1, keepdims=True)
    scaled = (weights - weights.mean(axis=1, keepdims=True)) / (spread + LEAST)
    seen = median_filter(scaled, size=(1, 1, NEAR)).mean(axis=0, dtype=np.float64)
    return _cut(np.concatenate([np.zeros((len(seen), 1)), seen.cumsum(axis=1)], axis=1))


def _cut(sums: NDArray[np.floating]) -> IntArray:
    """(T,) the first step of each part, from (T, L + 1) sums of the weights before each step."""
    tokens, ends = sums.shape
    best = np.where(np.arange(ends) > 0, sums[0], -np.inf)
    """The largest sum of the parts so far, where the last of them ends before a step."""
    begun = np.zeros((tokens, ends), dtype=np.int64)
    for number in range(1, tokens):
        gained = best - sums[number]
        highest = np.maximum.accumulate(gained)
        first = np.maximum.accumulate(np.where(gained == highest, np.arange(ends), 0))
        begun[number, 1:], best = first[:-1], np.concatenate([[-np.inf], highest[:-1] + sums[number, 1:]])
    found, end = np.zeros(tokens, dtype=np.int64), ends - 1
    for number in range(tokens - 1, 0, -1):
        end = found[number] = begun[number, end]
    return found
