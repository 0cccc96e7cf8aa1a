"""Learning rates: how they change over the steps, and how deep in a base a parameter lies."""

from __future__ import annotations

import math

from torch import nn

from ...bases.networks.parted import PartedNetwork


def factor(done: int, total: int) -> float:
    """Of the learning rate: warm-up over a tenth of the steps, then a cosine to zero."""
    warm = max(1, total // 10)
    if done < warm:
        return (done + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (done - warm) / max(1, total - warm)))


def depths(backbone: nn.Module, stages: tuple[str, ...]) -> dict[str, float]:
    """Where each parameter of the backbone lies: near 0 is the stem, 1 the top.

    Stages need not hold every layer: one between two of them belongs to the upper one.
    """
    if isinstance(backbone, PartedNetwork):
        above = [set(backbone.above(stage)) for stage in stages]
        counts = {name: sum(name in part for part in above) for name, _ in backbone.named_parameters()}
        return {name: min(1.0, (number + 1) / (len(stages) + 1)) for name, number in counts.items()}
    modules = {name: number for number, (name, _) in enumerate(backbone.named_modules())}
    # stages that a strategy has put elsewhere are not found: its layers learn alike
    ends = [
        max(numbers)
        for end in stages
        if (numbers := [modules[name] for name in modules if f"{name}.".startswith(f"{end}.")])
    ]
    below = {
        name: sum(end < modules[name.rpartition(".")[0]] for end in ends)
        for name, _ in backbone.named_parameters()
    }
    return {name: min(1.0, (number + 1) / max(1, len(stages))) for name, number in below.items()}
