"""A few labelled target rows, learned beside the source, and then with what the target itself looks like.

One to three labels of each class do more than any criterion without labels chooses ("Few-shot fine-tuning is
all you need for source-free domain adaptation", arXiv 2304.00792). Ours has two steps. The first learns the
source and the labelled rows, which weigh as much as the whole source; whether the source is moved, and the
vote or the source's own head is averaged with, the labels say: neither has learned them. At its head begins a
mixture (`_mixture.py`) of the source as it was moved, the labelled rows, which count half as much together,
and the whole target.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from ...tasks.solvers.base import LinearHead
from ...types import FloatArray, IntArray
from ._mixture import Known, fitted
from .base import Domains, Labelled, Way, mean_head

HALF = 0.5
"""Of what the target counts in the mixture, the labelled rows together."""


def solve(domains: Domains) -> LinearHead:
    """The head of the mixture."""
    labelled = domains.labelled
    known = [Known(domains.carried, domains.right), Known(labelled.features, labelled.right, HALF)]
    return fitted(domains.target, known, beside_source(domains))


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
    "a few labelled target examples learned beside the source, and then with what is said of the target",
    solve,
    labels=1,
)
