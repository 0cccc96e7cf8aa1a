"""Exact leave-one-out ridge regression for many penalties from one decomposition.

Notation: n examples, d feature width, k classes, w example weights with mean 1, r principal directions.

1. The features are centred and weighted, sqrt(w) * (x - center), and rotated into their principal
   directions by one symmetric eigenproblem of the smaller side, min(n, d). The intercept is one more
   direction, sqrt(w) itself: it is orthogonal to all others, and no penalty applies to it.
2. There, ridge regression is a division for each direction, for any penalty. With the hat matrix H
   of the weighted fit the leave-one-out residual is r_i / (1 - H_ii) exactly (Allen's PRESS, 1974).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...types import FloatArray, IntArray

SMALLEST = 1e-10
"""Squared length, relative to the longest, below which a direction is rounding error."""
COLUMNS = 256
"""Fits in one matrix product: enough to be fast, few enough to be small beside the features."""


@dataclass(frozen=True)
class Directions:
    """Weighted features along r principal directions and the intercept, which is the last."""

    design: FloatArray
    """(n, d) sqrt(w) * (x - center)."""
    center: FloatArray
    """(d,) weighted mean."""
    scores: FloatArray
    """(n, r + 1) coordinates; the columns are orthogonal."""
    squares: FloatArray
    """(r + 1,) squared lengths of the columns."""

    @property
    def root(self) -> FloatArray:
        """(n, 1) square roots of the example weights."""
        return self.scores[:, -1:]

    @property
    def penalised(self) -> FloatArray:
        """(r + 1,) 1 for a direction, 0 for the intercept."""
        return np.append(np.ones(len(self.squares) - 1), 0.0)

    def unrotated(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(r + 1, k) weight on the directions to (k, d) weight and (k,) bias on the features."""
        inside = weight[:-1] / self.squares[:-1, None]
        on_features = (self.scores[:, :-1] @ inside).T @ self.design
        return on_features, weight[-1] - on_features @ self.center


@dataclass(frozen=True)
class Ridge:
    """The leave-one-out sweep: the best penalty and its fit."""

    penalty: float
    outputs: FloatArray
    """(n, k) leave-one-out predictions at the best penalty."""
    weight: FloatArray
    """(r + 1, k) on the directions, fitted to all examples."""


def rotate(x: FloatArray, weights: FloatArray) -> Directions:
    """(n, d) features and (n,) weights with mean 1 to their principal directions."""
    n, d = x.shape
    root, center = np.sqrt(weights)[:, None], weights @ x / n
    design = x - center
    design *= root
    values, vectors = np.linalg.eigh(design @ design.T if n <= d else design.T @ design)
    first = int(np.searchsorted(values, max(values[-1], 1e-12) * SMALLEST, side="right"))
    values, vectors = values[first:], vectors[:, first:]
    along = vectors * np.sqrt(values) if n <= d else design @ vectors
    return Directions(design, center, np.hstack([along, root]), np.append(values, n))


def leave_one_out(
    directions: Directions, right: FloatArray, penalties: FloatArray, units: IntArray | None = None
) -> Ridge:
    """The penalty of least weighted leave-one-out squared error, and the fit there.

    Of a unit of several examples, which are left out together, the block of I - H takes the place of
    1 - H_ii.

    Args:
        directions: of the features and their weights.
        right: (n, k) what is right: one-hot classes, or values.
        penalties: to choose from, on squared weights, beside the weighted sum of squared errors.
        units: (n,) equal for examples that are left out together; None: each is alone.
    """
    wanted = directions.root * right
    projected = directions.scores.T @ wanted
    shrink = 1 / (directions.squares[:, None] + directions.penalised[:, None] * penalties)
    kept = np.maximum(1 - np.square(directions.scores) @ shrink, 1e-9)
    together = _together(units)

    def left(fit: FloatArray, place: int) -> FloatArray:
        """(n, k) residuals of each example as it is told without its unit."""
        inside = wanted - fit
        found = inside / kept[:, place, None]
        for rows in together:
            some = directions.scores[rows]
            block = (1 + 1e-9) * np.eye(len(rows)) - (some * shrink[:, place]) @ some.T
            found[rows] = np.linalg.solve(block, inside[rows])
        return found

    fits = _fits(directions.scores, projected, shrink)
    best = int(np.argmin([(left(fit, place) ** 2).sum() for place, fit in enumerate(fits)]))
    weight = shrink[:, best, None] * projected
    residual = left(directions.scores @ weight, best)
    return Ridge(float(penalties[best]), (wanted - residual) / directions.root, weight)


def _together(units: IntArray | None) -> list[IntArray]:
    """The rows of each unit that has several."""
    if units is None:
        return []
    order = np.argsort(units, kind="stable")
    return [rows for rows in np.split(order, np.flatnonzero(np.diff(units[order])) + 1) if len(rows) > 1]


def _fits(scores: FloatArray, projected: FloatArray, shrink: FloatArray) -> Iterator[FloatArray]:
    """(n, k) weighted fitted values for each column of `shrink`, many columns in one product."""
    k = projected.shape[1]
    together = max(1, COLUMNS // k)
    for start in range(0, shrink.shape[1], together):
        some = shrink[:, start : start + together]
        product = scores @ (some[:, :, None] * projected[:, None, :]).reshape(len(some), -1)
        yield from product.reshape(len(scores), -1, k).swapaxes(0, 1)
