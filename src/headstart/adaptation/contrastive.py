"""Contrastive tuning for few examples: features of one class are drawn together, then the head is solved.

Tunstall et al., "Efficient Few-Shot Learning Without Prompts" (SetFit, arXiv 2209.11055). We differ: every
pair inside a batch counts after one run of each example, instead of a list of pairs; the number of steps is
bounded; nothing is dropped out; the head is the exact solution (`_pairs.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from .base import Stage


class Contrastive:
    """Validation chooses nothing: of few examples a dozen rows decide nothing."""

    summary = "contrastive tuning for few labels: pairs of a class drawn together, then a solved head"
    inherits = True
    solved_head = False
    still_statistics = True
    joins = False
    class_rows = False
    pairs = True
    adapters = False
    modalities: tuple[str, ...] = ()
    needs_classes = True
    rates = (1e-4,)

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything above the lowest boundary, all the time."""
        return [Stage(cuts[-1], epochs)] if cuts and epochs else []

    def rate(self, depth: float) -> float:
        """The same everywhere."""
        return 1.0


plugin = Contrastive()
