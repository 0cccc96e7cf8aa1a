"""A base for recordings that gives what it makes of every step, where it gives one row of a recording else.

What words are read off: a head needs to know when something was said.

Notation: n recordings, B bands, T frames, L steps, d width.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ... import registry
from ...errors import BaseError
from ...types import Architecture
from ..base import Base
from .frames import FrameNetwork, there

INNER = "base"


class States(FrameNetwork):
    """(n, B, T) levels, 0 in all bands after a recording's end, to (n, L, d), which is 0 there too.

    Args:
        of: the architecture of the base, as a dictionary.
    """

    def __init__(self, of: dict[str, Any]) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: FrameNetwork = registry.get("bases", architecture.family).build(architecture, None)

    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d)."""
        return self.base.states(frames, mask)

    def forward(self, frames: Tensor) -> Tensor:
        """Run; nothing is told of what has ended."""
        mask = there(frames)
        first = torch.arange(mask.shape[1], device=mask.device) == 0
        found = self.states(frames, mask | first)
        return torch.where(mask.unsqueeze(-1), found, 0)


def stepwise(base: Base) -> Base:
    """The base as a network that gives its states; what it knew of classes is left behind.

    Raises:
        BaseError: it has no steps.
    """
    if not isinstance(base.build(None), FrameNetwork):
        raise BaseError(
            f"`{base.name}` does not say when in a recording something is heard",
            "use a base for recordings, as builtin/speech-s",
        )
    args = {"of": asdict(base.architecture)}
    return replace(
        base,
        card=replace(base.card, stages=tuple(f"{INNER}.{stage}" for stage in base.card.stages)),
        architecture=Architecture("builtin", "states", args),
        build=partial(_built, args),
        state={f"{INNER}.{name}": tensor for name, tensor in base.state.items()},
        classes=None,
    )


def _built(args: dict[str, Any], size: int | None) -> States:
    return States(**args)
