"""Several labels for each example, or none.

Notation: n examples, k labels, d feature width.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ...data.answers.label_sets import SPOKEN, as_said, names_in, set_of
from ...data.checks import unlearned
from ...errors import DataError
from ...preprocessing.base import Preprocess
from ...targets import Targets, of_one_kind
from ...types import NO_MAPS, Finding, FloatArray, IntArray, Maps, Source
from .base import Answer, Judged
from .head_labels import labels_of_head
from .named import learned

if TYPE_CHECKING:
    from ..modalities.base import Modality

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


class LabelSets(Answer):
    """The answer of `tasks/answers/base.py` for examples with sets of labels."""

    probable = True
    headed = "trained"
    correction = "classes"
    spoken = SPOKEN

    def targets(self, labels: Sequence[str]) -> Targets:
        """Sets of labels as texts (`data/answers/label_sets.py`)."""
        return of_one_kind(labels)

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """The labels that these rows have."""
        return learned(targets, rows, names_in)

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Labels that no training example has."""
        return unlearned(targets, sides, names_in)

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n, k) float32: 1 where an example has the label, else 0."""
        found = torch.zeros(len(targets.right), len(targets.categories))
        for row, numbers in enumerate(targets.members):
            found[row, list(numbers)] = 1.0
        return found

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, d) features to (n, k) log-odds."""
        return LabelHead(width, categories)

    def as_read(self, features: FloatArray) -> FloatArray:
        """Each row centred and scaled, as `LabelHead` does."""
        rows = torch.from_numpy(features)
        return F.layer_norm(rows, rows.shape[1:]).numpy()

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) binary cross entropy of log-odds (n, k), the mean over labels.

        Rare labels are not weighted up: probabilities then mean what they say, and 0.5 is even odds.
        """
        return F.binary_cross_entropy_with_logits(outputs, targets, reduction="none").mean(1)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Preprocess) -> NDArray[np.object_]:
        """(n,) the labels that are more likely than not, and how likely each is."""
        return said_of(model(inputs).detach().double().sigmoid().cpu().numpy(), labels_of_head(model))

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """The labels, which have to be some that there are, with `|` between; none is an empty list."""
        if not isinstance(right, list) or any(one not in categories for one in right):
            raise DataError("expected a list of the model's labels", f"they are {', '.join(categories)}")
        return json.dumps([name for name in categories if name in right], ensure_ascii=False)

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The labels of each example, and the probability of every label."""
        sets = map(set_of, outputs)
        return [{"labels": list(one.labels), "probabilities": dict(one.probabilities)} for one in sets]

    def unsure(self, outputs: NDArray[np.object_]) -> FloatArray:
        """Of the label that is nearest to even odds."""
        shares = [list(set_of(one).probabilities.values()) for one in outputs]
        return np.array([max((1 - abs(2 * share - 1) for share in some), default=0.0) for some in shares])

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, str]:
        """The example, its labels, and those that were given with their probabilities."""
        found = set_of(str(judged.given))
        said = [f"{name} ({found.probabilities.get(name, 1.0):.0%})" for name in found.labels]
        return {
            **modality.shown(judged.source, side),
            "label": ", ".join(set_of(str(judged.right)).labels) or "(no label)",
            "predicted": ", ".join(said) or "(no label)",
        }


def said_of(probabilities: FloatArray, labels: Sequence[str]) -> NDArray[np.object_]:
    """(n,) answers of probabilities (n, k): the labels that are more likely than not."""
    answers = [
        as_said(
            [name for name, value in zip(labels, row, strict=True) if value > SURE],
            dict(zip(labels, row, strict=True)),
        )
        for row in probabilities.tolist()
    ]
    return np.array(answers, dtype=object)
