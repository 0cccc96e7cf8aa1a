"""Features of a base as short rows of length 1: the space that clusters, maps and distances are in.

Length 1, principal components, length 1 again. The components keep their own spread: to make them all equal
(whitening) lifts noise, and clusters of photographs are then lost.

Notation: n examples, d feature width, p components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from ..types import IntArray

Rows = NDArray[np.float32]
COMPONENTS = 50
MOST = 10_000
"""Rows that the components are found on, evenly spread."""
WIDE = 2_048
"""Features above which the last components are only nearly right: exact ones take the cube of so many."""
NOTHING = 1e-6
"""Rows shorter than this have no direction, and stay 0."""


@dataclass(frozen=True)
class Space:
    """From features to short rows."""

    centre: Rows
    """(d,) subtracted from rows of length 1."""
    axes: Rows
    """(d, p)."""

    def __call__(self, features: NDArray[Any]) -> Rows:
        """(n, p) rows of length 1, of (n, d) features; of what lies in the centre, 0."""
        return unit((unit(features) - self.centre) @ self.axes)


def fit(features: NDArray[Any], exact: bool = True) -> Space:
    """The space of (n, d) features; without `exact` its last components are only nearly right."""
    some = unit(features[evenly(len(features), MOST)])
    most = max(1, min(COMPONENTS, len(some) - 1, some.shape[1]))
    solver = "randomized" if not exact or some.shape[1] > WIDE else "covariance_eigh"
    found = PCA(most, svd_solver=solver, random_state=0).fit(some)
    real = found.explained_variance_ > NOTHING**2
    axes = found.components_[real] if real.any() else np.zeros((1, some.shape[1]))
    return Space(_plain(found.mean_), _plain(axes.T))


def unit(rows: NDArray[Any]) -> Rows:
    """Rows of length 1, float32; those without a direction are 0."""
    plain = _plain(rows)
    length = np.sqrt(np.square(plain).sum(1, keepdims=True))
    return _plain(plain / np.where(length > NOTHING, length, np.inf))


def evenly(n: int, most: int) -> IntArray:
    """At most so many of n rows, evenly spread: examples lie in the order of their hashes, which is none."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)


def _plain(values: NDArray[Any]) -> Rows:
    return np.ascontiguousarray(values, dtype=np.float32)
