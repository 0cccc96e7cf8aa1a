"""The head on frozen features: exact leave-one-out ridge picks the penalty, logistic regression finishes.

Notation: n examples, d feature width, k classes, r = min(n, d) principal directions, w example weights.

1. Features are standardised, then rotated into their r principal directions (one decomposition).
2. Ridge regression on one-hot targets, weighted so that every class counts the same. With the hat
   matrix H of the weighted fit, the leave-one-out residual is r_i / (1 - H_ii) exactly, for any
   penalty, from that one decomposition (Allen's PRESS, 1974). 30 penalties cost next to nothing.
3. Multinomial logistic regression by L-BFGS, started from the ridge solution, in the rotated and
   scaled directions, where the problem is well conditioned.
The standardisation is folded into the weights: the head is one plain linear layer on raw features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from torch import Tensor

from ..types import FloatArray, IntArray

PENALTIES = np.logspace(-3, 1, 30)
"""Ridge penalties per example and per feature; below, few examples that are separable ask for certainty."""
FLOOR = 1.0
"""Of the mean deviation: a feature that hardly varies in few examples may vary wildly in the next one."""
LOGISTIC_SHARE = 0.05
"""Logistic penalty over ridge penalty: the curvature of the logistic loss, p(1 - p), is that much smaller."""


@dataclass(frozen=True)
class LinearHead:
    """weight (k, d) and bias (k,) on raw features."""

    weight: FloatArray
    bias: FloatArray
    penalty: float
    loo_accuracy: float
    """Share of the examples that ridge gets right when each is left out in turn."""

    def outputs(self, features: FloatArray) -> FloatArray:
        """(n, d) -> (n, k)."""
        return np.asarray(features, dtype=np.float64) @ self.weight.T + self.bias


@dataclass(frozen=True)
class Ridge:
    """The leave-one-out sweep: the best penalty and its fit in the rotated directions."""

    penalty: float
    outputs: FloatArray
    """(n, k) leave-one-out predictions at the best penalty."""
    weight: FloatArray
    """(r, k)."""
    bias: FloatArray


def class_weights(targets: IntArray, k: int) -> FloatArray:
    """(n,) weights with mean 1 that give every class that occurs the same total."""
    counts = np.bincount(targets, minlength=k)
    per_class = 1.0 / np.maximum(counts, 1)
    weights = per_class[targets]
    return np.asarray(weights / weights.mean())


def solve(features: FloatArray, targets: IntArray, k: int) -> LinearHead:
    """The head for (n, d) features and (n,) targets in 0..k-1; deterministic."""
    x = np.asarray(features, dtype=np.float64)
    mean, scale = x.mean(0), x.std(0)
    scale = np.maximum(scale, max(FLOOR * float(scale.mean()), 1e-12))
    weights = class_weights(targets, k)
    rotated, rotation = _rotate((x - mean) / scale)
    ridge = leave_one_out(rotated, targets, k, weights, PENALTIES * x.size)
    weight, bias = _logistic(rotated, targets, k, weights, ridge)
    loo = float((ridge.outputs.argmax(1) == targets).mean())
    raw = (rotation @ weight).T / scale
    return LinearHead(raw, bias - raw @ mean, ridge.penalty, loo)


def as_state(solved: LinearHead) -> dict[str, Tensor]:
    """The head as the state of a linear layer, float32."""
    return {
        "weight": torch.from_numpy(solved.weight).float(),
        "bias": torch.from_numpy(solved.bias).float(),
    }


def leave_one_out(
    x: FloatArray, targets: IntArray, k: int, weights: FloatArray, penalties: FloatArray
) -> Ridge:
    """The penalty of least weighted leave-one-out squared error, and the fit there.

    Args:
        x: (n, r) features.
        targets: (n,) class of each.
        k: number of classes.
        weights: (n,) with mean 1.
        penalties: to choose from, on squared weights, beside the weighted sum of squared errors.
    """
    n = len(x)
    one_hot = np.eye(k)[targets]
    center, middle = weights @ x / n, weights @ one_hot / n
    root = np.sqrt(weights)[:, None]
    u, s, vt = np.linalg.svd(root * (x - center), full_matrices=False)
    projected = u.T @ (root * (one_hot - middle))
    best: tuple[float, float, FloatArray, FloatArray] | None = None
    for penalty in penalties:
        shrink = s**2 / (s**2 + penalty)
        fitted = (u * shrink) @ projected / root + middle
        leverage = (u**2) @ shrink + weights / n
        loo = one_hot - (one_hot - fitted) / np.maximum(1 - leverage, 1e-9)[:, None]
        error = float((weights[:, None] * (one_hot - loo) ** 2).mean())
        if best is None or error < best[0]:
            best = (error, float(penalty), loo, vt.T @ ((s / (s**2 + penalty))[:, None] * projected))
    assert best is not None  # there is at least one
    _, penalty, loo, weight = best
    return Ridge(penalty, loo, weight, middle - center @ weight)


def _rotate(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n, d) -> (n, r) principal coordinates and the (d, r) rotation."""
    gram = x @ x.T if len(x) <= x.shape[1] else x.T @ x
    values, vectors = np.linalg.eigh(gram)
    keep = values > max(values.max(initial=0.0), 1e-12) * 1e-10
    values, vectors = values[keep], vectors[:, keep]
    if len(x) > x.shape[1]:
        return x @ vectors, vectors
    return vectors * np.sqrt(values), x.T @ (vectors / np.sqrt(values))


def _logistic(
    x: FloatArray, targets: IntArray, k: int, weights: FloatArray, ridge: Ridge
) -> tuple[FloatArray, FloatArray]:
    """Weight (r, k) and bias (k,) of penalised, weighted multinomial logistic regression."""
    n, r = x.shape
    penalty = ridge.penalty * LOGISTIC_SHARE
    # one unit along a scaled direction changes the loss about as much as along any other
    unit = 1 / np.sqrt((x**2).sum(0) / 4 + penalty) * np.sqrt(n)
    scaled = x * unit
    one_hot = np.eye(k)[targets]

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        weight, bias = flat[: r * k].reshape(r, k), flat[r * k :]
        outputs = scaled @ weight + bias
        value = -(weights * log_softmax(outputs, axis=1)[np.arange(n), targets]).sum()
        value += penalty / 2 * ((unit[:, None] * weight) ** 2).sum()
        slope = weights[:, None] * (softmax(outputs, axis=1) - one_hot)
        gradient = scaled.T @ slope + penalty * unit[:, None] ** 2 * weight
        return float(value / n), np.concatenate([gradient.ravel(), slope.sum(0)]) / n

    start = np.concatenate([(ridge.weight / unit[:, None]).ravel(), ridge.bias])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300, "gtol": 1e-6}).x
    return unit[:, None] * found[: r * k].reshape(r, k), found[r * k :]
