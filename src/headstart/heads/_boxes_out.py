"""A detector's outputs as answers: the boxes that stand out, each object once.

Notation: n images, L places of all maps together, k classes.

An answer is `{"boxes":[["name",x1,y1,x2,y2,score],...]}`: fractions of the image, the surest first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from torch import Tensor
from torchvision.ops import batched_nms

DIGITS = 6
"""Of coordinates and scores: a thousandth of a pixel in a picture of a thousand."""
LOOKED_AT = 1000
"""Surest candidates of an image that are compared with each other."""


def detections(
    boxes: Tensor,
    scores: Tensor,
    labels: Sequence[str],
    least: float = 0.05,
    most: int = 100,
    overlap: float = 0.6,
) -> list[str]:
    """The canonical answer of each of the n images.

    Args:
        boxes: (n, L, 4) fractions, or (n, L, k, 4) where each class has a box of its own; they may reach
            over the image's edge.
        scores: (n, L, k) in 0..1.
        labels: the k classes.
        least: score above which a box is an answer; low, since a measure over all scores wants the doubtful.
        most: boxes of one image at most.
        overlap: IoU above which the less sure of two boxes of a class is the same object.
    """
    pairs = zip(boxes.detach().float().cpu(), scores.detach().float().cpu(), strict=True)
    return [_answer(box, score, labels, least, most, overlap) for box, score in pairs]


def _answer(
    boxes: Tensor, scores: Tensor, labels: Sequence[str], least: float, most: int, overlap: float
) -> str:
    box, score, label = _candidates(boxes, scores, least)
    keep = batched_nms(box, score, label, overlap)[:most]
    found = [
        [labels[which], *(round(value, DIGITS) for value in (*corners, sure))]
        for which, corners, sure in zip(
            label[keep].tolist(), box[keep].tolist(), score[keep].tolist(), strict=True
        )
    ]
    return json.dumps({"boxes": found}, ensure_ascii=False, separators=(",", ":"))


def _candidates(boxes: Tensor, scores: Tensor, least: float) -> tuple[Tensor, Tensor, Tensor]:
    """(c, 4) boxes within the image, (c,) scores above `least` and (c,) labels: the surest LOOKED_AT."""
    box = boxes.clamp(0, 1)
    seen = (box[..., 2:] - box[..., :2] > 10**-DIGITS).all(-1)
    place, label = ((scores > least) & (seen if seen.ndim == 2 else seen[:, None])).nonzero(as_tuple=True)
    sure, order = scores[place, label].sort(descending=True, stable=True)
    place, label, sure = place[order[:LOOKED_AT]], label[order[:LOOKED_AT]], sure[:LOOKED_AT]
    return box[place] if box.ndim == 2 else box[place, label], sure, label
