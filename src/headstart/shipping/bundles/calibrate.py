"""What makes outputs' probabilities honest: a temperature, or the class shares; and when to abstain.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 9. We differ: it is fitted on outputs
of models like the one that ships for examples that each has not learned from (`tasks/solvers/crossfit.py`),
to targets that are smoothed as Platt (1999) does it, and folded into the head. Without the smoothing a few
examples that are all right would ask for certainty; few examples also pull the temperature towards 1.

Whoever knows nothing of an example should say how frequent each class is. A temperature alone leads to even
odds instead. So what ships is `scale * outputs + shares * log class shares`, still one linear layer, and
`shares` is 0 as long as that is better than the class shares. A gain over them on few examples may be luck:
both are moved towards the class shares by the part of the gain that chance explains (as James and Stein,
1961, shrink a mean; of twice a gain in log-likelihood, chance explains as much as numbers were fitted).

A model that abstains answers only where its probability is above a threshold (selective classification:
El-Yaniv and Wiener, JMLR 2010). The threshold is the lowest at which the estimated error of the answers is as
low as wanted; one error is added to those seen, so that few examples promise little.

Notation: n examples that were not learned from, k classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, softmax

from ...records import Abstaining
from ...types import FloatArray, IntArray

BOUND = np.log(1000.0)
LUCK = 2.0
"""Of twice the gain in log-likelihood, what is taken for chance: two numbers were fitted."""
FAINT = 1e-4
"""Deviation that is left to outputs that say nothing: of classes as frequent, the likeliest is answered."""


@dataclass(frozen=True)
class Calibration:
    """`scale * outputs + shares * log_shares`."""

    scale: float
    shares: float
    log_shares: FloatArray
    """(k,)."""

    def __call__(self, outputs: FloatArray) -> FloatArray:
        """(n, k) to (n, k)."""
        return np.asarray(self.scale * outputs + self.offset)

    @property
    def offset(self) -> FloatArray:
        """(k,) what is added to the outputs."""
        return np.asarray(self.shares * self.log_shares)

    @property
    def temperature(self) -> float:
        """What the outputs are divided by."""
        return 1 / self.scale


def log_shares(targets: IntArray, k: int) -> FloatArray:
    """(k,) logarithms of how frequent each class is; one example is added to each."""
    return np.asarray(np.log((np.bincount(targets, minlength=k) + 1) / (len(targets) + k)))


def calibration(outputs: FloatArray, targets: IntArray, distinct: int, known: FloatArray) -> Calibration:
    """How (n, k) outputs become probabilities that are no worse than the class shares.

    Args:
        outputs: of models like the one that ships, at its scale, for examples that each has not learned from.
        targets: (n,) in 0..k-1.
        distinct: how many different examples there are: seeds may share them.
        known: (k,) logarithms of the class shares.
    """
    base = log_loss(np.broadcast_to(known, outputs.shape), targets)
    hot = temperature(outputs, targets, distinct)
    scale = _kept(base - log_loss(outputs / hot, targets), distinct) / hot
    if scale > 0 and log_loss(scale * outputs, targets) <= base:
        return Calibration(scale, 0.0, known)
    scale, shares = _towards(outputs, targets, distinct, known, hot)
    kept = _kept(base - log_loss(scale * outputs + shares * known, targets), distinct)
    deviation = float((outputs - outputs.mean(1, keepdims=True)).std())
    faint = FAINT / deviation if deviation > FAINT else 1.0
    return Calibration(max(kept * scale, faint), 1 - kept * (1 - shares), known)


def temperature(outputs: FloatArray, targets: IntArray, distinct: int) -> float:
    """The temperature of least log loss of (n, k) outputs; from 1/1000 to 1000, nearer 1 for few examples.

    `distinct` is how many independent units (`Examples.units`) the examples are of: seeds may share them.
    """
    from scipy.optimize import minimize_scalar  # here: what has no classes need not wait for it

    wanted = _smoothed(targets, outputs.shape[1], distinct)

    def loss(log_t: float) -> float:
        found = -(wanted * log_softmax(outputs / np.exp(log_t), axis=1)).sum(1).mean()
        return float(found + log_t**2 / (2 * distinct))

    return float(np.exp(minimize_scalar(loss, bounds=(-BOUND, BOUND), method="bounded").x))


def log_loss(outputs: FloatArray, targets: IntArray) -> float:
    """Mean over (n, k) outputs, in nats."""
    return float(-log_softmax(outputs, axis=1)[np.arange(len(targets)), targets].mean())


def _kept(gain: float, distinct: int) -> float:
    """The part of a gain over the class shares, in nats per example, that is no luck."""
    return max(0.0, 1 - LUCK / (2 * distinct * gain)) if gain > 0 else 0.0


def _towards(
    outputs: FloatArray, targets: IntArray, distinct: int, known: FloatArray, hot: float
) -> tuple[float, float]:
    """Scale of the outputs and share of the class shares, together of least log loss."""
    from scipy.optimize import minimize

    wanted = _smoothed(targets, outputs.shape[1], distinct)

    def loss(both: FloatArray) -> tuple[float, FloatArray]:
        logs = log_softmax(both[0] * outputs / hot + both[1] * known, axis=1)
        off = (np.exp(logs) - wanted) / len(targets)
        return float(-(wanted * logs).sum(1).mean()), np.array(
            [(off * outputs).sum() / hot, (off @ known).sum()]
        )

    found = minimize(
        loss, np.array([0.5, 0.5]), jac=True, bounds=[(0.0, 20.0), (0.0, 1.0)], method="L-BFGS-B"
    )
    return float(found.x[0]) / hot, float(found.x[1])


def _smoothed(targets: IntArray, k: int, distinct: int) -> FloatArray:
    """(n, k) what is wanted: nearly 1 for the right class."""
    smoothed = np.full((len(targets), k), 1 / (distinct + k))
    smoothed[np.arange(len(targets)), targets] = (distinct + 1) / (distinct + k)
    return smoothed


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
) -> Abstaining:
    """What abstaining below the threshold gives on (n, k) test outputs; None where there is no threshold."""
    if threshold is None:
        return Abstaining(max_error, None, None, None)
    shares = softmax(outputs, axis=1)
    answered = shares.max(1) >= threshold
    wrong = shares.argmax(1) != targets
    error = float(wrong[answered].mean()) if answered.any() else None
    return Abstaining(max_error, threshold, float(answered.mean()), error)
