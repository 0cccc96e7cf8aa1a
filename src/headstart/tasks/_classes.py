"""What tasks share whose examples have one label each.

Notation: n examples, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn

from ..types import NO_MAPS, Architecture, FloatArray, IntArray, Maps, Preprocess, Source
from ._dull import Dull, Majority, Neighbours

if TYPE_CHECKING:
    from ._bench import Bench


class OneLabel:
    """Baselines, head, loss, metrics and answers of `tasks/base.py: Task`."""

    metric = "accuracy"
    higher_is_better = True
    open_ended = False
    trained_head = False
    head_architecture: Architecture | None = None
    finest: int | None = None
    references = ("reinit", "scratch")
    raw: str
    """Name of the logistic regression on what the task calls raw."""

    @property
    def baselines(self) -> tuple[str, ...]:
        """In the order in which they are shown."""
        return "majority", self.raw, "knn"

    def fitted_raw(self, bench: Bench, train: IntArray) -> Dull:
        """That logistic regression."""
        raise NotImplementedError

    def dull(self, name: str, bench: Bench, train: IntArray) -> Dull:
        """One of the baselines, fitted on these rows."""
        if name == "knn":
            return Neighbours(bench, train)
        if name == "majority":
            return Majority(bench, train, lambda: self.fitted_raw(bench, train))
        return self.fitted_raw(bench, train)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Preprocess) -> FloatArray:
        """(n, k) what the head says."""
        return np.asarray(model(inputs).double().cpu().numpy())

    def head(self, width: int, labels: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """A linear layer (n, d) -> (n, k) that starts with even odds."""
        head = nn.Linear(width, len(labels))
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
        return head

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) cross entropy."""
        return F.cross_entropy(outputs, targets, reduction="none")

    def scores(self, outputs: FloatArray, targets: IntArray) -> FloatArray:
        """(n,) 1 where the likeliest class is the right one, else 0."""
        return np.asarray(np.nan_to_num(outputs).argmax(1) == targets, dtype=np.float64)

    def metrics(self, outputs: FloatArray, targets: IntArray) -> dict[str, float]:
        """Accuracy first; classes without an example here take no part in the balanced accuracy."""
        hits, guesses, truths = _counts(outputs, targets)
        there, seen = truths > 0, truths + guesses > 0
        return {
            "accuracy": float(self.scores(outputs, targets).mean()),
            "balanced_accuracy": float((hits[there] / truths[there]).mean()),
            "macro_f1": float((2 * hits[seen] / (truths + guesses)[seen]).mean()),
            "log_loss": float(-_log_softmax(outputs)[np.arange(len(targets)), targets].mean()),
        }

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """Nothing: what was confused is shown instead."""
        return {}

    def decode(
        self, outputs: FloatArray, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """The likeliest label of each image, its probability, and those of all labels."""
        probabilities = np.exp(_log_softmax(outputs))
        return [
            {
                "label": labels[int(row.argmax())],
                "probability": float(row.max()),
                "probabilities": dict(zip(labels, row.tolist(), strict=True)),
            }
            for row in probabilities
        ]


def _counts(outputs: FloatArray, targets: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(k,) right answers, guesses and examples of each class."""
    k, guesses = outputs.shape[1], outputs.argmax(1)
    hits = np.bincount(targets[guesses == targets], minlength=k)
    parts = (hits, np.bincount(guesses, minlength=k), np.bincount(targets, minlength=k))
    right, guessed, true = (part.astype(np.float64) for part in parts)
    return right, guessed, true


def _log_softmax(outputs: FloatArray) -> FloatArray:
    """(n, k) in float64, with the largest output subtracted first: nothing overflows."""
    shifted = outputs.astype(np.float64) - outputs.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))
