"""Leave-one-out accuracy of the five nearest neighbours in the frozen features.

Training-free, and so closer to what the features themselves separate than a fitted classifier is.
"""

from __future__ import annotations

import numpy as np

from ..tasks.solvers.neighbours import nearest
from ..types import FloatArray, IntArray


class Knn:
    """Share of the examples whose nearest neighbours by cosine, none of its own unit, vote right; 0..1."""

    summary = "leave-one-out accuracy of the five nearest neighbours"
    counts = True

    def score(self, features: FloatArray, targets: IntArray, units: IntArray | None = None) -> FloatArray:
        """(n,) 1 where the example is right, else 0."""
        everyone = np.arange(len(targets))
        votes = nearest(features, everyone, targets, int(targets.max()) + 1, everyone, units)
        return np.asarray((votes.argmax(1) == targets) & (np.ptp(votes, axis=1) > 0), dtype=np.float64)


plugin = Knn()
