"""Exact leave-one-out accuracy of a ridge classifier on the frozen features."""

from __future__ import annotations

from ..tasks.solvers import linear
from ..types import FloatArray, IntArray


class Ridge:
    """Share of the examples that ridge gets right when each unit is left out in turn; 0..1."""

    summary = "exact leave-one-out accuracy of a ridge classifier (a linear probe)"
    counts = True

    def score(self, features: FloatArray, targets: IntArray, units: IntArray | None = None) -> FloatArray:
        """(n,) 1 where the example is right, else 0."""
        return linear.left_out_right(features, targets, int(targets.max()) + 1, units)


plugin = Ridge()
