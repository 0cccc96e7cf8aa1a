"""A frozen base with a small trainable encoder beside it: the network of the strategy `refine`.

Notation: n images, s input side, d feature width of the base, e of the encoder, p side of what it sees.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ... import registry
from ...types import Architecture
from .glyphnet import GlyphNet

JOINED = "frozen features and pixels"
"""The boundary between what is frozen and what is trained: both inputs of the trained part in one row."""
SIDE, WIDTHS, GRID = 48, (32, 64, 128), 2


class Refined(nn.Module):
    """(n, 3, s, s) -> (n, d + e): the base's features and those of a GlyphNet that sees shrunken pixels.

    It also takes (n, d + 3 p p) joined rows, what `join` makes: then the base is not run.

    Args:
        base: the architecture of the base, as a dictionary.
        width: d.
    """

    def __init__(self, base: dict[str, Any], width: int) -> None:
        super().__init__()
        architecture = Architecture(**base)
        self.base: nn.Module = registry.get("bases", architecture.family).build(architecture)
        self.encoder = GlyphNet(WIDTHS, GRID)
        self.width = width

    def join(self, images: Tensor) -> Tensor:
        """(n, 3, s, s) to (n, d + 3 p p)."""
        return self.joined(self.base(images), images)

    def joined(self, features: Tensor, images: Tensor) -> Tensor:
        """The same where the features are known."""
        return torch.cat([features, F.adaptive_avg_pool2d(images, SIDE).flatten(1)], 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Images or joined rows."""
        rows = inputs if inputs.ndim == 2 else self.join(inputs)
        pixels = rows[:, self.width :].reshape(-1, 3, SIDE, SIDE)
        return torch.cat([rows[:, : self.width], self.encoder(pixels)], 1)


def added() -> int:
    """Width e of the encoder's features."""
    return WIDTHS[-1] * GRID**2
