"""How loud each band of pitch is on average, and how much that changes: the backbone of the dull baseline.

Notation: n recordings, B bands, T frames.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .frames import Frames
from .ragged import Layout


class BandLevels(nn.Module):
    """(n, B, T) levels -> (n, 2 B), means and deviations over a recording's frames; has no weights."""

    @property
    def input_layout(self) -> Layout:
        """Recordings end where they end."""
        return Frames()

    def forward(self, frames: Tensor) -> Tensor:
        """Two means of each band."""
        inside = (frames != 0).any(1, keepdim=True)
        many = inside.sum(2).clamp(min=1)
        mean = frames.sum(2) / many
        around = torch.where(inside, frames - mean.unsqueeze(2), 0)
        spread = (around.square().sum(2) / many + 1e-12).sqrt()
        return torch.cat([mean, spread], 1)
