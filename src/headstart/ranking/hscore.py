"""The shrunk H-score: how much of the features' variance lies between the classes, in whitened units.

Bao et al., "An information-theoretic approach to transferability in task transfer learning", ICIP 2019,
with the covariance shrunk after Ledoit and Wolf as in Ibrahim et al., "Newer is not always better:
rethinking transferability metrics, their peculiarities, stability and performance", ECML 2022: without
that the score is the rank of the features wherever n < d. We differ only in how it is computed: in the
principal directions, where the shrunk covariance is diagonal and d no longer matters.

It is shown and does not count: with n below d the shrinkage makes a good covariance, not a good inverse, and
random features come close to k - 1 too. In `benchmarks/ranking` it is the worst of the scores.

Notation: n examples, d feature width, k classes that occur, r = min(n, d) principal directions.
"""

from __future__ import annotations

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

from ..tasks.solvers.directions import principal
from ..types import FloatArray, IntArray


class HScore:
    """tr(S⁻¹ B) of the shrunk covariances S of the features and B of the class means; from 0, below k."""

    summary = "shrunk H-score: variance between the classes, whitened (Ledoit-Wolf)"
    counts = False

    def score(self, features: FloatArray, targets: IntArray, units: IntArray | None = None) -> FloatArray:
        """(n,) pseudo-values; the amount of shrinkage is held fixed in them. It knows nothing of units."""
        centred = features - features.mean(0)
        length = float(np.abs(centred).max())
        if length == 0:
            return np.zeros(len(features))
        centred /= length  # the score has no scale, a product of four features may overflow
        shrinkage = float(ledoit_wolf_shrinkage(centred, assume_centered=True))
        along, squares = principal(centred)
        n, d = centred.shape
        mean_variance = squares.sum() / (n * d)
        whitened = 1 / ((1 - shrinkage) * squares / n + shrinkage * mean_variance)
        _, which, counts = np.unique(targets, return_inverse=True, return_counts=True)
        belongs = np.eye(len(counts))[which]
        means = belongs.T @ along / counts[:, None]  # (k, r)
        towards = (along * whitened) @ means.T  # (n, k): xᵀ S⁻¹ m of each example and class mean
        lengths = (means**2 * whitened).sum(1)  # (k,): mᵀ S⁻¹ m
        share = counts / n
        score = float(share @ lengths)
        # more of one example turns S towards it, and the mean of its class
        turned = (1 - shrinkage) * (towards**2 @ share)
        moved = 2 * (towards * belongs).sum(1) - lengths[which]
        influence = moved - score - (turned - turned.mean())
        return np.asarray((1 - shrinkage) * (score + influence))


plugin = HScore()
