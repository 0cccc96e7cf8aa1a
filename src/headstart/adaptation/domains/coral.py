"""CORAL: source rows are whitened and coloured like the target; a head is solved on them.

"Return of frustratingly easy domain adaptation" (Sun, Feng, Saenko, AAAI 2016), algorithm 1. Ours moves the
mean too, and adds a tenth of the mean variance to covariances instead of 1.
"""

from __future__ import annotations

from ...tasks.solvers.base import LinearHead
from ._moments import power
from .base import Domains, Way


def solve(domains: Domains) -> LinearHead:
    """The head on source rows with the covariance of the target."""
    moments = domains.moments
    matrix = moments.whitening @ power(moments.target, 0.5)
    return domains.solved(moments.moved(domains.source, matrix))


plugin = Way("CORAL: the source's covariance made the target's", solve)
