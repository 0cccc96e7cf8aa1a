"""A few labelled target rows, learned together with the source and with what the target itself looks like.

One to three labels of each class do more than any criterion without labels chooses ("Few-shot fine-tuning is
all you need for source-free domain adaptation", arXiv 2304.00792). Ours are known rows of a mixture
(`_mixture.py`) that begins at the vote: beside the source as linear optimal transport has moved it, and half
as much together as the whole target, which says what is said of it. So where the looks changed much the
target's own classes are found from its own labels, and where they hardly did the source is not lost.
"""

from __future__ import annotations

from ...tasks.solvers.base import LinearHead
from ._mixture import Known, fitted
from .base import Domains, Way

HALF = 0.5
"""Of what the target counts, the labelled rows together."""


def solve(domains: Domains) -> LinearHead:
    """The head of the mixture."""
    labelled = domains.labelled
    known = [Known(domains.carried, domains.right), Known(labelled.features, labelled.right, HALF)]
    return fitted(domains.target, known, domains.vote)


plugin = Way(
    "a few labelled target examples learned with the source, and with what is said of the target",
    solve,
    labels=1,
)
