"""Feature extraction: the base stays as it is, only a new head is solved on its features."""

from __future__ import annotations

from collections.abc import Sequence

from .base import Stage


class Frozen:
    """No training by steps: the head is exact, from features that are computed once."""

    summary = "feature extraction: base frozen, new head solved exactly"
    inherits = True
    solved_head = True
    still_statistics = True
    joins = False
    class_rows = False
    pairs = False
    adapters = False
    modalities: tuple[str, ...] = ()
    needs_classes = False
    rates: tuple[float, ...] = ()

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Nothing is trained."""
        return []

    def rate(self, depth: float) -> float:
        """Nothing moves."""
        return 0.0


plugin = Frozen()
