"""No adaptation, on features that are divided by the source's deviations.

Which of the two source-only models is the stronger differs from pair to pair by tens of points, so that a
gain over one of them alone may be none.
"""

from __future__ import annotations

import numpy as np

from ...tasks.solvers.base import LinearHead
from .base import Domains, Way

LEAST = 1e-3
"""Of the largest deviation: what hardly varies in the source is not blown up without end."""


def solve(domains: Domains) -> LinearHead:
    """The head on scaled features, folded into one on plain ones."""
    scale = domains.source.std(0)
    scale = np.maximum(scale, max(LEAST * float(scale.max()), 1e-12))
    head = domains.solved(domains.source / scale)
    return LinearHead(head.weight / scale, head.bias, head.penalty, head.left_out)


plugin = Way("the same, on features that are scaled by the source's deviations", solve)
