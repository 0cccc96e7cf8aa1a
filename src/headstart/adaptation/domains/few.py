"""A few labelled target rows learned beside the moved source, averaged with the vote.

One to three labels of each class do more than any criterion without labels chooses ("Few-shot fine-tuning is
all you need for source-free domain adaptation", arXiv 2304.00792). Ours weighs all of them like the whole
source, whose rows linear optimal transport has moved.
"""

from __future__ import annotations

import numpy as np

from ...tasks.solvers.base import LinearHead
from .base import Domains, Way, mean_head


def solve(domains: Domains) -> LinearHead:
    """The mean of the vote and of the head that learns both."""
    labelled = domains.labelled
    copies = max(1, round(len(domains.source) / len(labelled.right)))
    rows = [domains.carried, np.repeat(labelled.features, copies, axis=0)]
    right = [domains.right, np.repeat(labelled.right, copies)]
    both = domains.solver.solve(np.concatenate(rows), np.concatenate(right), domains.k)
    return mean_head([domains.vote, both])


plugin = Way(
    "a few labelled target examples learned beside the source, averaged with the vote", solve, labels=1
)
