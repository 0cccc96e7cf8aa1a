"""Weight initialisation: the pre-trained weights are the starting point, then all is trained alike."""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.base import INPUT, Base, Classes
from .base import Stage, Strategy


class WarmInit(Strategy):
    """From-scratch training, except for where it starts."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything, all the time."""
        return [Stage(INPUT, epochs)]

    def classes(self, base: Base) -> Classes | None:
        """All that it knows: rows of a head at zero may start anywhere."""
        return base.classes


plugin = WarmInit(
    "weight initialisation: pre-trained weights as the starting point, all trained alike",
    rates=(3e-4, 1e-3, 3e-3),
    solved_head=False,
    still_statistics=False,
)
