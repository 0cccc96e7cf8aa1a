"""Windows of series as a network takes them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...cache import Array
from ...preprocessing.series import SeriesPreprocess
from ...types import IntArray, Source
from .histories import decoded

ENDS = 0.25
"""Of a history, that a view may lack at its end."""
LEAST = 4
"""Values that it keeps."""


class SeriesStore:
    """(n, F, H) float32; computed once, there is no other view of a history unless it is distorted."""

    augments = False

    def __init__(self, sources: Sequence[Source], preprocess: SeriesPreprocess) -> None:
        self.preparation: nn.Module = nn.Identity()
        self._sources, self._how, self._cut = tuple(sources), preprocess, False
        self.rows = np.empty((len(sources), preprocess.rows, preprocess.size), np.float32)
        for row, source in zip(self.rows, sources, strict=True):
            row[:] = decoded(source).shown(preprocess)

    def encoded(self, indices: IntArray, view: int | None = None) -> Array:
        """(len(indices), F, H)."""
        if view is None or not self._cut:
            return self.rows[indices]
        rows = [self._earlier(index, np.random.default_rng([view, index])) for index in indices.tolist()]
        return np.stack(rows)

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """The same as a tensor."""
        return torch.from_numpy(self.encoded(indices, view))

    def ordered(self, indices: IntArray) -> IntArray:
        """All are equally long."""
        return indices

    def distorted(self) -> SeriesStore:
        """The same histories, of which a view ends earlier."""
        other = copy.copy(self)
        other._cut = True
        return other

    def _earlier(self, index: int, draws: np.random.Generator) -> NDArray[np.float32]:
        """(F, H) of a history without some of its last values."""
        history = decoded(self._sources[index])
        least = max(LEAST, int((1 - ENDS) * len(history.values)))
        end = int(draws.integers(min(least, len(history.values)), len(history.values) + 1))
        earlier = replace(history, values=history.values[:end])
        return np.asarray(earlier.shown(self._how), np.float32)
