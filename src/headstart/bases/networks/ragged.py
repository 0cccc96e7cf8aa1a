"""How the inputs of a network are laid out: all of one shape, or texts of any length.

Where a text has ended, what a network computes is never looked at. Texts are of any length, so a batch is
padded. The numbers of an example after its end are -1, and
activations are 0 there: each carries its own mask, and one at a boundary is enough to go on from.

Notation: n texts, L tokens, w tokens that the network takes at once, d feature width.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from ...cache import Array
from ...preprocessing.text import LENGTH

ENDS = 10
"""Tokens of the text that a network is traced with, and where it ends; no layer is of such a width."""
LEAST = -3e38
"""Below every activation; infinity would be NaN in some engines."""


@dataclass(frozen=True)
class Layout:
    """Inputs of one shape, as pictures are."""

    calls = 1
    """Times as many examples in one call as pictures: shorter ones are less work."""

    def traced(self, inputs: Tensor) -> Tensor:
        """What to trace a network with."""
        return inputs

    def blanked(self, inputs: Tensor, activation: Tensor) -> Tensor:
        """An activation of the inputs without what was computed where an example has ended."""
        return activation

    def stand_in(self, activation: Tensor, shape: torch.Size) -> Tensor:
        """What the part above a cut is given for the inputs, which are no longer there."""
        return activation.new_full((), float("nan")).expand(len(activation), *shape[1:])

    def resized(self, shape: torch.Size, activation: Tensor) -> torch.Size:
        """The shape of something traced, for examples as long as those of the activation."""
        return shape

    def alone(self, encoded: Array) -> Array:
        """The last example of a batch by itself."""
        return encoded[-1:]

    def widened(self, encoded: Array, size: int) -> Array:
        """A sample to export a network with, which knows one way through it: that of the sample."""
        return encoded

    def room(self, shape: tuple[int, ...], size: int) -> tuple[int, ...]:
        """The shape that holds the activations of any example where this is one's."""
        return shape


@dataclass(frozen=True)
class Ragged(Layout):
    """Token numbers, -1 where a text has ended; in chunks of the window where it is longer."""

    window: int
    calls = 4

    def traced(self, inputs: Tensor) -> Tensor:
        """A text of its own length tells its dimension from all others."""
        numbers = inputs[:1, :1].clamp(min=0).repeat(1, LENGTH)
        numbers[:, ENDS:] = -1
        return numbers

    def blanked(self, inputs: Tensor, activation: Tensor) -> Tensor:
        """0 after the end."""
        if activation.ndim != 3:
            return activation
        return torch.where((inputs >= 0).unsqueeze(-1), activation, 0)

    def stand_in(self, activation: Tensor, shape: torch.Size) -> Tensor:
        """Numbers that end where the activation is 0."""
        return (activation != 0).any(-1).long() - 1

    def resized(self, shape: torch.Size, activation: Tensor) -> torch.Size:
        """The length of a traced text becomes that of the activation."""
        return torch.Size(activation.shape[1] if side == LENGTH else side for side in shape)

    def alone(self, encoded: Array) -> Array:
        """Without what padded it."""
        one = encoded[-1:]
        return one if encoded.shape[1] > self.window else one[:, : max(1, int((one >= 0).sum()))]

    def widened(self, encoded: Array, size: int) -> Array:
        """Of more than one chunk where other examples of such a size may have more."""
        if not encoded.shape[1] <= self.window < size:
            return encoded
        return np.pad(encoded, [(0, 0), (0, self.window)], constant_values=-1)

    def room(self, shape: tuple[int, ...], size: int) -> tuple[int, ...]:
        """As many tokens as a text may have."""
        return (shape[0], size, *shape[2:]) if len(shape) == 3 else shape


FIXED = Layout()


@runtime_checkable
class LaidOut(Protocol):
    """A network that says how its inputs are laid out."""

    @property
    def input_layout(self) -> Layout:
        """Where examples end, for instance."""
        ...


def layout(network: nn.Module) -> Layout:
    """How the inputs of a network are laid out: a network of any library takes them in one shape."""
    return network.input_layout if isinstance(network, LaidOut) else FIXED


def entry(network: nn.Module) -> nn.Module | None:
    """The layer that looks inputs up, where they are numbers that have no gradient."""
    return network.entry if isinstance(network, SequenceNetwork) else None


class SequenceNetwork(nn.Module):
    """(n, L) token numbers, -1 where a text has ended, to (n, d).

    Texts longer than the window are taken in chunks of it; their pooled states are averaged by length.
    """

    window: int
    pooling: str
    """Which tokens stand for a text: a name of `POOLINGS`, or several with `+` between, put side by side."""

    @property
    def input_layout(self) -> Layout:
        """Texts end where they end."""
        return Ragged(self.window)

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
