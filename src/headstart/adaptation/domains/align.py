"""The vote of ways in closed form: source only, mean moved, CORAL, and linear optimal transport.

One way alone loses much on some pairs of domains; those four seldom lose together. None of them labels the
target itself, so that what the vote says of it is evidence: the guard looks at it. The vote is a mean of
log-odds, so that it is one linear head again.
"""

from __future__ import annotations

from ...tasks.solvers.base import LinearHead
from . import coral, linear_ot, mean_moved, source_only
from .base import Domains, Way, mean_head

VOTERS = (source_only, mean_moved, coral, linear_ot)


def voted(domains: Domains) -> LinearHead:
    """The mean of the four heads."""
    return mean_head([one.plugin.solve(domains) for one in VOTERS])


def solve(domains: Domains) -> LinearHead:
    """The same, computed once."""
    return domains.vote


plugin = Way("the vote of source only, mean moved, CORAL and linear optimal transport", solve)
