"""A recording as one row: several layers of a base, their means over its steps and how much they change.

The deviation beside the mean is statistics pooling (Snyder et al., "X-vectors: Robust DNN embeddings for
speaker recognition", ICASSP 2018). A head that is linear in all layers has a weight for each number of each
layer, where SUPERB's has one for each layer.

Notation: n recordings, B bands, T frames, L steps, d width, m layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ... import registry
from ...preprocessing.sound import STEP, SoundPreprocess
from ...types import Architecture
from ..base import Base
from .frames import FrameNetwork, there
from .layered import INNER, MOST, layers_of, read_at, spread
from .ragged import POOLINGS

LEAST = 1e-6
"""Added to a variance: its root has no slope at 0."""


class Pooled(FrameNetwork):
    """(n, B, T) levels, 0 in all bands after a recording's end, to (n, 2 m d).

    Args:
        of: the architecture of the base, as a dictionary.
        layers: names of modules of the base that are read beside its last layer.
        margin: steps of quiet before and after each recording, which are heard and do not count.
    """

    def __init__(self, of: dict[str, Any], layers: Sequence[str], margin: int = 0) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: FrameNetwork = registry.get("bases", architecture.family).build(architecture, None)
        self.layers, self.margin = tuple(layers), margin

    @property
    def lower(self) -> tuple[str, ...]:
        """Those of the base."""
        return tuple(f"{INNER}.{name}" for name in self.base.lower)

    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d) of the last layer."""
        return self.base.states(frames, mask)

    def forward(self, frames: Tensor) -> Tensor:
        """Run, and take means and deviations of what is inside the quiet."""
        mask = there(frames)
        mask = mask | (torch.arange(mask.shape[1], device=mask.device) == 0)
        inside = _inside(mask, self.margin)
        each = layers_of(self.base, self.layers, frames, mask)
        return torch.cat([part for states in each for part in _statistics(states, inside)], 1)


def pooled(base: Base) -> Base:
    """The base as a network that tells recordings apart as wholes; what it knew of classes is left behind.

    One whose features are no steps stays as it is.
    """
    network, preprocess = base.build(None), base.preprocess
    if not isinstance(network, FrameNetwork) or not isinstance(preprocess, SoundPreprocess):
        return base
    upper = network.lower[len(network.lower) // 2 :]
    layers = spread(upper, base.card.stages, MOST - 1)
    args = {"layers": list(layers), "margin": preprocess.margin // STEP}
    return read_at(base, "pooled", layers, 2, args, Pooled)


def _inside(mask: Tensor, margin: int) -> Tensor:
    """(n, L) True from `margin` steps after the beginning to as many before the end; all of a shorter one."""
    count = mask.sum(1, keepdim=True)
    place = torch.arange(mask.shape[1], device=mask.device)
    within = (place >= margin) & (place < count - margin)
    return mask & (within | (count <= 2 * margin))


def _statistics(states: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """(n, d) means and deviations."""
    mean = POOLINGS["mean"](states, inside)
    squares = POOLINGS["mean"]((states - mean.unsqueeze(1)).square(), inside)
    return mean, (squares + LEAST).sqrt()
