"""Features in their principal directions: where n < d, and often, that is far fewer numbers.

Notation: n examples, d feature width, r directions.
"""

from __future__ import annotations

import numpy as np

from ...types import FloatArray

SMALLEST = 1e-10
"""Squared length, relative to the longest, below which a direction is rounding error."""


def principal(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n, d) features, not all zero, to (n, r) coordinates and the (r,) squared lengths of their columns.

    One symmetric eigenproblem of the smaller side.
    """
    n, d = x.shape
    squares, vectors = np.linalg.eigh(x @ x.T if n <= d else x.T @ x)
    real = squares > squares[-1] * SMALLEST
    squares, vectors = squares[real], vectors[:, real]
    return (vectors * np.sqrt(squares) if n <= d else x @ vectors), squares
