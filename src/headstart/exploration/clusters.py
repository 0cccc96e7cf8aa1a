"""Clusters: how many there may be, whether there are any, and which row is in which.

The number is shown by its three best silhouettes (Rousseeuw, 1987), never as one truth. Whether there are any
is asked first: k-means finds as many clusters as it is told, also where there are none. So the silhouettes
are compared with those of sets that have no clusters and are like this one otherwise: normal with the same
covariance, and the same features shuffled within each column. (The gap statistic of Tibshirani, Walther and
Hastie, 2001, compares spreads, and with a uniform box, which is no null of features.)

Notation: n rows, p components, k clusters.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning

from ..explored import Number
from ..runtime import derive
from ..types import FloatArray, IntArray
from . import space
from .space import Rows

SEARCHED = 2_500
"""Rows that the number is looked for on, evenly spread."""
TESTED = 1_000
"""Rows that are compared with sets without clusters."""
LEAST_OF_EACH = 4
"""Rows of a cluster on average, at least."""
MOST_CLUSTERS = 150
APART = 1.3
"""A number within this factor of a better one says the same, and is not shown."""
SHOWN = 3
NULLS = 10
"""Sets without clusters of each kind."""
CLEAR = 4.0
"""Standard deviations above both kinds at the best number (`benchmarks/exploring.py nulls`)."""
LEAST_SPREAD = 1e-3
"""Of silhouettes of sets without clusters: less is chance."""
MOST_TESTED = 32
"""Clusters, when sets without any are compared with."""
FEWEST = 20
"""Fewer rows tell nothing about clusters."""
DECIMALS = 4
"""Of rows of length 1, beyond which equal pictures in other batches differ."""


@dataclass(frozen=True)
class Clustered:
    """n rows in k clusters, the largest first."""

    centres: Rows
    """(k, p)."""
    members: IntArray
    """(n,) the number of each row's cluster."""

    @property
    def sizes(self) -> IntArray:
        """(k,)."""
        return np.bincount(self.members, minlength=len(self.centres))


def numbers(n: int) -> list[int]:
    """Those that are tried: all small ones, then about a tenth more each time."""
    most = min(MOST_CLUSTERS, n // LEAST_OF_EACH)
    tried, next_ = [], 2
    while next_ <= most:
        tried.append(next_)
        next_ = max(next_ + 1, round(1.1 * next_))
    return tried


def searched(rows: Rows, seed: int) -> list[Number]:
    """The silhouette of each number that is tried, (n, p) rows."""
    some = rows[space.evenly(len(rows), SEARCHED)]
    apart, most = distances(some), different(some)
    return [Number(k, silhouette(apart, _members(some, k, seed))) for k in numbers(len(some)) if k <= most]


def different(rows: Rows) -> int:
    """How many of (n, p) rows differ by more than the rounding of a frozen pass."""
    return len(np.unique(rows.round(DECIMALS), axis=0))


def best(tried: Sequence[Number]) -> list[Number]:
    """The three best numbers: peaks of the silhouette, the highest first; then what is far from them.

    Silhouettes often rise again where groups fall into smaller ones: beside the highest peak lie its own
    slopes, and a coarser answer that fits nearly as well is a peak of its own.
    """
    ordered = sorted(tried, key=lambda one: (-one.silhouette, one.clusters))
    peaks = [
        one for one in ordered if all(one.silhouette >= other.silhouette for other in _beside(one, tried))
    ]
    shown = list[Number]()
    for one in (*peaks, *ordered):
        if one not in _near_any(shown, tried):
            shown.append(one)
    return shown[:SHOWN]


def clear(features: NDArray[Any], seed: int) -> bool:
    """Have (n, d) features clusters that are clear?

    Sets without clusters go the whole way that the features go: rows of length 1 alone can make some.
    """
    chosen = np.asarray(features[space.evenly(len(features), TESTED)], np.float32)
    if len(chosen) < FEWEST or not np.ptp(chosen, 0).any():
        return False
    tried = [k for k in numbers(len(chosen)) if k <= MOST_TESTED][::2]
    seen, draws = _silhouettes(chosen, tried, seed), np.random.default_rng(derive(seed, "nulls"))
    for null in (_normal, _shuffled):
        others = np.stack([_silhouettes(null(chosen, draws), tried, seed) for _ in range(NULLS)])
        above = (seen - others.mean(0)) / np.maximum(others.std(0, ddof=1), LEAST_SPREAD)
        if above.max() < CLEAR:
            return False
    return True


def clustered(rows: Rows, k: int, seed: int) -> Clustered:
    """k-means from several starts: every row is in a cluster."""
    return _by_size(rows, _members(rows, k, seed, starts=10))


def dense(rows: Rows) -> Clustered:
    """HDBSCAN's clusters (Campello, Moulavi and Sander, 2013); a row that it calls noise goes to the nearest.

    How many there are it says itself. Where it finds none, all rows are in one.
    """
    least = max(5, len(rows) // 100)
    labels = HDBSCAN(min_cluster_size=least, copy=True).fit(rows.astype(np.float64)).labels_
    known = np.unique(labels[labels >= 0])
    if not len(known):
        return _by_size(rows, np.zeros(len(rows), np.int64))
    centres = np.stack([rows[labels == one].mean(0) for one in known])
    near = np.argmax(rows @ space.unit(centres).T, 1)
    return _by_size(rows, np.where(labels >= 0, np.searchsorted(known, labels), near).astype(np.int64))


def alone(rows: Rows) -> Clustered:
    """All rows in one cluster."""
    return _by_size(rows, np.zeros(len(rows), np.int64))


def distances(rows: Rows) -> Rows:
    """(n, n) between rows of length 1."""
    found: Rows = np.sqrt(np.maximum(0, 2 - 2 * rows @ rows.T))
    return found


def silhouettes(apart: Rows, members: IntArray) -> FloatArray:
    """(n,) how much nearer each row is to its own cluster than to the next, -1..1; 0 of one that is alone."""
    k = int(members.max()) + 1
    if k == 1:
        return np.zeros(len(members))
    belongs = np.eye(k, dtype=np.float32)[members]
    sums, sizes = (apart @ belongs).astype(np.float64), belongs.sum(0).astype(np.float64)
    everyone = np.arange(len(members))
    others = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    others[everyone, members] = np.inf
    own = sums[everyone, members] / np.maximum(sizes[members] - 1, 1)
    near = others.min(1)
    values = (near - own) / np.maximum(np.maximum(near, own), 1e-12)
    return np.where((sizes[members] > 1) & np.isfinite(near), values, 0.0)


def silhouette(apart: Rows, members: IntArray) -> float:
    """The mean of all."""
    return float(silhouettes(apart, members).mean())


def _silhouettes(features: NDArray[Any], tried: Sequence[int], seed: int) -> FloatArray:
    """(t,) of the features at each number that is tried, in a space of their own."""
    rows = space.fit(features, exact=False)(features)
    apart = distances(rows)
    return np.array([silhouette(apart, _members(rows, k, seed)) for k in tried])


def _members(rows: Rows, k: int, seed: int, starts: int = 1) -> IntArray:
    state, rounds = derive(seed, "clusters") % 2**32, 50 if starts == 1 else 300
    with warnings.catch_warnings():  # copies make fewer clusters than k: that is no failure
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(k, n_init=starts, max_iter=rounds, random_state=state).fit(rows)
    return np.asarray(found.labels_, dtype=np.int64)


def _normal(features: NDArray[Any], draws: np.random.Generator) -> NDArray[Any]:
    """As many features, normal with the same mean and covariance: mixtures of all, none like another."""
    middle = features.mean(0)
    mixed = draws.normal(size=(len(features), len(features))).astype(np.float32) / np.sqrt(len(features))
    return np.asarray(mixed @ (features - middle) + middle)


def _shuffled(features: NDArray[Any], draws: np.random.Generator) -> NDArray[Any]:
    """The features with each column in an order of its own."""
    return draws.permuted(features, axis=0)


def _by_size(rows: Rows, labels: IntArray) -> Clustered:
    """Numbered by size, the largest first; of equal ones that of the earlier row."""
    found, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(found)), key=lambda one: (-sizes[one], first[one]))
    place = np.empty(len(found), np.int64)
    place[order] = np.arange(len(found))
    members = place[np.searchsorted(found, labels)]
    centres = np.stack([rows[members == one].mean(0) for one in range(len(found))])
    return Clustered(np.asarray(centres, np.float32), members)


def _beside(one: Number, tried: Sequence[Number]) -> list[Number]:
    """Those that say the same, and the next ones on both sides."""
    place = tried.index(one)
    return [*tried[max(0, place - 1) : place + 2], *_near(one, tried)]


def _near(one: Number, tried: Sequence[Number]) -> list[Number]:
    """Those that say the same, itself included."""
    ratios = (
        (other, max(one.clusters, other.clusters) / min(one.clusters, other.clusters)) for other in tried
    )
    return [other for other, ratio in ratios if ratio < APART]


def _near_any(some: Sequence[Number], tried: Sequence[Number]) -> list[Number]:
    return [other for one in some for other in _near(one, tried)]
