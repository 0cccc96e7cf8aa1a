"""The head on frozen features: exact leave-one-out ridge picks the penalty, logistic regression finishes.

Notation: n examples, d feature width, k classes, r principal directions, w example weights.

1. Features are standardised, then weighted so that every class counts the same.
2. Ridge regression on one-hot targets for 30 penalties, the best by leaving each example out (`ridge.py`).
3. Multinomial logistic regression by L-BFGS along the same directions. It starts at the best multiple of
   the ridge solution and measures steps by the curvature there: direction and class each have their own.
   The outputs of a step are known for every step length from one product, so its length is searched for
   free, and each step costs two products with the features.
The standardisation is folded into the weights: the head is one plain linear layer on raw features.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from ...cache import Array
from ...types import FloatArray, IntArray
from .base import LinearHead, standardised
from .ridge import Directions, Ridge, leave_one_out, rotate

PENALTIES = np.logspace(-3, 1, 30)
"""Ridge penalties per example and per feature; below, few examples that are separable ask for certainty."""
FLOOR = 1.0
"""Of the mean deviation: a feature that hardly varies in few examples may vary wildly in the next one."""
LOGISTIC_SHARE = 0.05
"""Logistic penalty over ridge penalty: the curvature of the logistic loss, p(1 - p), is that much smaller."""
TOLERANCE = 1e-9
"""Nats per example that another step may gain when the search ends; probabilities then move by some 1e-5."""
MAX_STEPS = 1000
SEARCHES = 50
"""Step lengths tried for one step; two are usual."""
MEMORY = 10
"""Last steps that the curvature is learned from."""
_Pairs = deque[tuple[FloatArray, FloatArray]]
"""Steps and the changes of the gradient along them."""


def class_weights(targets: IntArray, k: int) -> FloatArray:
    """(n,) weights with mean 1 that give every class that occurs the same total."""
    counts = np.bincount(targets, minlength=k)
    per_class = 1.0 / np.maximum(counts, 1)
    weights = per_class[targets]
    return np.asarray(weights / weights.mean())


def solve(features: Array, targets: IntArray, k: int) -> LinearHead:
    """The head for (n, d) features and (n,) targets in 0..k-1; deterministic."""
    standard, mean, scale = standardised(features, FLOOR)
    directions, ridge = _sweep(standard, targets, k)
    weight, bias = directions.unrotated(_logistic(directions, targets, k, ridge))
    raw = weight / scale
    return LinearHead(raw, bias - raw @ mean, ridge.penalty, float(_right(ridge, targets).mean()))


def left_out_right(
    features: FloatArray, targets: IntArray, k: int, units: IntArray | None = None
) -> FloatArray:
    """(n,) 1 where ridge gets the example right when its unit is left out, else 0: no logistic regression."""
    return _right(_sweep(standardised(features, FLOOR)[0], targets, k, units)[1], targets)


def _sweep(
    standard: FloatArray, targets: IntArray, k: int, units: IntArray | None = None
) -> tuple[Directions, Ridge]:
    directions = rotate(standard, class_weights(targets, k))
    return directions, leave_one_out(directions, np.eye(k)[targets], PENALTIES * standard.size, units)


def _right(ridge: Ridge, targets: IntArray) -> FloatArray:
    return np.asarray(ridge.outputs.argmax(1) == targets, dtype=np.float64)


@dataclass(frozen=True)
class _Place:
    """One point of the search."""

    weight: FloatArray
    """(r + 1, k)."""
    outputs: FloatArray
    """(n, k)."""
    odds: FloatArray
    """(n, k) their softmax."""
    gradient: FloatArray
    """(r + 1, k)."""


@dataclass(frozen=True)
class _Loss:
    """Weighted cross-entropy of (n, k) outputs and penalty of (r + 1, k) weights, in nats."""

    directions: Directions
    one_hot: FloatArray
    penalty: FloatArray
    """(r + 1, 1)."""

    def start(self) -> _Place:
        """Even odds."""
        zero = np.zeros_like(self.one_hot)
        return self._at(np.zeros((len(self.penalty), zero.shape[1])), zero, _softmax(zero))

    def curvature(self, odds: FloatArray) -> FloatArray:
        """(r + 1, k) second derivatives, as if all examples had their class's mean p(1 - p)."""
        spread = (self.directions.root**2 * odds * (1 - odds)).mean(0)
        return np.asarray(self.directions.squares[:, None] * np.maximum(spread, 1e-9) + self.penalty)

    def step(self, place: _Place, direction: FloatArray) -> _Place:
        """The least loss on the line through the place."""
        moved = self.directions.scores @ direction / self.directions.root
        length, odds = self._search(place, direction, moved)
        return self._at(place.weight + length * direction, place.outputs + length * moved, odds)

    def _at(self, weight: FloatArray, outputs: FloatArray, odds: FloatArray) -> _Place:
        slope = self.directions.root * (odds - self.one_hot)
        return _Place(weight, outputs, odds, self.directions.scores.T @ slope + self.penalty * weight)

    def _search(self, place: _Place, direction: FloatArray, moved: FloatArray) -> tuple[float, FloatArray]:
        """Step length where the slope along the line is a tenth of what it was, and the odds there.

        The loss is convex: Newton's method, and halving where that leaves the interval with the minimum.
        """
        weighted, stiff = self.directions.root**2 * moved, self.penalty * direction
        pull, stiffness = np.vdot(stiff, place.weight), np.vdot(stiff, direction)
        enough = 0.1 * abs(np.vdot(place.gradient, direction))
        low, high, length = 0.0, np.inf, 1.0
        for _ in range(SEARCHES):
            odds = _softmax(place.outputs + length * moved)
            slope = np.vdot(weighted, odds - self.one_hot) + pull + length * stiffness
            mean = np.einsum("nk,nk->n", odds, moved)
            bend = np.vdot(weighted, odds * (moved - mean[:, None])) + stiffness
            if abs(slope) <= enough or bend <= 0:
                break
            low, high = (length, high) if slope < 0 else (low, length)
            limit, newton = min(high, 4 * length), length - slope / bend
            length = newton if low < newton < limit else (low + limit) / 2
        return length, odds


def _logistic(directions: Directions, targets: IntArray, k: int, ridge: Ridge) -> FloatArray:
    """(r + 1, k) weight of penalised, weighted multinomial logistic regression on the directions."""
    penalised = directions.penalised[:, None]
    loss = _Loss(directions, np.eye(k)[targets], ridge.penalty * LOGISTIC_SHARE * penalised)
    place = loss.step(loss.start(), ridge.weight * penalised)
    metric, learned = loss.curvature(place.odds), _Pairs(maxlen=MEMORY)
    for _ in range(MAX_STEPS):
        if (place.gradient**2 / metric).sum() < TOLERANCE * len(targets):
            break
        then = loss.step(place, _descent(place.gradient, metric, learned))
        learned.append((then.weight - place.weight, then.gradient - place.gradient))
        place = then
    # the same added to all intercepts changes nothing: settle it
    return np.asarray(place.weight - (1 - penalised) * place.weight.mean(1, keepdims=True))


def _softmax(outputs: FloatArray) -> FloatArray:
    odds = np.exp(outputs - outputs.max(1, keepdims=True))
    odds /= odds.sum(1, keepdims=True)
    return np.asarray(odds)


def _descent(gradient: FloatArray, metric: FloatArray, learned: _Pairs) -> FloatArray:
    """The limited-memory BFGS direction (Nocedal and Wright, algorithm 7.4), in the metric."""
    direction, shares = -gradient, list[float]()
    for step, change in reversed(learned):
        shares.append(float(np.vdot(step, direction) / np.vdot(step, change)))
        direction -= shares[-1] * change
    direction /= metric
    if learned:
        step, change = learned[-1]
        direction *= np.vdot(step, change) / np.vdot(change / metric, change)
    for (step, change), share in zip(learned, reversed(shares), strict=True):
        direction += (share - np.vdot(change, direction) / np.vdot(step, change)) * step
    return np.asarray(direction)
