"""What FCOS's training minimises: places near the middle of a box answer for it, each level for some sizes.

Notation: n images, M boxes of the image that has most, L places of all levels together, k classes.

As in torchvision (`models.detection.fcos.FCOS.compute_loss`, after Tian et al., arXiv:2006.09214): a place
answers for a box that it lies in, if it is within RADIUS strides of the box's middle and the farthest side is
as far away as its level is for; of several such boxes for the smallest. Losses:

* classes: focal loss (Lin et al., ICCV 2017), all places and classes;
* boxes: generalised IoU (Rezatofighi et al., CVPR 2019), places that answer for a box;
* centreness: cross-entropy of how near the middle the place is, FCOS's equation 3, the same places.

We differ in two points. Losses are divided by the number of such places in the image, not in the batch, so
that a caller can weigh images. A level begins where the one below it ends, also where strides do not double.
A box that no place of its level lies in teaches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import generalized_box_iou_loss, sigmoid_focal_loss

from ._levels import Side

BOX, CELL, SIZES, CENTRENESS, CLASSES = slice(0, 4), slice(4, 8), slice(8, 10), 10, slice(11, None)
"""Columns: left, top, right, bottom of the box and of the place's cell; the distances to the farthest side
of a box that the place may answer for; logits."""
RADIUS = 1.5
"""Strides from the middle of a box to a place that answers for it, at most."""
REACH = 8.0
"""Strides to the farthest side of a box at most, but for the coarsest level."""
WHOLE = 2.0
"""Of the image: more than any box reaches. Not infinity, which two engines cannot be compared in."""


def centre_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """(n,) loss of each image, float32; finite for images without boxes and for boxes without area.

    Args:
        outputs: (n, L, 11 + k) of `fcos.py`.
        truth: (n, M, 5) class in 0..k-1, or -1 for a row that only fills up, and x1, y1, x2, y2 as fractions.
    """
    outputs, truth = outputs.float(), truth.float()
    if truth.shape[1] == 0:
        truth = truth.new_full((len(truth), 1, 5), -1.0)
    with torch.no_grad():
        found = centred(outputs, truth)
    logits = outputs[..., CLASSES]
    target = functional.one_hot(found.label, logits.shape[-1]) * found.positive[..., None]
    classes = sigmoid_focal_loss(logits, target.float()).sum((1, 2))
    boxes = found.positive * generalized_box_iou_loss(outputs[..., BOX], found.box)
    wrong = functional.binary_cross_entropy_with_logits(
        outputs[..., CENTRENESS], found.centreness, reduction="none"
    )
    count = found.positive.sum(1).clamp(min=1)
    loss: Tensor = (classes + boxes.sum(1) + (found.positive * wrong).sum(1)) / count
    return loss


@dataclass(frozen=True)
class Centred:
    """What each place is to answer."""

    positive: Tensor
    """(n, L) bool: there is a box for it."""
    label: Tensor
    """(n, L) class of the box; any, where there is none."""
    box: Tensor
    """(n, L, 4) the box; any, where there is none."""
    centreness: Tensor
    """(n, L) 1 in the middle of the box, 0 at its edge, and where there is none."""


def centred(outputs: Tensor, truth: Tensor) -> Centred:
    """The box that each place answers for, if any.

    Args:
        outputs: (n, L, 11 + k).
        truth: (n, M, 5), M at least 1.
    """
    x, y, across, down = _middles(outputs[..., CELL])
    right_x, right_y, wide, high = (one[..., None] for one in _middles(truth[..., 1:]))
    off_x, off_y = (x[:, None] - right_x).abs(), (y[:, None] - right_y).abs()
    inside = (off_x < wide / 2) & (off_y < high / 2)
    near = (off_x < RADIUS * across[:, None]) & (off_y < RADIUS * down[:, None])
    farthest = torch.maximum(off_x + wide / 2, off_y + high / 2)
    least, most = outputs[:, None, :, SIZES].unbind(-1)
    fits = inside & near & (farthest > least) & (farthest < most) & (truth[..., :1] >= 0)
    area, owner = torch.where(fits, wide * high, math.inf).min(1)
    rows = truth.gather(1, owner[..., None].expand(-1, -1, 5))
    positive = area < math.inf
    off_x, off_y = (off.gather(1, owner[:, None])[:, 0] for off in (off_x, off_y))
    half_x, half_y = ((rows[..., side + 2] - rows[..., side]) / 2 for side in (1, 2))
    # of the nearer side's distance to the farther one's, in both directions
    share = ((half_x - off_x) / (half_x + off_x)) * ((half_y - off_y) / (half_y + off_y))
    return Centred(
        positive=positive,
        label=rows[..., 0].long().clamp(min=0),
        box=rows[..., 1:],
        centreness=torch.where(positive, share, 0.0).sqrt(),
    )


def ranges(sides: Sequence[Side]) -> Tensor:
    """(L, 2) distances to the farthest side of a box that a place may answer for: more than, less than.

    Args:
        sides: (height, width) of each level, finest first.
    """
    ends = [REACH / math.sqrt(height * width) for height, width in sides[:-1]]
    bounds = zip([0.0, *ends], [*ends, WHOLE], strict=True)
    return torch.cat(
        [torch.tensor([both]).expand(h * w, 2) for both, (h, w) in zip(bounds, sides, strict=True)]
    )


def _middles(boxes: Tensor) -> tuple[Tensor, ...]:
    """(…, 4) -> x and y of the middle, width and height."""
    x1, y1, x2, y2 = boxes.unbind(-1)
    return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
