"""Maps: rows in two dimensions, and how much of the neighbourhoods is left there.

PCA and t-SNE (van der Maaten and Hinton, 2008; Barnes-Hut, 2014) come with scikit-learn; UMAP (McInnes, Healy
and Melville, 2018) with the extra `explore`. Of many rows t-SNE arranges some, the landmarks, and each other
row is placed among its nearest of these, as a bundle places what comes later.

How good a map is: trustworthiness (are neighbours on the map neighbours?) and continuity (are neighbours
neighbours on the map?), Venna and Kaski, 2001; and the share of each row's ten nearest that are its ten
nearest on the map. All three are of a sample of the rows, in which they are computed alone.

Notation: n rows, p components, m landmarks.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

from ..errors import MissingExtra
from ..explored import Quality
from ..runtime import derive
from ..tasks.answers.groups import PLACED_BY, SAME
from ..types import FloatArray, IntArray
from . import space
from .space import Rows

ARRANGED = 2_000
"""Rows that t-SNE arranges at most."""
MANY = 5_000
"""Rows above which UMAP is taken, where it is installed and nothing else is asked."""
FEWEST = 10
"""Rows; fewer are shown by their first two components."""
ROUNDS = 500
NEIGHBOURS = 10
MEASURED = 1_500


@dataclass(frozen=True)
class Map:
    """n places."""

    method: str
    places: NDArray[np.float32]
    """(n, 2), the middle at 0 and the farthest at 1."""
    arranged: int
    """Rows that the method itself placed; the others lie among their nearest of these."""


def require(method: str) -> None:
    """Raises MissingExtra: it is UMAP, and that is not installed; asked before anything is computed."""
    if method == "umap" and find_spec("umap") is None:
        raise MissingExtra.of("a map by UMAP needs umap-learn", "explore")


def drawn(rows: Rows, method: str, seed: int) -> Map:
    """The map of (n, p) rows; the same seed gives the same."""
    if method == "auto":
        method = "umap" if len(rows) > MANY and find_spec("umap") else "tsne"
    if len(rows) < FEWEST or rows.shape[1] < 2 or not np.ptp(rows, 0).any():
        method = "pca"
    state = derive(seed, "map") % 2**32
    if method == "pca":
        return Map(method, _scaled(_first_two(rows)), len(rows))
    if method == "umap":
        return Map(method, _scaled(_umap(rows, state)), len(rows))
    marks = space.evenly(len(rows), ARRANGED)
    arranged = _scaled(_tsne(rows[marks], state))
    return Map(method, placed(rows, rows[marks], arranged), len(marks))


def placed(rows: Rows, marks: Rows, places: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 2) each row among its nearest landmarks; a landmark is at its own place. As a bundle does it."""
    near, which = nearest(rows, marks, min(PLACED_BY, len(marks)))
    scale = np.maximum(near.mean(1, keepdims=True), 1e-6)
    weights = np.exp(-near / scale)
    weights /= weights.sum(1, keepdims=True)
    found = (weights[:, :, None] * places[which]).sum(1)
    itself = near[:, 0] < SAME
    found[itself] = places[which[itself, 0]]
    return np.asarray(found, np.float32)


def nearest(rows: NDArray[Any], others: NDArray[Any], count: int) -> tuple[FloatArray, IntArray]:
    """(n, count) distances to the nearest of the others and which they are, the nearest first."""
    found = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(others)
    near, which = found.kneighbors(rows)
    return np.asarray(near, np.float64), np.asarray(which, np.int64)


def quality(rows: Rows, places: NDArray[np.float32]) -> Quality | None:
    """Of a map; None of so few rows that there are no neighbourhoods."""
    some = space.evenly(len(rows), MEASURED)
    if len(some) < 2 * NEIGHBOURS + 2:
        return None
    high, low = rows[some].astype(np.float64), places[some].astype(np.float64)
    trusted = trustworthiness(high, low, n_neighbors=NEIGHBOURS)
    continued = trustworthiness(low, high, n_neighbors=NEIGHBOURS)
    before, after = (nearest(one, one, NEIGHBOURS + 1)[1] for one in (high, low))
    both = [
        len({*one[1:]} & {*other[1:]}) for one, other in zip(before.tolist(), after.tolist(), strict=True)
    ]
    kept = np.mean(both)
    return Quality(float(trusted), float(continued), float(kept / NEIGHBOURS), len(some))


def _umap(rows: Rows, state: int) -> NDArray[np.float32]:
    with warnings.catch_warnings():  # it tells at each import what else could be installed
        warnings.simplefilter("ignore")
        umap = import_module("umap").UMAP(n_neighbors=min(15, len(rows) - 1), random_state=state, n_jobs=1)
        return np.asarray(umap.fit_transform(rows), np.float32)


def _tsne(rows: Rows, state: int) -> NDArray[np.float32]:
    perplexity = min(30.0, (len(rows) - 1) / 3)
    found = TSNE(perplexity=perplexity, init="pca", max_iter=ROUNDS, random_state=state, n_jobs=1)
    return np.asarray(found.fit_transform(rows), np.float32)


def _first_two(rows: Rows) -> NDArray[np.float32]:
    """(n, 2) the first two components, which are the rows' own; 0 where there is one only."""
    return np.pad(rows[:, :2], [(0, 0), (0, max(0, 2 - rows.shape[1]))])


def _scaled(places: NDArray[np.float32]) -> NDArray[np.float32]:
    middle = places - (places.max(0) + places.min(0)) / 2
    return np.asarray(middle / max(float(np.abs(middle).max()), 1e-12), np.float32)
