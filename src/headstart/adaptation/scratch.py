"""Training from scratch: the same architecture with random weights. The reference, never a transfer."""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.base import INPUT
from .base import Stage, Strategy


class Scratch(Strategy):
    """Random weights, its own raced learning rate, everything trained."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything, all the time."""
        return [Stage(INPUT, epochs)]


plugin = Scratch(
    "training from scratch: the no-transfer reference",
    rates=(1e-3, 3e-3, 1e-2),
    inherits=False,
    solved_head=False,
    still_statistics=False,
)
