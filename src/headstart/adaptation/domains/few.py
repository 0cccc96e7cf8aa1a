"""A few labelled target rows, learned beside the source, and then with what the target itself looks like.

One to three labels of each class do more than any criterion without labels chooses ("Few-shot fine-tuning is
all you need for source-free domain adaptation", arXiv 2304.00792). Ours is the mean of three heads. The first
learns the source and the labelled rows, which weigh as much as the whole source; whether the source is moved,
and the vote or the source's own head is averaged with, the labels say: neither has learned them. The second
knows no source row: it learns the labelled rows, and the surest half of the target with the labels that are
said of it, each half of the whole weight (self-training: "Pseudo-label", Lee, ICML workshop 2013). The third
is a mixture (`_mixture.py`) of the source as it was moved, the labelled rows and the whole target, and counts
as much as the other two: where the looks changed much it finds most. So the target's own rows count there,
and where the looks hardly changed the source is not lost.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax, softmax

from ...tasks.solvers.base import LinearHead
from ...types import FloatArray, IntArray
from ._mixture import Known, fitted
from .base import Domains, Labelled, Way, mean_head

ROUNDS = 2
HALF = 0.5
"""Of the examples that are said to be of a class, that are learned."""
TIMES, MOST = 3, 0.5
"""In the mixture: what a row with a label counts, in target rows without one; and of what the whole target
counts, all of them together at most."""


def solve(domains: Domains) -> LinearHead:
    """The mean of the heads that are solved, and of the mixture's, each as sure as what it began at."""
    return mean_head([trained(domains), mixed(domains)])


def trained(domains: Domains) -> LinearHead:
    """The mean of a head of the source with the labels, and of one of the target alone."""
    beside = head = beside_source(domains)
    for _ in range(ROUNDS):
        rows, said = surest(head.outputs(domains.target))
        head = mean_head([beside, learned(domains, domains.target[rows], said)])
    return head


def mixed(domains: Domains) -> LinearHead:
    """The head of a mixture that begins at the vote."""
    labelled = domains.labelled
    weight = min(MOST, TIMES * len(labelled.right) / len(domains.target))
    known = [Known(domains.carried, domains.right), Known(labelled.features, labelled.right, weight)]
    return fitted(domains.target, known, domains.vote)


def surest(outputs: FloatArray) -> tuple[IntArray, IntArray]:
    """Of (m, k) outputs the rows of the surest half of each class that is said, and those classes."""
    said, sure = outputs.argmax(1), softmax(outputs, axis=1).max(1)
    rows = [
        of_class[np.argsort(-sure[of_class], kind="stable")[: int(np.ceil(HALF * len(of_class)))]]
        for of_class in (np.flatnonzero(said == number) for number in np.unique(said))
    ]
    taken = np.sort(np.concatenate(rows))
    return taken, said[taken]


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
    "a few labelled target examples learned beside the source, and with what is said of the target",
    solve,
    labels=1,
)
