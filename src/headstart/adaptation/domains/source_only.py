"""No adaptation: the head that was solved on the source, as it is."""

from __future__ import annotations

from ...tasks.solvers.base import LinearHead
from .base import Domains, Way


def solve(domains: Domains) -> LinearHead:
    """The head of the source."""
    return domains.head


plugin = Way("the source's model as it is, without adaptation", solve)
