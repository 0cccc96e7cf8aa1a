"""Temperature scaling: one number that makes the outputs' probabilities honest.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 9. We differ: it is fitted on
the validation outputs of all seeds together, to targets that are smoothed as Platt (1999) does it, and
folded into the head. Without the smoothing a few examples that are all right would ask for certainty.

Notation: n validation examples of all seeds, k classes.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from ..types import FloatArray, IntArray

BOUND = np.log(20.0)


def temperature(outputs: FloatArray, targets: IntArray, distinct: int) -> float:
    """The temperature of least log loss of (n, k) outputs; between 1/20 and 20.

    `distinct` is how many different examples there are: seeds may share them.
    """
    n, k = outputs.shape
    smoothed = np.full((n, k), 1 / (distinct + k))
    smoothed[np.arange(n), targets] = (distinct + 1) / (distinct + k)

    def loss(log_t: float) -> float:
        return float(-(smoothed * log_softmax(outputs / np.exp(log_t), axis=1)).sum(1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-BOUND, BOUND), method="bounded").x))
