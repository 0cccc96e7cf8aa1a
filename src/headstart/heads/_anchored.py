"""What heads with anchors share: the right boxes of an image, and boxes as differences from anchors and back.

Notation: n images, M boxes of the image that has most, m boxes of one image, A anchors.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.image_list import ImageList

from ._levels import Side

THINNEST = 1e-4
"""Sides of a right box at least, as a fraction of the image: a difference is a logarithm of them."""


def right_boxes(truth: Tensor) -> tuple[Tensor, Tensor]:
    """(m,) classes and (m, 4) boxes of one image, from (M, 5) rows of which some only fill up."""
    real = truth[truth[:, 0] >= 0]
    low, high = real[:, 1:3], real[:, 3:]
    return real[:, 0].long(), torch.cat([low, torch.maximum(high, low + THINNEST)], 1)


def decoded(coder: BoxCoder, differences: Tensor, anchors: Tensor) -> Tensor:
    """(n, A, 4) differences from (n, A, 4) anchors -> (n, A, 4) boxes."""
    boxes: Tensor = coder.decode_single(differences.reshape(-1, 4), anchors.reshape(-1, 4))
    return boxes.reshape(differences.shape)


def like(side: int, sides: Sequence[Side]) -> tuple[ImageList, list[Tensor]]:
    """What torchvision's generators of anchors ask: an image of `side` pixels, and maps of these sides."""
    return ImageList(torch.empty(1, 3, side, side), [(side, side)]), [
        torch.empty(1, 1, *one) for one in sides
    ]
