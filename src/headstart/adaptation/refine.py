"""REFINE: a frozen base, and a small encoder that is trained on the target beside it.

"REFINE: residual feature integration is sufficient to prevent negative transfer" (arXiv 2505.11771): what
the base does not see, the encoder can learn; where the base is of no use, it is no worse than a small
network from scratch. We differ: the head starts as the exact solution on the frozen features, with nothing
from the encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import torch
from torch import Tensor

from ..bases.base import FEATURES, Base
from ..bases.networks.refined import JOINED, Refined
from ..bases.networks.refined import added as width_added
from ..bench import Bench
from ..runtime import derive, seeded
from ..types import Architecture
from .base import Job, Stage, Start, Strategy
from .training.feed import JoinedFeed, LiveFeed
from .training.loop import Feed


class Refine(Strategy):
    """A fallback rather than a proof: what the encoder gains is not the pre-trained weights' doing."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything that is trained, from the first epoch on."""
        return [Stage(JOINED, epochs)] if epochs else []

    def shape(self, base: Base) -> tuple[Architecture, int]:
        """Both side by side."""
        plain, width = base.architecture, base.card.width
        refined = Architecture("builtin", "refined", {"base": asdict(plain), "width": width})
        return refined, width + width_added()

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """The network with a new encoder beside it, and feeds that join the features with pixels."""
        with seeded(derive(job.seed, "encoder")):
            refined = _encoder(bench)
        refined.base = start.network
        refined = refined.to(bench.runtime.device)
        live = LiveFeed(bench.subject(job.recipe.size).inputs, job.seed, bench.runtime.device)

        def feed(boundary: str) -> Feed:
            if boundary != JOINED:
                return start.feeds(boundary)
            plain = bench.activations(start.network, start.identity, [FEATURES])[FEATURES]
            return JoinedFeed(plain, live, refined)

        return replace(start, network=refined, feeds=feed)

    def added(self, bench: Bench, inputs: Tensor) -> Callable[[], object]:
        """The encoder on features that are there."""
        refined = _encoder(bench).to(inputs.device)
        with torch.no_grad():
            rows = refined.joined(inputs.new_zeros(len(inputs), bench.base.card.width), inputs)
        return lambda: refined(rows).square().mean().backward()


def _encoder(bench: Bench) -> Refined:
    return Refined(asdict(bench.base.architecture), bench.base.card.width)


plugin = Refine(
    "frozen base and a small encoder trained beside it: safe where the base does not fit",
    rates=(3e-4, 1e-3, 3e-3),
    still_statistics=False,
    proves=False,
    needs_classes=True,
    modalities=("image",),
    top=JOINED,
)
