"""LoRA: the solved head first, then low-rank adapters beside every linear layer, merged at the end.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022. We differ: the head starts as the
exact solution on frozen features. What is kept of a training is small, what ships is a plain network.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.base import INPUT
from .base import Stage


class Lora:
    """The weights of the base stay as they are."""

    summary = "low-rank adapters in every linear layer: solved head, base still, merged at the end"
    inherits = True
    solved_head = True
    still_statistics = True
    joins = False
    class_rows = False
    pairs = False
    adapters = True
    modalities: tuple[str, ...] = ()
    needs_classes = True
    rates = (3e-4, 1e-3, 3e-3)

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """All adapters, all the time."""
        return [Stage(INPUT, epochs)] if epochs else []

    def rate(self, depth: float) -> float:
        """The same everywhere."""
        return 1.0


plugin = Lora()
