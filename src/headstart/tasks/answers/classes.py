"""One class of a few for each example.

Notation: n examples, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import softmax
from torch import Tensor, nn

from ...data.checks import balance
from ...data.label_names import ONE_NAME
from ...errors import DataError
from ...preprocessing.base import Preprocess
from ...targets import Targets, of_classes
from ...types import NO_MAPS, Finding, FloatArray, IntArray, Maps, Source
from ..solvers import linear
from .base import Answer

if TYPE_CHECKING:
    from ...bases.base import Base


@dataclass(frozen=True)
class BaseUse:
    """How a base is used for examples of one kind, where that is not as it was made for."""

    framed: Callable[[Any], Any]
    """A base's preprocessing to that of the task."""
    read_by: Callable[[Base], Base]
    """The base to what the head reads."""


class Classes(Answer):
    """The answer of `tasks/answers/base.py` for examples with one class each."""

    classes = True
    probable = True
    headed = "solved"
    solver = linear
    correction = "class"
    spoken = ONE_NAME

    def __init__(self, use: BaseUse | None = None) -> None:
        self.use = use

    def framed(self, preprocess: Any) -> Any:
        """As a base is used for the examples."""
        return self.use.framed(preprocess) if self.use else preprocess

    def read_by(self, base: Base) -> Base:
        """As a base is used for the examples."""
        return self.use.read_by(base) if self.use else base

    def targets(self, labels: Sequence[str]) -> Targets:
        """The classes are the labels, sorted."""
        names = sorted(set(labels))
        number = {name: index for index, name in enumerate(names)}
        return of_classes(np.array([number[label] for label in labels], dtype=np.int64), names)

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """How uneven the classes are in training, and which have hardly any example."""
        return balance(targets, sides["train"])

    def known(self, labels: Sequence[str], categories: Sequence[str]) -> IntArray:
        """(n,) their numbers among the categories."""
        unknown = sorted(set(labels) - set(categories))
        if unknown:
            raise DataError(
                f"the bundle does not know the label {unknown[0]!r}",
                f"its labels are {', '.join(categories)}",
            )
        return np.array([list(categories).index(label) for label in labels], dtype=np.int64)

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n,) the numbers of the classes."""
        return torch.from_numpy(targets.right)

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """A linear layer (n, d) -> (n, k) that starts with even odds."""
        head = nn.Linear(width, len(categories))
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
        return head

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) cross entropy."""
        return F.cross_entropy(outputs, targets, reduction="none")

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Preprocess) -> FloatArray:
        """(n, k) what the head says."""
        return np.asarray(model(inputs).double().cpu().numpy())

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """The class, which has to be one that there is."""
        if not isinstance(right, str) or right not in categories:
            raise DataError("expected one of the model's labels", f"they are {', '.join(categories)}")
        return right

    def decode(
        self, outputs: FloatArray, categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The likeliest label of each example, its probability, and those of all labels."""
        probabilities = softmax(outputs.astype(np.float64), axis=1)
        return [
            {
                "label": categories[int(row.argmax())],
                "probability": float(row.max()),
                "probabilities": dict(zip(categories, row.tolist(), strict=True)),
            }
            for row in probabilities
        ]

    def unsure(self, outputs: FloatArray) -> FloatArray:
        """1 less the margin between the two likeliest classes."""
        shares = np.sort(softmax(outputs.astype(np.float64), axis=1), axis=1)
        return np.asarray(1 - (shares[:, -1] - shares[:, -2]))
