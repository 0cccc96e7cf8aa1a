"""One order from several scores and the prior, and how sure it is.

Each replicate of a bootstrap draws the examples anew, whole units of them (groups, copies), the same ones for
all bases. In each, every score ranks the bases, and the mean rank becomes standard deviations above the mean
of the bases. A base's value is its prior plus the average of that over the replicates: where the data say
little the bases change places from replicate to replicate, their averages are close together, and the prior
decides.

Notation: b bases, s scores, n examples, g units, r replicates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..stats import counts_of
from ..types import FloatArray, IntArray
from ._prior import deviations

REPLICATES = 1000
SEED = 20_261
"""Fixed: the same scores always give the same order."""
DECIMALS = 7
"""Scores are compared to so many: the last bits are those of an engine, not of a base."""
UNLIKELY = 0.05
"""A base that reaches the leader in fewer replicates than this is told apart from it."""


@dataclass(frozen=True)
class Combined:
    """The order of b bases."""

    values: FloatArray
    """(b,) higher is better; 0 is an average base of which nothing is known."""
    deviations: FloatArray
    """(b,) over the bootstrap."""
    places: IntArray
    """(b,) from 1; bases that the examples cannot tell apart from the best of them share its place."""


def combine(pseudo_values: FloatArray, priors: FloatArray, units: IntArray | None = None) -> Combined:
    """The order from (b, s, n) pseudo-values of scores, (b,) priors and (n,) units of the examples."""
    from scipy.stats import rankdata  # here, as below: half a second, which one base need not wait for

    own = np.arange(pseudo_values.shape[2]) if units is None else units
    _, places = np.unique(own, return_inverse=True)
    g = int(places.max()) + 1
    parts = []
    for counts in counts_of(g, REPLICATES, SEED):
        drawn = counts[:, places]  # (rows, n)
        weights = drawn / drawn.sum(1, keepdims=True)
        parts.append(np.einsum("rn,bsn->rsb", weights, pseudo_values, optimize=True))
    scores = np.concatenate(parts)
    standing = deviations(rankdata(scores.round(DECIMALS), axis=2).mean(1))  # (r, b)
    values = priors + standing.mean(0)
    return Combined(values, standing.std(0), _places(values, standing))


def ranks(scores: FloatArray) -> FloatArray:
    """(b,) ranks of (b,) scores, 1 for the highest; equals share their mean."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(-np.round(scores, DECIMALS)))


def _places(values: FloatArray, standing: FloatArray) -> IntArray:
    """Whether two bases can be told apart is a question to the data; the prior only orders them."""
    places, leader, first = np.zeros(len(values), dtype=np.int64), -1, 0
    for place, base in enumerate(np.argsort(-values, kind="stable"), start=1):
        if leader < 0 or (standing[:, base] >= standing[:, leader] - 1e-9).mean() < UNLIKELY:
            leader, first = int(base), place
        places[base] = first
    return places
