"""Training from scratch: the same architecture with random weights. The reference, never a transfer."""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.base import INPUT
from .base import Stage


class Scratch:
    """Random weights, its own raced learning rate, everything trained."""

    summary = "training from scratch: the no-transfer reference"
    inherits = False
    solved_head = False
    still_statistics = False
    joins = False
    class_rows = False
    pairs = False
    adapters = False
    modalities: tuple[str, ...] = ()
    needs_classes = False
    rates = (1e-3, 3e-3, 1e-2)

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything, all the time."""
        return [Stage(INPUT, epochs)]

    def rate(self, depth: float) -> float:
        """The same everywhere."""
        return 1.0


plugin = Scratch()
