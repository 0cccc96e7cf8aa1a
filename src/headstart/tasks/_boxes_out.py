"""A detector's outputs as answers: the boxes that stand out, each object once.

Notation: n images, L places of all maps together, k classes.

An answer is `{"boxes":[["name",x1,y1,x2,y2,score],...]}`: fractions of the image, the surest first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from torch import Tensor
from torchvision.ops import batched_nms

from ._detector import BOX, CLASSES

DIGITS = 6
"""Of coordinates and scores: a thousandth of a pixel in a picture of a thousand."""
LOOKED_AT = 1000
"""Surest candidates of an image that are compared with each other."""


def detections(
    outputs: Tensor, labels: Sequence[str], least: float = 0.05, most: int = 100, overlap: float = 0.6
) -> list[str]:
    """The canonical answer of each of the n images.

    Args:
        outputs: (n, L, 8 + k) of a DetectionHead.
        labels: the k classes.
        least: score above which a box is an answer; low, since a measure over all scores wants the doubtful.
        most: boxes of one image at most.
        overlap: IoU above which the less sure of two boxes of a class is the same object.
    """
    return [_answer(one, labels, least, most, overlap) for one in outputs.detach().float().cpu()]


def scores(outputs: Tensor) -> Tensor:
    """(..., 8 + k) outputs -> (..., k) scores, 0..1.

    The class's probability: the loss teaches it to hold how well the box fits.
    """
    return outputs[..., CLASSES].sigmoid()


def _answer(outputs: Tensor, labels: Sequence[str], least: float, most: int, overlap: float) -> str:
    box, score, label = _candidates(outputs, least)
    keep = batched_nms(box, score, label, overlap)[:most]
    found = [
        [labels[which], *(round(value, DIGITS) for value in (*corners, sure))]
        for which, corners, sure in zip(
            label[keep].tolist(), box[keep].tolist(), score[keep].tolist(), strict=True
        )
    ]
    return json.dumps({"boxes": found}, ensure_ascii=False, separators=(",", ":"))


def _candidates(outputs: Tensor, least: float) -> tuple[Tensor, Tensor, Tensor]:
    """(c, 4) boxes within the image, (c,) scores above `least` and (c,) labels: the surest LOOKED_AT."""
    box, score = outputs[:, BOX].clamp(0, 1), scores(outputs)
    seen = (box[:, 2:] - box[:, :2] > 10**-DIGITS).all(1, keepdim=True)
    place, label = ((score > least) & seen).nonzero(as_tuple=True)
    sure, order = score[place, label].sort(descending=True, stable=True)
    order = order[:LOOKED_AT]
    return box[place[order]], sure[: len(order)], label[order]
