"""LogME: the evidence of a Bayesian linear model of each class, its two precisions at their best.

You et al., "LogME: practical assessment of pre-trained models for transfer learning", ICML 2021, with the
fixed-point iteration of You et al., "Ranking and tuning pre-trained models", JMLR 2022. We differ: each
example's features are first scaled to length 1, as for a cosine classifier. The model has the same noise
for all examples, and lengths of rectified features differ much; `benchmarks/ranking` ranks better so. And two
guards, against a class that is fitted perfectly and against features that say nothing.

Notation: n examples, d feature width, k classes that occur, r = min(n, d) principal directions,
a and b precisions of the weights and of the noise.
"""

from __future__ import annotations

import numpy as np

from ..tasks.solvers.directions import principal
from ..types import FloatArray, IntArray

STEPS, TOLERANCE = 100, 1e-3
"""Of the fixed point, and the relative change of a / b at which it has been reached."""
LEAST = 1e-9
"""Of a squared error per example, and of squared weights: the precisions stay finite."""


class LogME:
    """Log evidence per example, averaged over the classes; in nats, no fixed range."""

    summary = "LogME: evidence of a Bayesian linear model of each class"
    counts = True

    def score(self, features: FloatArray, targets: IntArray, units: IntArray | None = None) -> FloatArray:
        """(n,) pseudo-values at fixed precisions: they are optimal, so their own change adds nothing.

        Examples of one unit and class are one, at the middle of them.
        """
        if units is not None and len(np.unique(units)) < len(units):
            cells, place = np.unique(np.stack([units, targets]), axis=1, return_inverse=True)
            place = place.ravel()
            sums = np.zeros((cells.shape[1], features.shape[1]))
            np.add.at(sums, place, features)
            return self.score(sums / np.bincount(place)[:, None], cells[1])[place]
        n = len(features)
        unit_length = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-300)
        along, squares = principal(unit_length) if unit_length.any() else (np.zeros((n, 1)), np.ones(1))
        one_hot = np.eye(int(targets.max()) + 1)[targets]
        wanted = one_hot[:, one_hot.any(0)]  # (n, k)
        unit = along / np.sqrt(squares)  # (n, r) orthonormal
        projected = unit.T @ wanted  # (r, k)
        beyond = (wanted**2).sum(0) - (projected**2).sum(0)  # (k,) what no direction explains
        a, b = _precisions(squares[:, None], projected, np.maximum(beyond, 0), n)
        explained = b * squares[:, None] / (a + b * squares[:, None])  # (r, k)
        residual = wanted - unit @ (explained * projected)
        weights = (explained**2 * projected**2 / squares[:, None]).sum(0)
        log_volume = np.log(a + b * squares[:, None]).sum(0) - len(squares) * np.log(a)
        fit = (residual**2).sum(0)
        score = 0.5 * (n * np.log(b / (2 * np.pi)) - b * fit - a * weights - log_volume) / n
        influence = -0.5 * (b * residual**2 + unit**2 @ explained)
        return np.asarray((score + influence - influence.mean(0)).mean(1))


def _precisions(
    squares: FloatArray, projected: FloatArray, beyond: FloatArray, n: int
) -> tuple[FloatArray, FloatArray]:
    """(k,) a and b of greatest evidence, from the (r, 1) squares and (r, k) projected targets."""
    ratio = np.ones(projected.shape[1])
    for _ in range(STEPS):
        before, shrink = ratio, squares / (squares + ratio)
        effective = shrink.sum(0)
        weights = (shrink**2 * projected**2 / squares).sum(0)
        fit = (((1 - shrink) * projected) ** 2).sum(0) + beyond
        a = effective / np.maximum(weights, LEAST)
        b = np.maximum(n - effective, LEAST) / np.maximum(fit, LEAST * n)
        ratio = a / b
        if (np.abs(ratio - before) <= TOLERANCE * before).all():
            break
    return a, b


plugin = LogME()
