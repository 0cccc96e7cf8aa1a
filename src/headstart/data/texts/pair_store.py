"""Sentences and their translations as batches for a translator.

Notation: b pairs, L tokens of the longest sentence among both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ...preprocessing.translation import PairPreprocess
from ...types import IntArray, Source
from .store import END, Numbers, Tokens, TokenStore

if TYPE_CHECKING:
    from ...cache import Cache


class PairStore:
    """n pairs as a base of this preprocessing takes them. Threads may read at once."""

    augments = False

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: PairPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> None:
        """Without answers there is nothing to train on: only to translate."""
        self.preprocess = preprocess
        self.preparation = Numbers()
        self._read = TokenStore(sources, preprocess, cache, digests)
        said = None if answers is None else [answer.encode() for answer in answers]
        self._said = None if said is None else TokenStore(said, preprocess, cache)

    def __len__(self) -> int:
        return len(self._read)

    def encoded(self, indices: IntArray, view: int | None = None) -> Tokens:
        """(b, 2, L) numbers of sources and targets, END after each; a sentence has no other view."""
        sources = self._read.encoded(indices)
        targets = np.full_like(sources[:, :1], END) if self._said is None else self._said.encoded(indices)
        longest = max(sources.shape[1], targets.shape[1])
        return np.stack([_padded(sources, longest), _padded(targets, longest)], 1)

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, 2, L) int64."""
        prepared: Tensor = self.preparation(torch.from_numpy(self.encoded(indices, view)))
        return prepared

    def ordered(self, indices: IntArray) -> IntArray:
        """The longest source first."""
        return self._read.ordered(indices)

    def distorted(self) -> PairStore:
        """The same."""
        return self


def _padded(tokens: Tokens, length: int) -> Tokens:
    return np.pad(tokens, [(0, 0), (0, length - tokens.shape[1])], constant_values=END)
