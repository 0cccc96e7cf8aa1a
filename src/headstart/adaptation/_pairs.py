"""What contrastive tuning minimises, and the batches that it does so on.

Every text of a batch meets all others after one run of each: a step costs `SIZE` examples and SIZE x SIZE
cosines, however many pairs there are.

Notation: n examples, b of a batch, k classes, d feature width.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..runtime import derive
from ..types import IntArray
from .training.loop import Training

SIZE = 64
"""Examples of a batch at most."""
STEPS = (12, 60)
"""Fewest and most: 3 sqrt(n) between them."""
KEEP = "ema"
"""The candidate that is kept: half-way back to the base was not better on training rows held out."""


def steps_of(n: int) -> int:
    """Steps of a whole training on n examples."""
    return min(STEPS[1], max(STEPS[0], round(3 * math.sqrt(n))))


def shown(n: int) -> int:
    """Examples that all steps together run, at most."""
    return steps_of(n) * min(n, SIZE)


class Pairs:
    """Squared error of each pair's cosine against 1 (same label) or 0; both kinds weigh one half."""

    together = True

    def __init__(self, targets: IntArray) -> None:
        """`targets` are those of all examples."""
        self.targets = targets

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """Of (b, d) features; an example with itself is no pair."""
        unit = F.normalize(outputs.float(), dim=1)
        cosines, right = unit @ unit.T, self.targets[rows]
        other, same = rows[:, None] != rows, right[:, None] == right
        alike, unlike = (torch.from_numpy(kind).to(unit.device) for kind in (same & other, ~same))
        kinds = [(cosines[alike] - 1) ** 2, cosines[unlike] ** 2]
        return torch.stack([kind.mean() if len(kind) else cosines.sum() * 0 for kind in kinds]).mean()

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """The same; nothing is chosen by it."""
        return float(self.loss(outputs, rows))

    def batches(self, training: Training, epoch: int) -> list[IntArray]:
        """All rows at each step where they fit; else as many of each class, from as many as fit."""
        rows = training.train
        if len(rows) <= SIZE:
            return [rows] * steps_of(len(rows))
        draws = np.random.default_rng(derive(training.seed, "pairs", epoch))
        own = {label: rows[self.targets[rows] == label] for label in np.unique(self.targets[rows]).tolist()}
        each = max(2, SIZE // len(own))
        classes, decks = _dealt(list(own), draws), {label: _dealt(some, draws) for label, some in own.items()}
        return [
            np.unique(
                [
                    row
                    for label in islice(classes, min(len(own), SIZE // each))
                    for row in islice(decks[int(label)], min(each, len(own[int(label)])))
                ]
            )
            for _ in range(steps_of(len(rows)))
        ]


def _dealt(values: Any, draws: np.random.Generator) -> Iterator[Any]:
    """Each once in random order, then each once again, without end."""
    while True:
        yield from draws.permutation(values)
