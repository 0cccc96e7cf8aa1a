"""What is known of users as a recommender takes it.

Notation: n users, L items of the one of whom most are known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ...cache import Array
from ...preprocessing.ratings import RatingsPreprocess
from ...types import IntArray, Source
from .histories import History, decoded


class RatingsStore:
    """Numbers of items, looked up once; a batch is as long as its longest history."""

    augments = False

    def __init__(self, sources: Sequence[Source], preprocess: RatingsPreprocess) -> None:
        self.preparation: nn.Module = nn.Identity()
        number = {item: place for place, item in enumerate(preprocess.items, 1)}
        self.rows = [_numbers(decoded(source), number) for source in sources]

    def encoded(self, indices: IntArray, view: int | None = None) -> Array:
        """(len(indices), 2, L) float32: numbers from 1 on, 0 where there is none; 1 where of the source."""
        rows = [self.rows[index] for index in indices.tolist()]
        found = np.zeros((len(rows), 2, max([1, *(row.shape[1] for row in rows)])), np.float32)
        for place, row in zip(found, rows, strict=True):
            place[:, : row.shape[1]] = row
        return found

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """The same as a tensor."""
        return torch.from_numpy(self.encoded(indices))

    def ordered(self, indices: IntArray) -> IntArray:
        """Those of whom much is known together."""
        lengths = [self.rows[index].shape[1] for index in indices.tolist()]
        return indices[np.argsort(lengths, kind="stable")]

    def distorted(self) -> RatingsStore:
        """There is no stronger view."""
        return self


def _numbers(history: object, number: dict[str, int]) -> IntArray:
    """(2, L): items without a number are left out; what is of both counts as of the target."""
    if not isinstance(history, History):
        return np.zeros((2, 0), dtype=np.int64)
    own = list(dict.fromkeys(number[item] for item in history.items if item in number))
    seen = set(own)
    more = [number[item] for item in dict.fromkeys(history.source) if item in number]
    more = [one for one in more if one not in seen]
    return np.array([[*own, *more], [*(0 for _ in own), *(1 for _ in more)]], dtype=np.int64)
