"""The target moved so that its mean is the source's; then the source's head.

The first moment of "Return of frustratingly easy domain adaptation" (Sun, Feng, Saenko, AAAI 2016) alone.
"""

from __future__ import annotations

from ...tasks.solvers.base import LinearHead
from .base import Domains, Way


def solve(domains: Domains) -> LinearHead:
    """The source's head with another bias."""
    head, moments = domains.head, domains.moments
    bias = head.bias + head.weight @ (moments.source_mean - moments.target_mean)
    return LinearHead(head.weight, bias, head.penalty, head.left_out)


plugin = Way("the target's mean moved to the source's", solve)
