"""A sentence for each sentence, which the base itself says word by word.

Notation: n sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...data.texts import store
from ...preprocessing.translation import PairPreprocess
from ...targets import Targets, of_one_kind
from ...types import NO_MAPS, IntArray, Maps, Source
from ..scores import translations
from .base import Answer, words_of


class Sentences(Answer):
    """The answer of `tasks/answers/base.py` for translations."""

    headed = "none"
    fewest = 6
    one_pass = False
    correction = "text"

    def targets(self, labels: Sequence[str]) -> Targets:
        """Sentences as they are."""
        return of_one_kind(labels)

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n,) nothing: the network is shown both sides, and gives its loss."""
        return torch.zeros(len(targets.right))

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """None is needed: the base says words."""
        return nn.Identity()

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) nats over the mean number of words, so that every word counts alike."""
        return outputs[:, 0] / outputs[:, 1].mean().clamp(min=1)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: PairPreprocess) -> NDArray[np.object_]:
        """(n,) translations."""
        network: Any = next(model.children())
        numbers = network.translated(inputs).cpu().numpy()
        return np.array(store.texts(numbers, preprocess), dtype=object)

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The translation of each sentence."""
        return [{"translation": str(text)} for text in outputs]

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """The translation."""
        return words_of(right)

    def evidence(self, right: NDArray[np.object_], given: NDArray[np.object_]) -> dict[str, object]:
        """How the metrics are computed."""
        return {"signatures": translations.signatures()}
