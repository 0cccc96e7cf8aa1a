"""A base for recordings that hears a whole window, whatever the length of a recording: as Whisper learned to.

Its decoder repeats itself endlessly over shorter ones. What is after the end has level 0 in all bands, not
that of silence: over that it leaves out words.

Notation: n recordings, B bands, T frames, W frames of the window, L steps of it, d width.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ... import registry
from ...preprocessing.sound import STEP
from ...types import Architecture
from .frames import FrameNetwork


class Windowed(nn.Module):
    """(n, B, T) levels, 0 in all bands after a recording's end, to (n, L, d): every step of the window.

    Args:
        of: the architecture of the base, as a dictionary.
        window: W.
    """

    def __init__(self, of: dict[str, Any], window: int) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: FrameNetwork = registry.get("bases", architecture.family).build(architecture, None)
        self.window = window

    def forward(self, frames: Tensor) -> Tensor:
        """Run, as if nothing ended before the window does."""
        levels = F.pad(frames, (0, self.window - frames.shape[2]))
        mask = levels.new_ones((len(levels), self.window // STEP), dtype=torch.bool)
        return self.base.states(levels, mask)
