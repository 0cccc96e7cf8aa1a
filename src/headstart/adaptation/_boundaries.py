"""Which boundaries the frozen pass keeps for fine-tuning: where a byte saves the most computing."""

from __future__ import annotations

import numpy as np

from ..types import BaseCard

WINDOWS = ((0.03, 0.30), (0.30, 0.65))
"""Shares of a network's computing above its cache: the top part that is trained first, and a deeper one."""
NUMBER = 2
"""Bytes, of float16."""


def boundaries(card: BaseCard, examples: int, room: float) -> tuple[str, ...]:
    """The boundaries whose activations are kept, top first: at most one in each window.

    In a window it is the stage with the most computing below it per number that is kept: thin tensors
    first (a bottleneck's end rather than its wide middle). One that does not fit is left out, and so is
    everything below it: those parts are trained from the inputs.

    Args:
        card: of the base.
        examples: rows of one activation array.
        room: bytes that all arrays together may take.
    """
    if not card.stage_numbers:
        return ()
    below, numbers = np.array(card.stage_flops), np.array(card.stage_numbers)
    above = 1 - below / max(1, card.flops)
    chosen: list[str] = []
    for low, high in WINDOWS:
        inside = np.flatnonzero((above > low) & (above <= high))
        if len(inside) == 0:
            continue
        best = inside[np.argmax(below[inside] / numbers[inside])]
        room -= float(examples * numbers[best] * NUMBER)
        if room < 0:
            break
        chosen.append(card.stages[best])
    return tuple(chosen)
