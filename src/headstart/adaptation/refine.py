"""REFINE: a frozen base, and a small encoder that is trained on the target beside it.

"REFINE: residual feature integration is sufficient to prevent negative transfer" (arXiv 2505.11771): what
the base does not see, the encoder can learn; where the base is of no use, it is no worse than a small
network from scratch. We differ: the head starts as the exact solution on the frozen features, with nothing
from the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.networks.refined import JOINED
from .base import Stage


class Refine:
    """A fallback rather than a proof: what the encoder gains is not the pre-trained weights' doing."""

    summary = "frozen base and a small encoder trained beside it: safe where the base does not fit"
    inherits = True
    solved_head = True
    still_statistics = False
    joins = True
    class_rows = False
    pairs = False
    adapters = False
    modalities = ("image",)
    needs_classes = True
    rates = (3e-4, 1e-3, 3e-3)

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything that is trained, from the first epoch on."""
        return [Stage(JOINED, epochs)] if epochs else []

    def rate(self, depth: float) -> float:
        """One rate for all layers."""
        return 1.0


plugin = Refine()
