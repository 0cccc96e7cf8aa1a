"""A number of a whole test set as one score for each image, so that images can be drawn again.

Mean average precision and mean IoU are no means over images: they come from all images together. What
image i does to such a number is seen by leaving it out. Efron, "The Jackknife, the Bootstrap and Other
Resampling Plans", 1982, calls n * whole - (n - 1) * without_i its pseudo-value. Ours are moved by a
constant (the jackknife's correction for bias is not made), so that their mean is the number itself.

Notation: n images.
"""

from __future__ import annotations

import numpy as np

from ...types import FloatArray


def influence(whole: float, without: FloatArray) -> FloatArray:
    """(n,) scores of images: `whole` is of all, (n,) `without` of all but each.

    Their mean is `whole`. The variance of their mean, sum of squares / (n (n - 1)), is the jackknife's,
    (n - 1) / n * sum((without - mean) ** 2). One score alone may lie outside of what the whole can be:
    below 0, or above 1. A single image scores `whole`.
    """
    n = len(without)
    return np.asarray(whole + (n - 1) * (without.mean() - without))
