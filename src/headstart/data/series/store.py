"""Windows of series as a network takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ...cache import Array
from ...preprocessing.series import NUMBERS, SeriesPreprocess
from ...types import IntArray, Source
from .histories import decoded


class SeriesStore:
    """(n, F, H) float32; computed once, there is no other view of a history."""

    augments = False

    def __init__(self, sources: Sequence[Source], preprocess: SeriesPreprocess) -> None:
        steps = preprocess.size
        self.preparation: nn.Module = nn.Identity()
        self.rows = np.empty((len(sources), NUMBERS, steps), np.float32)
        for row, source in zip(self.rows, sources, strict=True):
            row[:] = decoded(source).framed(steps).inputs

    def encoded(self, indices: IntArray, view: int | None = None) -> Array:
        """(len(indices), F, H)."""
        return self.rows[indices]

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """The same as a tensor."""
        return torch.from_numpy(self.rows[indices])

    def ordered(self, indices: IntArray) -> IntArray:
        """All are equally long."""
        return indices

    def distorted(self) -> SeriesStore:
        """There is no stronger view."""
        return self
