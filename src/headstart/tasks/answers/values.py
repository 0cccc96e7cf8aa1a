"""A number for each example.

Notation: n examples, d feature width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ...errors import DataError
from ...preprocessing.base import Preprocess
from ...targets import Targets
from ...types import NO_MAPS, Finding, FloatArray, IntArray, Maps, Source
from ..solvers import values
from ..solvers.base import LinearHead, as_state
from .base import Answer, Judged

if TYPE_CHECKING:
    from ..modalities.base import Modality

CATEGORIES = ("value",)
MOST_KINDS, OF_A_KIND = 5, 10
"""Ranges of values that splits take from alike, and examples of one, at least."""


class ValueHead(nn.Linear):
    """(n, d) features to (n, 1) values; its weights are those of values of mean 0 and spread 1."""

    mean: Tensor
    spread: Tensor

    def __init__(self, width: int) -> None:
        super().__init__(width, 1)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("spread", torch.ones(()))

    def forward(self, features: Tensor) -> Tensor:
        return self.mean + self.spread * super().forward(features)


class Values(Answer):
    """The answer of `tasks/answers/base.py` for examples with a number each."""

    headed = "solved"
    solver = values
    correction = "number"

    def targets(self, labels: Sequence[str]) -> Targets:
        """The numbers, and ranges of them that hold about as many examples each: splits are cut by these.

        Raises:
            DataError: a label is no number.
        """
        try:
            right = np.array([float(label) for label in labels])
        except ValueError as error:
            raise DataError(f"an answer is no number: {error}", "give a number for each example") from None
        return _in_ranges(right, np.arange(len(right)))

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """With the ranges of these rows: what is chosen by them afterwards knows no value of the test split.

        Raises:
            DataError: all these rows have one value.
        """
        if len(rows) and np.ptp(targets.right[rows]) == 0:
            raise DataError(
                f"nothing to learn: all training examples have the value {targets.right[rows[0]]:g}",
                "check that the column of values is the right one",
            )
        return _in_ranges(targets.right, rows)

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Values of the other sides that lie outside of those of training."""
        low, high = targets.right[sides["train"]].min(), targets.right[sides["train"]].max()
        others = np.concatenate([targets.right[rows] for side, rows in sides.items() if side != "train"])
        outside = others[(others < low) | (others > high)]
        if not len(outside):
            return []
        told = "1 value lies" if len(outside) == 1 else f"{len(outside)} values lie"
        message = f"{told} outside of those of training, {low:g} to {high:g}"
        return [Finding("unlearned", message, tuple(f"{value:g}" for value in outside))]

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n, 2) float32: the value, and the spread of training."""
        spread = max(float(np.std(targets.right[train])), 1e-12)
        return torch.tensor([[value, spread] for value in targets.right], dtype=torch.float32)

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, d) features to (n, 1) values; it starts with the mean of training."""
        return ValueHead(width)

    def begun(self, head: nn.Module, right: FloatArray) -> None:
        """Its mean and spread are those of training."""
        assert isinstance(head, ValueHead)
        head.mean.fill_(float(right.mean()))
        head.spread.fill_(max(float(right.std()), 1e-12))

    def as_state(self, head: nn.Module, solved: LinearHead) -> dict[str, Tensor]:
        """A solved head as the state of one of this mean and spread."""
        assert isinstance(head, ValueHead)
        mean, spread = float(head.mean), float(head.spread)
        own = LinearHead(solved.weight / spread, (solved.bias - mean) / spread, 0.0, solved.left_out)
        return as_state(own)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) squared errors, in squares of the spread."""
        return ((outputs[:, 0] - targets[:, 0]) / targets[:, 1]) ** 2

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Preprocess) -> FloatArray:
        """(n, 1) values."""
        return np.asarray(model(inputs).double().cpu().numpy())

    def decode(
        self, outputs: FloatArray, categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The value of each example."""
        return [{"value": float(value)} for value in np.asarray(outputs).reshape(len(outputs))]

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """The number."""
        number = float(right) if isinstance(right, int | float) and not isinstance(right, bool) else np.nan
        if not np.isfinite(number):
            raise DataError("expected a number", "as 3.5")
        return f"{number:.15g}"

    def as_text(self, answer: object) -> str:
        """A value in a few digits."""
        return f"{float(np.asarray(answer).reshape(())):.6g}"

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, str]:
        """The example, its value and the one that was given."""
        shown = modality.shown(judged.source, side // 2)
        return {**shown, "label": self.as_text(judged.right), "predicted": self.as_text(judged.given)}

    def evidence(self, right: FloatArray, given: FloatArray) -> dict[str, object]:
        """Every tested value beside the given one."""
        pairs = zip(right.tolist(), np.asarray(given).reshape(len(right)).tolist(), strict=True)
        return {"values": [{"right": one, "given": other} for one, other in pairs]}


def _in_ranges(right: FloatArray, rows: IntArray) -> Targets:
    """(n,) values as targets, in ranges that hold about as many of these rows each."""
    some = right[rows]
    many = int(np.clip(len(some) // OF_A_KIND, 1, MOST_KINDS))
    inside = np.quantile(some, np.arange(1, many) / many, method="nearest") if len(some) else some
    edges = np.unique(inside[inside > some.min()]) if len(some) else some
    strata = np.searchsorted(edges, right, side="right").astype(np.int64)
    kinds = [_range(right[strata == number]) for number in range(len(edges) + 1)]
    return Targets(right, strata, tuple(kinds), CATEGORIES)


def _range(some: FloatArray) -> str:
    return f"{some.min():g} to {some.max():g}" if len(some) else "none"
