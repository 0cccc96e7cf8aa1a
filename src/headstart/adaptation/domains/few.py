"""A few labelled target rows, learned beside the source, and then with what the target itself looks like.

One to three labels of each class do more than any criterion without labels chooses ("Few-shot fine-tuning is
all you need for source-free domain adaptation", arXiv 2304.00792). Ours has two parts, whose heads are
averaged. The first learns the source and the labelled rows, which weigh as much as the whole source; whether
the source is moved, and the vote or the source's own head is averaged with, the labels say: neither has
learned them. The second knows no source row: it learns the labelled rows, and the surest half of the target
with the labels that are said of it, each half of the whole weight (self-training, as in `align_self.py`). So
where the looks changed much the target's own rows count, and where they hardly did the source is not lost.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from ...tasks.solvers.base import LinearHead
from ...types import FloatArray, IntArray
from .align_self import ROUNDS, surest
from .base import Domains, Labelled, Way, mean_head


def solve(domains: Domains) -> LinearHead:
    """The mean of a head of the source with the labels, and of one of the target alone."""
    beside = head = beside_source(domains)
    for _ in range(ROUNDS):
        rows, said = surest(head.outputs(domains.target))
        head = mean_head([beside, learned(domains, domains.target[rows], said)])
    return head


def beside_source(domains: Domains) -> LinearHead:
    """The mean of a head that knows no label, and of one that learns them beside the source."""
    labelled = domains.labelled
    moves = loss(domains.vote, labelled) <= loss(domains.head, labelled)
    both = learned(domains, domains.carried if moves else domains.source, domains.right)
    return mean_head([domains.vote if moves else domains.head, both])


def learned(domains: Domains, features: FloatArray, right: IntArray) -> LinearHead:
    """A head on rows (n, d) and, with as much weight, on the labelled rows."""
    labelled = domains.labelled
    copies = max(1, round(len(features) / len(labelled.right)))
    return domains.solver.solve(
        np.concatenate([features, np.repeat(labelled.features, copies, axis=0)]),
        np.concatenate([right, np.repeat(labelled.right, copies)]),
        domains.k,
    )


def loss(head: LinearHead, labelled: Labelled) -> float:
    """Mean log loss of a head that has not learned them on labelled rows."""
    odds = log_softmax(head.outputs(labelled.features), axis=1)
    return float(-odds[np.arange(len(labelled.right)), labelled.right].mean())


plugin = Way(
    "a few labelled target examples learned beside the source, and then with the surest half of the target",
    solve,
    labels=1,
)
