"""Temperature scaling: one number that makes the outputs' probabilities honest; and when to abstain.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 9. We differ: it is fitted on
the validation outputs of all seeds together, to targets that are smoothed as Platt (1999) does it, and
folded into the head. Without the smoothing a few examples that are all right would ask for certainty.

A model that abstains answers only where its probability is above a threshold (selective classification:
El-Yaniv and Wiener, JMLR 2010). The threshold is the lowest at which the estimated error of the answers on
validation is as low as wanted; one error is added to those seen, so that few examples promise little.

Notation: n validation examples of all seeds, k classes.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from ..types import FloatArray, IntArray

BOUND = np.log(20.0)


def temperature(outputs: FloatArray, targets: IntArray, distinct: int) -> float:
    """The temperature of least log loss of (n, k) outputs; between 1/20 and 20.

    `distinct` is how many independent units (`Examples.units`) the examples are of: seeds may share them.
    """
    n, k = outputs.shape
    smoothed = np.full((n, k), 1 / (distinct + k))
    smoothed[np.arange(n), targets] = (distinct + 1) / (distinct + k)

    def loss(log_t: float) -> float:
        return float(-(smoothed * log_softmax(outputs / np.exp(log_t), axis=1)).sum(1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-BOUND, BOUND), method="bounded").x))


def threshold(outputs: FloatArray, targets: IntArray, distinct: int, max_error: float) -> float | None:
    """The lowest probability from which on answers are wrong in at most `max_error` (a fraction) of cases.

    None where no threshold gets there. `outputs` are calibrated; `distinct` as in `temperature`.
    """
    shares = softmax(outputs, axis=1)
    sure, wrong = shares.max(1), shares.argmax(1) != targets
    order = np.argsort(-sure, kind="stable")
    worth = distinct / len(sure)  # of one row in different examples
    answered = np.arange(1, len(sure) + 1) * worth
    error = (np.cumsum(wrong[order]) * worth + 1) / (answered + 2)
    ties = np.append(np.diff(sure[order]) == 0, False)  # equal probabilities are answered together
    fine = np.flatnonzero((error <= max_error) & ~ties)
    return float(sure[order][fine[-1]]) if len(fine) else None


def abstaining(
    outputs: FloatArray, targets: IntArray, max_error: float, threshold: float | None
) -> dict[str, float | None]:
    """What abstaining below the threshold gives on (n, k) test outputs; None where there is no threshold."""
    if threshold is None:
        return {"max_error": max_error, "threshold": None, "answered": None, "error": None}
    shares = softmax(outputs, axis=1)
    answered = shares.max(1) >= threshold
    wrong = shares.argmax(1) != targets
    error = float(wrong[answered].mean()) if answered.any() else None
    return {
        "max_error": max_error,
        "threshold": threshold,
        "answered": float(answered.mean()),
        "error": error,
    }
