"""Where the training loop's batches come from: the cache at a boundary, or freshly augmented inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..cache import Array
from ..runtime import derive
from ..tasks.base import Inputs
from ..types import IntArray


class CachedFeed:
    """Activations at a boundary; training cycles through the augmented views."""

    def __init__(
        self, plain: Array, views: Sequence[Array], view_rows: IntArray, seed: int, device: str
    ) -> None:
        """`plain` holds all n examples, each of `views` the examples `view_rows`."""
        self.plain, self.views, self.seed, self.device = plain, views, seed, device
        self.position = np.full(len(plain), -1)
        self.position[view_rows] = np.arange(len(view_rows))

    def moving(self, rows: IntArray, epoch: int, step: int) -> Tensor:
        """The view whose turn it is, counted from the seed so that seeds differ."""
        if not self.views:
            return self.still(rows)
        view = self.views[(self.seed + epoch) % len(self.views)]
        return _tensor(view[self.position[rows]], self.device)

    def still(self, rows: IntArray) -> Tensor:
        """The plain view."""
        return _tensor(self.plain[rows], self.device)


class LiveFeed:
    """Inputs of the network itself, augmented anew at each step."""

    def __init__(self, inputs: Inputs, seed: int, device: str) -> None:
        self.inputs, self.seed, self.device = inputs, seed, device

    def moving(self, rows: IntArray, epoch: int, step: int) -> Tensor:
        """A fresh view of each example."""
        generator = torch.Generator().manual_seed(derive(self.seed, "augment", epoch, step))
        return self.inputs.batch(rows, generator).to(self.device)

    def still(self, rows: IntArray) -> Tensor:
        """The plain view."""
        return self.inputs.batch(rows).to(self.device)


def _tensor(array: Array, device: str) -> Tensor:
    """float32 on the device; 4-d activations channels_last, as convolutions like them."""
    tensor = torch.from_numpy(np.asarray(array, dtype=np.float32)).to(device)
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
