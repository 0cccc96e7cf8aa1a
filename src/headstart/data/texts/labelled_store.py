"""Texts with sets of labels as batches: what a base takes, and which labels are right.

Notation: n texts, b texts of a batch, k labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...types import IntArray, Source, TextPreprocess
from ..answers.label_sets import set_of
from .store import TokenStore

if TYPE_CHECKING:
    from ...cache import Cache


class LabelledTokens(TokenStore):
    """n texts as a base of this preprocessing takes them, and their labels. Threads may read at once."""

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: TextPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
        labels: Sequence[str] = (),
    ) -> None:
        """Without answers there is nothing to train on; `labels` are the k that are numbered."""
        super().__init__(sources, preprocess, cache, digests)
        numbers = {name: number for number, name in enumerate(labels)}
        self._right = torch.zeros(len(self), len(labels))
        for row, answer in enumerate(answers or ()):
            for name in set_of(answer).labels:
                if name in numbers:
                    self._right[row, numbers[name]] = 1.0

    def answers(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, k) float32: 1 where a text has the label, else 0."""
        return self._right[torch.from_numpy(indices)]
