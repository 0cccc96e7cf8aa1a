"""The contract of a score: how well do frozen features suit the targets, before anything is trained."""

from __future__ import annotations

from typing import Protocol

from ..types import FloatArray, IntArray


class Scorer(Protocol):
    """One file of `ranking/`: its `plugin`."""

    summary: str
    """One line for `headstart list`."""
    counts: bool
    """Does it take part in the combined rank? Else it is shown beside it."""

    def score(self, features: FloatArray, targets: IntArray, units: IntArray | None = None) -> FloatArray:
        """The score as (n,) pseudo-values: their mean is the score, higher is better.

        The pseudo-value of an example is what the score would tend to if examples like it became more
        frequent, to first order (the infinitesimal jackknife: Jaeckel, Bell Laboratories memorandum, 1972).
        Resampling them bootstraps the score over the examples without computing it again.

        Args:
            features: (n, d), finite, of one base.
            targets: (n,) classes as integers from 0; classes without an example are possible.
            units: (n,) equal for examples that belong together (`Examples.units`): they are no evidence for
                one another. None: each is its own.
        """
        ...
