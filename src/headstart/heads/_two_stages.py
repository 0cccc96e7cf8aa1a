"""What the training of a detector of two stages minimises, for anchors and for proposals.

Notation: n images, M boxes of the image that has most, A anchors, P proposals, k classes.

Ren et al., "Faster R-CNN", NeurIPS 2015, as in torchvision (`RegionProposalNetwork.compute_loss`,
`fastrcnn_loss`): anchors, and then proposals, are matched to boxes by their IoU (torchvision's `Matcher`);
cross entropy teaches what is an object and of which class, smooth L1 the difference to the box. We differ in
three points.

* Nothing is drawn. Torchvision draws some anchors and proposals, at most half of them and a quarter with
  a box; here each counts with the probability that it would have been drawn, which is what such draws
  come to on the average.
* Torchvision adds the right boxes to the proposals, so that the second stage learns before the first one
  finds anything. A pass of ours does not know them. Instead the best proposal of each box is matched to it
  too, from an IoU of NEAR on, as torchvision does for anchors; proposals are spread over the image from the
  start, so that most boxes have such a one, and the second stage learns larger differences at first.
* Differences of proposals are the same for all classes: k times fewer weights for few pictures to teach.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.ops import box_iou

from ._anchored import right_boxes
from ._proposals import PROPOSALS

BOX, DIFFERENCES, SURE, CLASSES = slice(0, 4), slice(4, 8), 8, slice(9, None)
"""Columns. Of the first rows: the anchor; the box as a difference from it; the logit of an object; nothing.
Of the last PROPOSALS rows: the proposal; the same; 1, or 0 for none; logits, the background's first."""
FIRST, SECOND = BoxCoder((1.0, 1.0, 1.0, 1.0)), BoxCoder((10.0, 10.0, 5.0, 5.0))
"""Differences of anchors and of proposals."""
ANCHORS, ANCHOR_SHARE = 256, 0.5
"""Anchors of an image that torchvision draws, and the part of them with a box, at most."""
PROPOSAL_SHARE = 0.25
"""Part of the proposals that counts as one with a box, at most."""
NEAR = 0.25
"""IoU from which on the best proposal of a box is matched to it."""
BETA = 1 / 9
"""Where smooth L1 becomes straight."""


def two_stage_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """(n,) loss of each image, float32; finite for images without boxes and for boxes without area.

    Args:
        outputs: (n, A + P, 10 + k) of `faster_rcnn.py`.
        truth: (n, M, 5) class in 0..k-1, or -1 for a row that only fills up, and x1, y1, x2, y2 as fractions.
    """
    return torch.stack([_of_image(*one) for one in zip(outputs.float(), truth.float(), strict=True)])


def _of_image(outputs: Tensor, truth: Tensor) -> Tensor:
    label, box = right_boxes(truth)
    first, second = outputs[:-PROPOSALS], outputs[-PROPOSALS:]
    return _of_anchors(first, box) + _of_proposals(second, label, box)


def _of_anchors(rows: Tensor, box: Tensor) -> Tensor:
    matched = found(box, rows[:, BOX], (0.7, 0.3), 0.0)
    share = drawn(matched >= 0, matched == Matcher.BELOW_LOW_THRESHOLD, ANCHORS, ANCHOR_SHARE)
    wrong = functional.binary_cross_entropy_with_logits(
        rows[:, SURE], (matched >= 0).float(), reduction="none"
    )
    return (share * wrong).sum() / share.sum().clamp(min=1) + _of_places(rows, box, matched, share, FIRST)


def _of_proposals(rows: Tensor, label: Tensor, box: Tensor) -> Tensor:
    matched = found(box, rows[:, BOX], (0.5, 0.5), NEAR)
    there = rows[:, SURE] > 0.5
    share = drawn(there & (matched >= 0), there & (matched < 0), PROPOSALS, PROPOSAL_SHARE)
    target = torch.zeros_like(matched)
    target[matched >= 0] = 1 + label[matched[matched >= 0]]
    wrong = functional.cross_entropy(rows[:, CLASSES], target, reduction="none")
    return (share * wrong).sum() / share.sum().clamp(min=1) + _of_places(rows, box, matched, share, SECOND)


def _of_places(rows: Tensor, box: Tensor, matched: Tensor, share: Tensor, coder: BoxCoder) -> Tensor:
    mine = matched >= 0
    wanted = coder.encode_single(box[matched[mine]], rows[mine, BOX])
    wrong = functional.smooth_l1_loss(rows[mine, DIFFERENCES], wanted, beta=BETA, reduction="none")
    return (share[mine] * wrong.sum(1)).sum() / share.sum().clamp(min=1)


@torch.no_grad()
def found(box: Tensor, rows: Tensor, bounds: tuple[float, float], near: float) -> Tensor:
    """(m, 4) boxes and (A, 4) anchors -> (A,) the number of the anchor's box, or below zero.

    Args:
        box: the right ones.
        rows: anchors or proposals.
        bounds: IoU from which on an anchor has a box, and below which it has none; in between neither counts.
        near: IoU above which the best anchor of a box is matched to it in any case.
    """
    overlap = box_iou(box, rows)
    # of a box that is near to nothing every anchor would be the best
    here = (overlap.amax(1) > near).nonzero()[:, 0] if len(rows) else box.new_empty(0, dtype=torch.long)
    if not len(here):
        return torch.full((len(rows),), Matcher.BELOW_LOW_THRESHOLD, device=rows.device)
    matched: Tensor = Matcher(*bounds, allow_low_quality_matches=True)(overlap[here])
    return torch.where(matched >= 0, here[matched.clamp(min=0)], matched)


def drawn(positive: Tensor, negative: Tensor, count: int, share: float) -> Tensor:
    """(A,) the probability of each to be among `count` of which `share` at most are positive."""
    with_box, without = positive.sum(), negative.sum()
    taken = with_box.clamp(max=int(count * share))
    rest = torch.minimum(without, count - taken)
    return positive * (taken / with_box.clamp(min=1)) + negative * (rest / without.clamp(min=1))
