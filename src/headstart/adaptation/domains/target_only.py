"""The labelled target rows alone: what they give without any source."""

from __future__ import annotations

from ...tasks.solvers.base import LinearHead
from .base import Domains, Way


def solve(domains: Domains) -> LinearHead:
    """A head on the labelled rows."""
    return domains.solver.solve(domains.labelled.features, domains.labelled.right, domains.k)


plugin = Way("the labelled target examples alone, without the source", solve, labels=2)
