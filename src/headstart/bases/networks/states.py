"""A base for recordings that gives what it makes of every step, where it gives one row of a recording else.

What words are read off: a head needs to know when something was said.

Notation: n recordings, B bands, T frames, L steps, d width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ... import registry
from ...errors import BaseError
from ...types import Architecture
from ..base import Base
from .frames import FrameNetwork, there
from .layered import INNER, MOST, layers_of, read_at, spread


class States(FrameNetwork):
    """(n, B, T) levels, 0 in all bands after a recording's end, to (n, L, d), which is 0 there too.

    Args:
        of: the architecture of the base, as a dictionary.
        layers: names of modules of the base whose states stand before those of its last layer, so that
            there are d numbers for each of them.
    """

    def __init__(self, of: dict[str, Any], layers: Sequence[str] = ()) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: FrameNetwork = registry.get("bases", architecture.family).build(architecture, None)
        self.layers = tuple(layers)

    @property
    def lower(self) -> tuple[str, ...]:
        """Those of the base."""
        return tuple(f"{INNER}.{name}" for name in self.base.lower)

    @property
    def many(self) -> int:
        """Layers whose states stand side by side."""
        return len(self.layers) + 1

    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d)."""
        return torch.cat(layers_of(self.base, self.layers, frames, mask), -1)

    def forward(self, frames: Tensor) -> Tensor:
        """Run; nothing is told of what has ended."""
        mask = there(frames)
        first = torch.arange(mask.shape[1], device=mask.device) == 0
        found = self.states(frames, mask | first)
        return torch.where(mask.unsqueeze(-1), found, 0)


def stepwise(base: Base) -> Base:
    """The base as a network that gives its states; what it knew of classes is left behind.

    Of a network that learned from sound alone those of several layers: which of them says most of the words,
    the head learns.

    Raises:
        BaseError: it has no steps.
    """
    network = base.build(None)
    if not isinstance(network, FrameNetwork):
        raise BaseError(
            f"`{base.name}` does not say when in a recording something is heard",
            "use a base for recordings, as builtin/speech-s",
        )
    layers = () if network.last_alone else spread(network.lower, base.card.stages, MOST - 1)
    args = {"layers": list(layers)} if layers else {}
    return read_at(base, "states", layers, 1, args, States)
