"""From the first stage of a detector to the second: which boxes are looked at again, and what is seen there.

Notation: n images, A anchors, C candidates, P proposals of an image, c channels, h x w places of a map.

As in torchvision (`RegionProposalNetwork.filter_proposals`, `MultiScaleRoIAlign`), with two differences, so
that one ONNX graph serves any number of images: all images are compared at once, and each has exactly P
proposals, the last of which may be empty.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import batched_nms, roi_align

PROPOSALS = 150
"""Of an image."""
CANDIDATES = 300
"""Surest anchors of a level that are compared with each other."""
OVERLAP = 0.7
"""IoU above which the less sure of two candidates of a level is the same object."""
GRID = 4096
"""Parts of the image's side that proposals are rounded to. Images that are compared at once are moved apart,
and only rounded boxes keep their exact sizes there: then no image depends on the others."""
NONE = -1e30
"""Score of what is no proposal."""
POOLED, SAMPLES = 7, 2
"""Bins along a side of a proposal, and points along a side of a bin."""
CELLS = 14
"""A proposal is looked at on the coarsest map that has as many places along its side, or on the finest
(equation 1 of Lin et al., CVPR 2017: a box of 224 pixels on the map of stride 16)."""


@torch.no_grad()
def proposed(boxes: Tensor, sure: Tensor, counts: Sequence[int]) -> tuple[Tensor, Tensor]:
    """(n, P, 4) boxes in the order of their anchors, and (n, P) 1; where there is none, empty ones and 0.

    Args:
        boxes: (n, A, 4) of all anchors, fractions; they may reach over the edge.
        sure: (n, A) the larger, the likelier an object.
        counts: anchors of each level, A together.
    """
    chosen, level = _surest(sure, counts)
    box = boxes.gather(1, chosen[..., None].expand(-1, -1, 4)).clamp(0, 1)
    box = (box * GRID).round() / GRID
    score = torch.where((box[..., 2:] > box[..., :2]).all(-1), sure.gather(1, chosen), NONE)
    # the number of the image, without asking how many there are: a graph is made for any
    image = torch.ones_like(score).cumsum(0) - 1
    group = (image * len(counts) + level).flatten().long()
    keep = batched_nms(box.flatten(0, 1), score.flatten(), group, OVERLAP)
    kept = torch.zeros_like(score).flatten().scatter(0, keep, torch.ones_like(keep, dtype=score.dtype))
    score = torch.where(kept.reshape(score.shape) > 0, score, NONE)
    best = score.topk(min(PROPOSALS, score.shape[1]), 1).indices.sort(1).values
    real = (score.gather(1, best) > NONE).to(box.dtype)
    box = box.gather(1, best[..., None].expand(-1, -1, 4)) * real[..., None]
    more = PROPOSALS - best.shape[1]
    return functional.pad(box, (0, 0, 0, more)), functional.pad(real, (0, more))


def pooled(maps: Sequence[Tensor], boxes: Tensor) -> Tensor:
    """(n, c, h, w) maps, finest first, and (n, P, 4) boxes -> (n P, c, POOLED, POOLED)."""
    image = torch.ones_like(boxes[..., :1]).cumsum(0) - 1
    regions = torch.cat([image, boxes], 2).flatten(0, 1)
    across, down = (boxes[..., 2:] - boxes[..., :2]).flatten(0, 1).unbind(1)
    stride = boxes.new_tensor([(one.shape[2] * one.shape[3]) ** -0.5 for one in maps[1:]])
    level = ((across * down).sqrt()[:, None] >= CELLS * stride).sum(1)
    rows = [(level == number).nonzero()[:, 0] for number, _ in enumerate(maps)]
    seen = [_seen(one, regions[which]) for one, which in zip(maps, rows, strict=True)]
    return torch.cat(seen)[torch.cat(rows).argsort()]


def _surest(sure: Tensor, counts: Sequence[int]) -> tuple[Tensor, Tensor]:
    """(n, C) candidates' places among the anchors, and their (C,) levels."""
    chosen, levels, before = [], [], 0
    for number, (part, count) in enumerate(zip(torch.split(sure, list(counts), 1), counts, strict=True)):
        most = min(CANDIDATES, count)
        chosen.append(part.topk(most, 1).indices.sort(1).values + before)
        levels.append(torch.full((most,), number, device=sure.device))
        before += count
    return torch.cat(chosen, 1), torch.cat(levels)


def _seen(one: Tensor, regions: Tensor) -> Tensor:
    """What lies in regions (image, left, top, right, bottom) of a map."""
    height, width = one.shape[2:]
    places = regions * regions.new_tensor([1, width, height, width, height])
    found: Tensor = roi_align(one, places, POOLED, sampling_ratio=SAMPLES)
    return found
