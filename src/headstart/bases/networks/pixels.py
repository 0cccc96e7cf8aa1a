"""The backbone that knows nothing: a picture's own shrunken pixels, for the dull baseline.

Notation: n images, s input side, p side of the thumbnail.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Pixels(nn.Module):
    """(n, 3, s, s) -> (n, 3 p p), the mean colour of each cell; has no weights."""

    def __init__(self, side: int = 16) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: Tensor) -> Tensor:
        """Shrink and flatten."""
        return F.adaptive_avg_pool2d(images, self.side).flatten(1)
