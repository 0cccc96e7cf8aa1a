"""Where the training loop's batches come from: the cache at a boundary, or freshly augmented inputs.

Each has two steps: `fetch` reads and augments, in any thread and without torch; `tensor` makes of it what
is trained on, in the training thread.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from ...bases.networks.refined import Refined
from ...cache import Array, Rows
from ...runtime import derive
from ...tasks.modalities.base import Inputs
from ...types import IntArray

AT_ONCE = 8
"""Examples that are run together."""


class CachedFeed:
    """Activations at a boundary; training cycles through the augmented views."""

    def __init__(self, plain: Rows, views: Mapping[int, Rows], seed: int, device: str) -> None:
        """Row i of each is example i; `views`, by their seeds, may lack rows that are not trained on."""
        self.plain, self.views, self.seed, self.device = plain, views, seed, device

    def view(self, epoch: int, step: int) -> int | None:
        """The view whose turn it is, counted from the seed so that seeds differ."""
        return list(self.views)[(self.seed + epoch) % len(self.views)] if self.views else None

    def fetch(self, rows: IntArray, epoch: int, step: int) -> Array:
        """That view, or the plain one where there are none."""
        view = self.view(epoch, step)
        return (self.plain if view is None else self.views[view]).read(rows)

    def tensor(self, fetched: Array) -> Tensor:
        """float32 on the device; 4-d activations channels_last, as convolutions like them."""
        tensor = torch.from_numpy(trimmed(fetched)).to(self.device, torch.float32)
        return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor

    def still(self, rows: IntArray) -> Tensor:
        """The plain view."""
        return self.tensor(self.plain.read(rows))


def places(inputs: Inputs, rows: IntArray, n: int) -> IntArray | None:
    """(n,) by example its place among `rows` by length; None where all are equally long."""
    ordered = inputs.ordered(rows)
    if np.array_equal(ordered, rows):
        return None
    found = np.zeros(n, dtype=np.int64)
    found[ordered] = np.arange(len(ordered))
    return found


def trimmed(activations: Array) -> Array:
    """(b, L, d) without the end that is 0 in all of them: what padded the shorter texts."""
    if activations.ndim != 3:
        return activations
    there = np.flatnonzero(np.any(activations, axis=(0, 2)))
    return np.asarray(activations[:, : int(there.max(initial=0)) + 1])


class JoinedFeed:
    """Frozen features from the cache, joined with freshly augmented pixels."""

    def __init__(self, plain: Rows, live: LiveFeed, network: Refined) -> None:
        self.plain, self.live, self.network = plain, live, network

    def view(self, epoch: int, step: int) -> int | None:
        """That of the pixels."""
        return self.live.view(epoch, step)

    def fetch(self, rows: IntArray, epoch: int, step: int) -> tuple[Array, Array]:
        """The features of the plain view, and a fresh view."""
        return self.plain.read(rows), self.live.fetch(rows, epoch, step)

    def tensor(self, fetched: tuple[Array, Array]) -> Tensor:
        """Rows that the network takes."""
        return self._joined(fetched[0], self.live.tensor(fetched[1]))

    def still(self, rows: IntArray) -> Tensor:
        """The plain view of both."""
        return self._joined(self.plain.read(rows), self.live.still(rows))

    def _joined(self, features: Array, images: Tensor) -> Tensor:
        return self.network.joined(torch.from_numpy(features).to(images.device, torch.float32), images)


class LiveFeed:
    """Inputs of the network itself, augmented anew at each step."""

    def __init__(self, inputs: Inputs, seed: int, device: str) -> None:
        self.inputs, self.seed, self.device = inputs, seed, device
        self.preparation: nn.Module = copy.deepcopy(inputs.preparation).to(device)

    def view(self, epoch: int, step: int) -> int | None:
        """Another one at each step."""
        return derive(self.seed, "augment", epoch, step)

    def fetch(self, rows: IntArray, epoch: int, step: int) -> Array:
        """A fresh view of each example."""
        return self.inputs.encoded(rows, self.view(epoch, step))

    def tensor(self, fetched: Array) -> Tensor:
        """Prepared for the network."""
        prepared: Tensor = self.preparation(torch.from_numpy(fetched).to(self.device))
        return prepared

    def still(self, rows: IntArray) -> Tensor:
        """The plain view."""
        return self.tensor(self.inputs.encoded(rows))


class PrefixFeed:
    """Activations at a boundary that no cache holds: the frozen part is run at each step."""

    def __init__(self, live: LiveFeed, prefix: Callable[[Tensor], Tensor]) -> None:
        self.live, self.prefix = live, prefix

    def view(self, epoch: int, step: int) -> int | None:
        """That of the inputs."""
        return self.live.view(epoch, step)

    def fetch(self, rows: IntArray, epoch: int, step: int) -> Array:
        """A fresh view of each example."""
        return self.live.fetch(rows, epoch, step)

    @torch.no_grad()
    def tensor(self, fetched: Array) -> Tensor:
        """The activations of the fetched inputs."""
        return self.prefix(self.live.tensor(fetched)).float()

    @torch.no_grad()
    def still(self, rows: IntArray) -> Tensor:
        """The plain view."""
        return self.prefix(self.live.still(rows)).float()


class KeptFeed(PrefixFeed):
    """The same where plain views alone are asked for, each is run once, and few of the examples ever are."""

    def __init__(self, live: LiveFeed, prefix: Callable[[Tensor], Tensor], kept: Rows | None) -> None:
        """`kept` is filled as rows are asked for; without it they are run each time."""
        super().__init__(live, prefix)
        self.kept = kept

    def still(self, rows: IntArray) -> Tensor:
        """From what is kept."""
        if self.kept is None:
            return super().still(rows)
        missing = self.kept.missing(np.unique(rows))
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            self.kept.write(part, super().still(part).half().cpu().numpy())
        return torch.from_numpy(self.kept.read(rows)).to(self.live.device, torch.float32)
