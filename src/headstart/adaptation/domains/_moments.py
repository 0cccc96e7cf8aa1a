"""Means and covariances of two domains, in the directions that their rows span.

Notation: n source rows, m target rows, d feature width, r directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...tasks.solvers.directions import principal
from ...types import FloatArray

SHRUNK = 0.1
"""Of the mean variance, added to every direction: few rows make covariances that are not to be inverted."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Of both domains."""

    source_mean: FloatArray
    """(d,)."""
    target_mean: FloatArray
    """(d,)."""
    directions: FloatArray | None
    """(d, r) orthonormal, where the rows span fewer than d; None: the features' own."""
    source: FloatArray
    """(r, r) covariance."""
    target: FloatArray
    """(r, r)."""

    @classmethod
    def of(cls, source: FloatArray, target: FloatArray) -> Moments:
        """Those of (n, d) and (m, d) rows."""
        means = source.mean(0), target.mean(0)
        centred = source - means[0], target - means[1]
        directions = None
        if source.shape[1] > len(source) + len(target):
            directions = spanned(np.concatenate(centred))
            centred = centred[0] @ directions, centred[1] @ directions
        return cls(*means, directions, *map(_covariance, centred))

    @cached_property
    def source_root(self) -> FloatArray:
        """(r, r) the source's covariance to the power of a half."""
        return power(self.source, 0.5)

    @cached_property
    def whitening(self) -> FloatArray:
        """(r, r) the same to minus a half."""
        return power(self.source, -0.5)

    def moved(self, rows: FloatArray, matrix: FloatArray) -> FloatArray:
        """Source rows (n, d) with their shape changed by (r, r), around the mean of the target."""
        centred = rows - self.source_mean
        if self.directions is not None:
            centred = centred @ self.directions @ matrix @ self.directions.T
        else:
            centred = centred @ matrix
        return np.asarray(centred + self.target_mean)


def power(matrix: FloatArray, exponent: float) -> FloatArray:
    """A power of a symmetric positive matrix (r, r)."""
    squares, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(squares, 1e-12) ** exponent) @ vectors.T)


def _covariance(centred: FloatArray) -> FloatArray:
    found = centred.T @ centred / len(centred)
    found[np.diag_indices_from(found)] += SHRUNK * max(float(np.trace(found)), 1e-12) / len(found)
    return np.asarray(found)


def spanned(rows: FloatArray) -> FloatArray:
    """(d, r) an orthonormal basis of what (n, d) rows span, not all of them zero."""
    coordinates, squares = principal(rows)
    return np.asarray(rows.T @ coordinates / squares)


def carried(moments: Moments, rows: FloatArray) -> FloatArray:
    """Source rows (n, d) after linear optimal transport to the target (`linear_ot.py`)."""
    root, inverse = moments.source_root, moments.whitening
    return moments.moved(rows, inverse @ power(root @ moments.target @ root, 0.5) @ inverse)
