"""Weight initialisation: the pre-trained weights are the starting point, then all is trained alike."""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.base import INPUT
from .base import Stage


class WarmInit:
    """From-scratch training, except for where it starts."""

    summary = "weight initialisation: pre-trained weights as the starting point, all trained alike"
    inherits = True
    solved_head = False
    still_statistics = False
    joins = False
    class_rows = True
    pairs = False
    adapters = False
    modalities: tuple[str, ...] = ()
    needs_classes = False
    rates = (3e-4, 1e-3, 3e-3)

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything, all the time."""
        return [Stage(INPUT, epochs)]

    def rate(self, depth: float) -> float:
        """The same everywhere."""
        return 1.0


plugin = WarmInit()
