"""What a detector's training minimises: each place of the maps learns of the box that it is best placed for.

Notation: n images, M boxes of the image that has most, L places of all maps together, k classes.

Which places answer for a box is decided anew in every step, by what they say already: the task-aligned
assignment of TOOD (Feng et al., "TOOD: Task-aligned One-stage Object Detection", ICCV 2021, section 3.2).
Of the places inside a box, the PLACES with the largest (probability of its class) * (IoU of their box)^6
are its positives. Each one's target for the class is not 1 but how good it is among them, so one number
says both what the object is and how well the box fits. Losses:

* classes: quality focal loss, |target - p|^2 times cross-entropy (Li et al., NeurIPS 2020, equation 3);
* boxes: generalised IoU (Rezatofighi et al., CVPR 2019), positives weighed by their target;
* quality: cross-entropy of the IoU that the box has, on positives (FCOS, with IoU for its centreness).

We differ from TOOD in two points. Losses are normalised within each image, so that a caller can weigh
images. A box so small that no place lies in it takes the nearest place of each map.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import generalized_box_iou_loss

BOX, CENTRE, STRIDE, QUALITY, CLASSES = slice(0, 4), slice(4, 6), 6, 7, slice(8, None)
"""Columns of a detector's outputs: left, top, right, bottom; x, y; the distance of two places; logits."""
PLACES = 13
"""Positives of one box at most, as in TOOD."""
SHARPNESS = 6
"""Power of the IoU beside the probability of the class, as in TOOD."""
FOCUS = 2
"""Power of the distance between target and probability."""
BOX_SHARE, QUALITY_SHARE = 2.0, 0.5
"""Of the box and quality losses, to one of the classes."""
LEAST = 1e-4
"""Smallest probability and IoU in the comparison of places: a box that nobody sees yet gets places too."""


def detection_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """(n,) loss of each image, float32; finite for images without boxes and for boxes without area.

    Args:
        outputs: (n, L, 8 + k) of a detector (`fcos_lite.py`).
        truth: (n, M, 5) class in 0..k-1, or -1 for a row that only fills up, and x1, y1, x2, y2 as fractions.
    """
    outputs, truth = outputs.float(), truth.float()
    if truth.shape[1] == 0:
        truth = truth.new_full((len(truth), 1, 5), -1.0)
    with torch.no_grad():
        found = assigned(outputs, truth)
    total = found.fit.sum(1).clamp(min=1)
    main = _of_classes(outputs[..., CLASSES], found) + BOX_SHARE * _of_boxes(outputs[..., BOX], found)
    return main / total + QUALITY_SHARE * _of_quality(outputs[..., QUALITY], found)


@dataclass(frozen=True)
class Assigned:
    """What each place is to answer."""

    positive: Tensor
    """(n, L) bool: there is a box for it."""
    label: Tensor
    """(n, L) class of the box."""
    box: Tensor
    """(n, L, 4) the box; any, where there is none."""
    iou: Tensor
    """(n, L) of this box and the place's own; 0 where there is none."""
    fit: Tensor
    """(n, L) target of the class's probability: 0 where there is none."""


def assigned(outputs: Tensor, truth: Tensor) -> Assigned:
    """The box that each place answers for, if any.

    Args:
        outputs: (n, L, 8 + k).
        truth: (n, M, 5), M at least 1.
    """
    label, box = truth[..., 0].long(), truth[..., 1:]
    iou = _ious(box, outputs[..., BOX])
    good = _goodness(outputs[..., CLASSES], label, iou) * _near(outputs, label, box)
    good = _best_places(good)
    # a place that several boxes want goes to the one that it covers best
    rival = torch.where(good > 0, iou, -1.0)
    owner = rival.argmax(1, keepdim=True)
    positive = good.gather(1, owner)[:, 0] > 0
    good = torch.zeros_like(good).scatter(1, owner, good.gather(1, owner))
    share = good / good.amax(2, keepdim=True).clamp(min=1e-30)
    fit = share * (iou * (good > 0)).amax(2, keepdim=True)
    rows = truth.gather(1, owner[:, 0, :, None].expand(-1, -1, 5))
    return Assigned(
        positive=positive,
        label=rows[..., 0].long().clamp(min=0),
        box=rows[..., 1:],
        iou=iou.gather(1, owner)[:, 0] * positive,
        fit=fit.gather(1, owner)[:, 0],
    )


def _ious(box: Tensor, other: Tensor) -> Tensor:
    """(n, M, 4) and (n, L, 4) boxes -> (n, M, L) IoU; 0 where both are empty."""
    x1, y1, x2, y2 = box[:, :, None].unbind(-1)
    a1, b1, a2, b2 = other[:, None].unbind(-1)
    across = torch.minimum(x2, a2) - torch.maximum(x1, a1)
    down = torch.minimum(y2, b2) - torch.maximum(y1, b1)
    both = across.clamp(min=0) * down.clamp(min=0)
    either = (x2 - x1) * (y2 - y1) + (a2 - a1) * (b2 - b1) - both
    return both / either.clamp(min=1e-12)


def _goodness(logits: Tensor, label: Tensor, iou: Tensor) -> Tensor:
    """(n, M, L) how well each place answers for each box already, above 0."""
    odds = logits.sigmoid().transpose(1, 2)
    odds = odds.gather(1, label.clamp(min=0)[..., None].expand_as(iou))
    return odds.clamp(min=LEAST) * iou.clamp(min=LEAST) ** SHARPNESS


def _near(outputs: Tensor, label: Tensor, box: Tensor) -> Tensor:
    """(n, M, L) bool: the place lies in the box, or no place of its map is nearer to the box's centre."""
    centre, reach = outputs[:, None, :, CENTRE], outputs[:, None, :, STRIDE] / 2
    middle, half = ((box[..., 2:] + sign * box[..., :2]) / 2 for sign in (1, -1))
    off = (centre - middle[:, :, None]).abs()
    inside = (off < half[:, :, None]).all(-1)
    return (inside | (off.amax(-1) <= reach)) & (label >= 0)[..., None]


def _best_places(good: Tensor) -> Tensor:
    """(n, M, L), 0 but for the PLACES largest of each box."""
    best, where = good.topk(min(PLACES, good.shape[2]), 2)
    return torch.zeros_like(good).scatter(2, where, best)


def _of_classes(logits: Tensor, found: Assigned) -> Tensor:
    """(n,) sum over places and classes."""
    target = functional.one_hot(found.label, logits.shape[-1]) * found.fit[..., None]
    wrong = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return ((target - logits.sigmoid()).abs() ** FOCUS * wrong).sum((1, 2))


def _of_boxes(boxes: Tensor, found: Assigned) -> Tensor:
    """(n,) sum over positives."""
    apart: Tensor = generalized_box_iou_loss(boxes, found.box)
    return (found.fit * apart).sum(1)


def _of_quality(logits: Tensor, found: Assigned) -> Tensor:
    """(n,) mean over positives."""
    wrong = functional.binary_cross_entropy_with_logits(logits, found.iou, reduction="none")
    return (found.positive * wrong).sum(1) / found.positive.sum(1).clamp(min=1)
