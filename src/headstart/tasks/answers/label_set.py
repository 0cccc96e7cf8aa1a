"""A head that says of each label how likely a text has it, and the answers that it gives.

Notation: n texts, k labels, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ...data.answers.label_sets import as_said
from ...types import FloatArray

SURE = 0.5
"""A label whose probability is above is said."""


class LabelHead(nn.Linear):
    """(n, d) features to (n, k) log-odds; it starts with even odds.

    Each row of features is centred and scaled first: bases differ in the size of their features by a
    hundred times, and one learning rate has to do for all.
    """

    def __init__(self, width: int, labels: Sequence[str]) -> None:
        super().__init__(width, len(labels))
        self.labels = tuple(labels)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(F.layer_norm(features, (self.in_features,)))


def label_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """(n,) binary cross entropy of log-odds (n, k), the mean over labels.

    Rare labels are not weighted up: probabilities then mean what they say, and 0.5 is even odds.
    """
    return F.binary_cross_entropy_with_logits(outputs, targets, reduction="none").mean(1)


def said_of(probabilities: FloatArray, labels: Sequence[str]) -> NDArray[Any]:
    """(n,) answers of probabilities (n, k): the labels that are more likely than not."""
    answers = [
        as_said(
            [name for name, value in zip(labels, row, strict=True) if value > SURE],
            dict(zip(labels, row, strict=True)),
        )
        for row in probabilities.tolist()
    ]
    return np.array(answers, dtype=object)
