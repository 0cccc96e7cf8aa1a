"""Fine-tuning: the solved head first, then gradual unfreezing from the top (LP-FT).

Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution",
ICLR 2022, start from a solved linear head; Howard & Ruder, "Universal Language Model Fine-tuning",
ACL 2018, unfreeze from the top with smaller rates below. We differ: the head is the exact solution,
layers below the lowest planned boundary never move, and BatchNorm statistics stay as inherited.
"""

from __future__ import annotations

from collections.abc import Sequence

from .base import Stage, Strategy

BOTTOM_RATE = 0.2
"""The stem's rate over the top's; 0.2 over a base's stages is close to 0.8 a stage."""


class Finetune(Strategy):
    """Opens the top part first, then the next one down; each part moves slower than the one above."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """A third of the epochs for the top part alone, then the lower ones share the rest."""
        if len(cuts) < 2:
            return [Stage(cut, epochs) for cut in cuts]
        first = max(1, epochs // 3)
        each, extra = divmod(epochs - first, len(cuts) - 1)
        lower = [each + (number < extra) for number in range(len(cuts) - 1)]
        return [Stage(cut, n) for cut, n in zip(cuts, [first, *lower], strict=True) if n]

    def rate(self, depth: float) -> float:
        """Geometric from the stem's share to 1."""
        return float(BOTTOM_RATE ** (1 - depth))


plugin = Finetune(
    "fine-tuning: solved head, then gradual unfreezing from the top",
    rates=(1e-4, 3e-4, 1e-3),
)
