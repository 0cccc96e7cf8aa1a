"""What tasks share whose examples have one label each.

Notation: n examples, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch.nn.functional as F
from scipy.special import softmax
from torch import Tensor, nn

from ...types import NO_MAPS, Architecture, FloatArray, IntArray, Maps, Preprocess, Source
from ..baselines.base import Dull, Majority, Neighbours
from ..scores.base import Score
from ..scores.classes import ACCURACY, BALANCED, CLASS_SCORES

if TYPE_CHECKING:
    from ...bench import Bench


class OneLabel:
    """Baselines, head, loss, metrics and answers of `tasks/base.py: Task`."""

    score: Score = ACCURACY
    measures = CLASS_SCORES
    uneven: str | None = BALANCED.name
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

    def metrics(self, outputs: FloatArray, targets: IntArray) -> dict[str, float]:
        """All of `tasks/scores/classes.py`, accuracy first."""
        return {score.name: score.value(outputs, targets) for score in self.measures}

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """Nothing: what was confused is shown instead."""
        return {}

    def decode(
        self, outputs: FloatArray, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """The likeliest label of each image, its probability, and those of all labels."""
        probabilities = softmax(outputs.astype(np.float64), axis=1)
        return [
            {
                "label": labels[int(row.argmax())],
                "probability": float(row.max()),
                "probabilities": dict(zip(labels, row.tolist(), strict=True)),
            }
            for row in probabilities
        ]
