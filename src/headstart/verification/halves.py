"""Do two models that each read half of the features say the same of the target?

A model that is right about an example is so by several features at once, so that either half of them finds
the same class. Where the target shows other things than the source there is no class to be found: each half
says something, and hardly the same. How often independent models agree follows how often they are right
("Estimating accuracy from unlabeled data", Platanios, Blum and Mitchell, UAI 2014; "Assessing generalization
of SGD via disagreement", Jiang et al., ICLR 2022); how often they do where they are right is seen on source
examples that were left out. Ours are the vote across domains on every other feature, and on those between.

Notation: n source rows, m target rows, d feature width, k classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..adaptation import domains as across
from ..adaptation.domains import turns
from ..adaptation.domains.base import Domains
from ..tasks.solvers.base import cross_validated
from ..types import IntArray

FOLDS = 3
MOST = 1_000
"""Rows of each domain that are looked at."""


@dataclass(frozen=True)
class Halves:
    """How much oftener than by chance the two models say the same class, of 1."""

    target: float
    source: float
    """Of source rows that neither has learned."""

    @property
    def kept(self) -> float:
        """The first in times of the second; 0 where they do not agree on the source either."""
        return max(0.0, self.target) / self.source if self.source > 0 else 0.0


def halves(domains: Domains) -> Halves:
    """What two models on every other feature say of both domains; nothing where there is one feature."""
    if domains.source.shape[1] < 2:
        return Halves(0.0, 0.0)
    rows, others = (evenly(len(one)) for one in (domains.source, domains.target))
    right = domains.right[rows]
    on_target, on_source = list[IntArray](), list[IntArray]()
    for first in (0, 1):
        source, target = domains.source[rows, first::2], domains.target[others, first::2]
        half = Domains(source, right, target, domains.k, domains.solver)
        on_target.append(across.said(across.solved(across.ways()[across.VOTE], half).outputs(target), half))
        on_source.append(left_out(half))
    about_target, about_source = (
        beyond_chance(said[0], said[1], domains.k) for said in (on_target, on_source)
    )
    return Halves(about_target, about_source)


def left_out(domains: Domains) -> IntArray:
    """What is said of source rows by heads that have not learned them."""
    found = []
    for one in domains.questions:
        fold = turns(one.right) % FOLDS
        found.append(cross_validated(one.solver, one.source, one.right, one.k, fold).argmax(1))
    return np.stack(found, axis=1) if domains.sets else found[0]


def beyond_chance(one: IntArray, other: IntArray, k: int) -> float:
    """Cohen's kappa of (m,) and (m,) classes: 1 where they are the same, 0 as by chance.

    Of (m, k) labels the mean over those that one of the two says of some rows, and not of all.
    """
    if one.ndim > 1:
        asked = [pair for pair in zip(one.T, other.T, strict=True) if 0 < np.sum(pair) < 2 * len(one)]
        return float(np.mean([beyond_chance(*pair, 2) for pair in asked])) if asked else 0.0
    shares = [np.bincount(said, minlength=k) / len(said) for said in (one, other)]
    chance = float(shares[0] @ shares[1])
    return (float((one == other).mean()) - chance) / (1 - chance) if chance < 1 else 0.0


def evenly(many: int) -> slice:
    """At most `MOST` of so many rows, evenly: they are in the order of their hashes."""
    return slice(None, None, max(1, -(-many // MOST)))
