"""Networks that take token numbers: where a text has ended, what they compute is never looked at.

Texts are of any length, so a batch is padded. The numbers of an example after its end are -1, and
activations are 0 there: each carries its own mask, and one at a boundary is enough to go on from.

Notation: n texts, L tokens, w tokens that the network takes at once, d feature width.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from ...cache import Array
from ...preprocessing.text import LENGTH

ENDS = 10
"""Tokens of the text that a network is traced with, and where it ends; no layer is of such a width."""
LEAST = -3e38
"""Below every activation; infinity would be NaN in some engines."""


class SequenceNetwork(nn.Module):
    """(n, L) token numbers, -1 where a text has ended, to (n, d).

    Texts longer than the window are taken in chunks of it; their pooled states are averaged by length.
    """

    window: int
    pooling: str
    """Which tokens stand for a text: a name of `POOLINGS`, or several with `+` between, put side by side."""

    @property
    @abstractmethod
    def entry(self) -> nn.Module:
        """The layer that looks token numbers up: gradients go no further down."""

    @abstractmethod
    def states(self, numbers: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d) of the last layer.

        `numbers` are (n, L) and at least 0, `mask` (n, L) is True where there is text.
        """

    def forward(self, tokens: Tensor) -> Tensor:
        """Chunk, run, pool."""
        whole = tokens.shape[1] <= self.window
        chunks = tokens if whole else tokens.reshape(-1, self.window)
        mask = chunks >= 0
        # a chunk without a token is run as one token, and weighs nothing
        first = torch.arange(chunks.shape[1], device=chunks.device) == 0
        pooled = self.pooled(self.states(chunks.clamp(min=0), mask | first), mask | first)
        if whole:
            return self.finished(pooled)
        n = tokens.shape[0]  # len() would be a constant in an export
        weights = mask.sum(1).reshape(n, -1, 1).to(pooled.dtype)
        return self.finished((pooled.reshape(n, -1, pooled.shape[-1]) * weights).sum(1) / weights.sum(1))

    def finished(self, rows: Tensor) -> Tensor:
        """(n, d) of whole texts, as the network gives them."""
        return rows

    def pooled(self, states: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d) -> (n, d), or as many times d as there are poolings."""
        rows = [POOLINGS[name](states, mask) for name in self.pooling.split("+")]
        return rows[0] if len(rows) == 1 else torch.cat(rows, -1)


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    there = mask.unsqueeze(-1)
    return torch.where(there, states, 0).sum(1) / there.sum(1)


def _first(states: Tensor, mask: Tensor) -> Tensor:
    return states[:, 0]


def _last(states: Tensor, mask: Tensor) -> Tensor:
    ends = (mask.sum(1) - 1).reshape(-1, 1, 1).expand(-1, 1, states.shape[-1])
    return states.gather(1, ends).squeeze(1)


def _max(states: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask.unsqueeze(-1), states, LEAST).amax(1)


def _root(states: Tensor, mask: Tensor) -> Tensor:
    """The sum over the root of how many there are: longer texts have longer rows."""
    there = mask.unsqueeze(-1)
    return torch.where(there, states, 0).sum(1) / there.sum(1).to(states.dtype).sqrt()


def _weighted(states: Tensor, mask: Tensor) -> Tensor:
    """The mean by place: the second token counts twice, the third three times (Muennighoff, 2022)."""
    places = mask.long().cumsum(1) * mask
    weights = (places / places.sum(1, keepdim=True)).unsqueeze(-1).to(states.dtype)
    return (torch.where(mask.unsqueeze(-1), states, 0) * weights).sum(1)


POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean": _mean,
    "first": _first,
    "last": _last,
    "max": _max,
    "root": _root,
    "weighted": _weighted,
}
"""(n, L, d) and where there is text -> (n, d)."""


def traced(network: nn.Module, inputs: Tensor) -> Tensor:
    """What to trace a network with: a text of its own length tells its dimension from all others."""
    if not isinstance(network, SequenceNetwork):
        return inputs
    numbers = inputs[:1, :1].clamp(min=0).repeat(1, LENGTH)
    numbers[:, ENDS:] = -1
    return numbers


def blanked(network: nn.Module, inputs: Tensor, activation: Tensor) -> Tensor:
    """An activation of the inputs without what was computed after the texts' ends."""
    if not isinstance(network, SequenceNetwork) or activation.ndim != 3:
        return activation
    return torch.where((inputs >= 0).unsqueeze(-1), activation, 0)


def stand_in(network: nn.Module, activation: Tensor, shape: torch.Size) -> Tensor:
    """What the part above a cut is given for the inputs, which are no longer there."""
    if isinstance(network, SequenceNetwork):
        return (activation != 0).any(-1).long() - 1
    return activation.new_full((), float("nan")).expand(len(activation), *shape[1:])


def resized(network: nn.Module, shape: torch.Size, activation: Tensor) -> torch.Size:
    """The shape of something traced, for texts as long as those of the activation."""
    if not isinstance(network, SequenceNetwork):
        return shape
    return torch.Size(activation.shape[1] if side == LENGTH else side for side in shape)


def alone(network: nn.Module, encoded: Array) -> Array:
    """The last example of a batch by itself; a text without what padded it."""
    one = encoded[-1:]
    if not isinstance(network, SequenceNetwork) or encoded.shape[1] > network.window:
        return one
    return one[:, : max(1, int((one >= 0).sum()))]


def widened(network: nn.Module, encoded: Array, size: int) -> Array:
    """A sample that has more than one chunk where other examples of such a size may have.

    An export knows one way through the network: that of the sample.
    """
    if not isinstance(network, SequenceNetwork) or not encoded.shape[1] <= network.window < size:
        return encoded
    return np.pad(encoded, [(0, 0), (0, network.window)], constant_values=-1)


def room(network: nn.Module, shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """The shape that holds the activations of any example where this is one's: texts differ in length."""
    return (shape[0], size, *shape[2:]) if isinstance(network, SequenceNetwork) and len(shape) == 3 else shape
