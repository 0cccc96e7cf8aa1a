"""LoRA: the solved head first, then low-rank adapters beside every linear layer, merged at the end.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022. We differ: the head starts as the
exact solution on frozen features. What is kept of a training is small, what ships is a plain network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from ..bases.base import INPUT, Base
from ..bases.networks import adapters
from ..bench import Bench
from ..runtime import derive, seeded
from .base import Job, Stage, Start, Strategy


class Lora(Strategy):
    """The weights of the base stay as they are."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """All adapters, all the time."""
        return [Stage(INPUT, epochs)] if epochs else []

    def require(self, base: Base) -> None:
        """Adapters go beside linear layers."""
        adapters.require(base.name, base.build(None))

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """The network with its adapters, which change nothing yet."""
        if job.lowest != INPUT:
            return start
        with seeded(derive(job.seed, "adapters")):
            return replace(start, network=adapters.Adapted(start.network).eval())

    def plain(self, network: nn.Module) -> nn.Module:
        """Without adapters: they are part of the weights now."""
        return network.merged() if isinstance(network, adapters.Adapted) else network


plugin = Lora(
    "low-rank adapters in every linear layer: solved head, base still, merged at the end",
    rates=(3e-4, 1e-3, 3e-3),
    needs_classes=True,
    beyond_classes=("sound", "series"),
)
