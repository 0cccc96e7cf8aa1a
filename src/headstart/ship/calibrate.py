"""Temperature scaling: one number that makes the outputs' probabilities honest.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 9. We differ: it is fitted on
the validation outputs of all seeds together, and folded into the head.

Notation: n validation examples of all seeds, k classes.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from ..types import FloatArray, IntArray

BOUND = np.log(20.0)


def temperature(outputs: FloatArray, targets: IntArray) -> float:
    """The temperature of least log loss of (n, k) outputs; between 1/20 and 20."""

    def loss(log_t: float) -> float:
        return float(-log_softmax(outputs / np.exp(log_t), axis=1)[np.arange(len(targets)), targets].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-BOUND, BOUND), method="bounded").x))
