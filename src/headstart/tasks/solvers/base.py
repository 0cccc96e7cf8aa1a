"""The contract of a solver: the head on frozen features without any steps of training.

Notation: n examples, d feature width, k outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...cache import Array
from ...types import FloatArray, IntArray


@dataclass(frozen=True)
class LinearHead:
    """weight (k, d) and bias (k,) on raw features."""

    weight: FloatArray
    bias: FloatArray
    penalty: float
    left_out: float
    """How good ridge is on examples that are left out in turn: share that is right, or R² of values."""

    def outputs(self, features: Array) -> FloatArray:
        """(n, d) -> (n, k)."""
        return np.asarray(features, dtype=np.float64) @ self.weight.T + self.bias


class Solver(Protocol):
    """A module of `solvers/`."""

    def solve(self, features: Array, right: NDArray[Any], k: int, /) -> LinearHead:
        """The head for (n, d) features and what is right for (n,) examples; deterministic."""
        ...


def cross_validated(
    solver: Solver, features: FloatArray, right: NDArray[Any], k: int, fold: IntArray
) -> FloatArray:
    """(n, k) outputs for each example of a head that was solved without its fold.

    Args:
        solver: what solves it.
        features: (n, d).
        right: (n,) of each example.
        k: number of outputs.
        fold: (n,) of each example, at least two different ones (`data.cutting.stratified.folds`).
    """
    outputs = np.empty((len(right), k))
    for out in np.unique(fold):
        rest = fold != out
        outputs[~rest] = solver.solve(features[rest], right[rest], k).outputs(features[~rest])
    return outputs


def as_state(solved: LinearHead) -> dict[str, Tensor]:
    """The head as the state of a linear layer, float32."""
    return {
        "weight": torch.from_numpy(solved.weight).float(),
        "bias": torch.from_numpy(solved.bias).float(),
    }


def standardised(features: Array, floor: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(n, d) standardised features, and the (d,) mean and scale that were taken out.

    No scale is below `floor` of the mean one: a feature that hardly varies in few examples may vary wildly
    in the next one.
    """
    x = np.array(features, dtype=np.float64)
    mean = x.mean(0)
    x -= mean
    scale = np.sqrt(np.einsum("ij,ij->j", x, x) / len(x))
    scale = np.maximum(scale, max(floor * float(scale.mean()), 1e-12))
    x /= scale
    return x, mean, scale
