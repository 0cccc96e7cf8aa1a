"""A few labelled target rows learned beside the source, averaged with a head that knows none of them.

One to three labels of each class do more than any criterion without labels chooses ("Few-shot fine-tuning is
all you need for source-free domain adaptation", arXiv 2304.00792). Ours weighs all of them like the whole
source. Whether the source is moved, and the vote or the source's own head is averaged with, the labels say:
neither has learned them.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from ...tasks.solvers.base import LinearHead
from .base import Domains, Labelled, Way, mean_head


def solve(domains: Domains) -> LinearHead:
    """The mean of a head that knows no label, and of one that learns them beside the source."""
    labelled = domains.labelled
    copies = max(1, round(len(domains.source) / len(labelled.right)))
    moves = loss(domains.vote, labelled) <= loss(domains.head, labelled)
    rows = [domains.carried if moves else domains.source, np.repeat(labelled.features, copies, axis=0)]
    right = [domains.right, np.repeat(labelled.right, copies)]
    both = domains.solver.solve(np.concatenate(rows), np.concatenate(right), domains.k)
    return mean_head([domains.vote if moves else domains.head, both])


def loss(head: LinearHead, labelled: Labelled) -> float:
    """Mean log loss of a head that has not learned them on labelled rows."""
    odds = log_softmax(head.outputs(labelled.features), axis=1)
    return float(-odds[np.arange(len(labelled.right)), labelled.right].mean())


plugin = Way("a few labelled target examples learned beside the source", solve, labels=1)
