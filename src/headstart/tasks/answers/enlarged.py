"""Outputs of a model's own square at the size of the picture: a class for every pixel of the original.

Outputs are enlarged before the largest one is taken, so that the borders between classes are smooth. That is
done in bands of rows: of a picture of eighty megapixels its classes are in memory, a byte a pixel, but never
an output a class for all of it.

A picture is not cut into tiles: the model has learned from whole pictures squeezed into its square, and in a
tile things have another size than it knows.

Notation: k classes, s side of the outputs, H x W the picture, h rows of a band.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...data.answers.masks import Mask

AT_ONCE = 2**22
"""Numbers of a band: 16 MB."""


def largest(outputs: Tensor, height: int, width: int) -> Mask:
    """(H, W) class of the largest output at each pixel.

    Enlarged bilinearly, with corners where `torch.nn.functional.interpolate` puts them.

    Args:
        outputs: (k, s, s), of at most 255 classes.
        height: H.
        width: W.
    """
    outputs = outputs.detach().float().cpu()
    found = np.empty((height, width), dtype=np.uint8)
    rows = max(1, AT_ONCE // (outputs.shape[0] * width))
    for top in range(0, height, rows):
        band = _band(outputs, torch.arange(top, min(top + rows, height)), height)
        wide = functional.interpolate(
            band[None], (band.shape[1], width), mode="bilinear", align_corners=False
        )
        found[top : top + rows] = wide[0].argmax(0).to(torch.uint8).numpy()
    return found


def _band(outputs: Tensor, rows: Tensor, height: int) -> Tensor:
    """(k, h, s) some rows of the outputs enlarged to so many rows."""
    side = outputs.shape[1]
    place = ((rows + 0.5) * (side / height) - 0.5).clamp(0, side - 1)
    above = place.floor().long()
    below = (above + 1).clamp(max=side - 1)
    share = (place - above)[:, None]
    return outputs[:, above] * (1 - share) + outputs[:, below] * share
