"""Everything that is found in the features of one base, before anybody looks at a label.

Notation: n examples, p components, k clusters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..errors import SettingsError
from ..explored import CLUSTERS, DENSE, MAP, Number
from ..options import Given
from ..types import BoolArray, FloatArray, IntArray
from . import clusters, first, maps, odd, space
from .clusters import Clustered
from .maps import Map
from .space import Rows, Space


@dataclass(frozen=True)
class Found:
    """What the features of n examples say."""

    space: Space
    rows: Rows
    """(n, p)."""
    clear: bool
    how: Literal["found", "asked", "hdbscan", "none"]
    numbers: tuple[Number, ...]
    clustered: Clustered
    silhouettes: FloatArray
    """(≤ n,) of the rows `sampled`."""
    sampled: IntArray
    distances: FloatArray
    """(n,) of each row to the centre of its cluster."""
    apart: FloatArray
    """(n,) `odd.loneliness`."""
    lonely: BoolArray
    map: Map
    first: IntArray
    between: FloatArray
    """(n,) `first.between`."""


Timed = Callable[[str], Any]
"""Gives a context in which the seconds of a part are counted."""


def look(features: NDArray[Any], options: Given, seed: int, timed: Timed) -> Found:
    """Clusters, map, what is odd and what to label first, of (n, d) features.

    In one thread: more add up in whatever order they come, and small steps only wait for each other.
    """
    with threadpool_limits(1):
        return _look(features, options, seed, timed)


def _look(features: NDArray[Any], options: Given, seed: int, timed: Timed) -> Found:
    with timed("clusters"):
        into = space.fit(features)
        rows = into(features)
        clear = clusters.clear(features, seed)
        how, numbers, clustered = _grouped(rows, clear, CLUSTERS.of(options), seed)
        some = space.evenly(len(rows), clusters.SEARCHED)
        values = clusters.silhouettes(clusters.distances(rows[some]), clustered.members[some])
    with timed("outliers"):
        apart = odd.loneliness(rows, clustered.members)
    with timed("map"):
        drawn = maps.drawn(rows, MAP.of(options), seed)
    with timed("first"):
        order = first.to_label(rows)
    return Found(
        space=into,
        rows=rows,
        clear=clear,
        how=how,
        numbers=numbers,
        clustered=clustered,
        silhouettes=values,
        sampled=some,
        distances=np.linalg.norm(rows - clustered.centres[clustered.members], axis=1).astype(np.float64),
        apart=apart,
        lonely=odd.lonely(apart),
        map=drawn,
        first=order,
        between=first.between(rows, clustered.centres),
    )


def _grouped(
    rows: Rows, clear: bool, wanted: int | None, seed: int
) -> tuple[Literal["found", "asked", "hdbscan", "none"], tuple[Number, ...], Clustered]:
    """Where the number of clusters comes from, the best numbers, and the clusters."""
    if wanted == DENSE:
        return "hdbscan", (), clusters.dense(rows)
    best = tuple(clusters.best(clusters.searched(rows, seed))) if clear else ()
    if wanted is not None:
        most = clusters.different(rows)
        if wanted > most:
            raise SettingsError(
                f"--set clusters={wanted}: there are {most} examples that differ", "ask for fewer clusters"
            )
        return "asked", best, clusters.clustered(rows, wanted, seed)
    if not best:
        return "none", (), clusters.alone(rows)
    return "found", best, clusters.clustered(rows, best[0].clusters, seed)
