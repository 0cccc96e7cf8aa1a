"""The head of Faster R-CNN, of torchvision's parts: one stage says where objects are, a second which.

Notation: n images, c channels, h x w places of a map, A anchors of all levels, P proposals, k classes.

Ren et al., "Faster R-CNN", NeurIPS 2015, on a feature pyramid (Lin et al., CVPR 2017, section 4). The modules
are torchvision's (`FeaturePyramidNetwork`, `AnchorGenerator`, `RPNHead`, `TwoMLPHead`), smaller than usual:
WIDTH channels instead of 256, and REPRESENTATION numbers of a proposal instead of 1024, since pictures are
few and small. The layers that say what a proposal is are our own, with one difference to its box for all
classes (`_two_stages.py`). One pass gives both stages, in training as in use: the first stage's answers for
all anchors and the second's for P proposals, which are boxes that it learns nothing through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.rpn import RPNHead, concat_box_prediction_layers
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from ..types import Maps
from ._anchored import decoded, like
from ._boxes_out import detections
from ._levels import Levels, Side, require
from ._proposals import POOLED, PROPOSALS, pooled, proposed
from ._two_stages import BOX, CLASSES, DIFFERENCES, FIRST, SECOND, SURE, two_stage_loss

WIDTH, REPRESENTATION = 128, 256
"""Channels of each level, numbers that a proposal is told by."""
REACH = (3.0, 3.0 * math.sqrt(2))
"""Places of its level that an anchor is wide, at most the whole image."""
RATIOS = (0.5, 1.0, 2.0)
"""Heights over widths of anchors."""
OVERLAP = 0.5
"""IoU above which the less sure of two answers of a class is the same object, as in torchvision."""


class FasterRcnn(nn.Module):
    """(n, d) flattened feature maps, finest first, to (n, A + P, 10 + k): the columns of `_two_stages.py`.

    Attributes:
        labels: the k classes.
    """

    anchors: Tensor
    """(A, 4); they may reach over the edge."""

    def __init__(self, maps: Maps, labels: Sequence[str], width: int = WIDTH) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Raises:
            ContractError: there is no map, no class, or a map is finer than the one before it.
        """
        super().__init__()
        require(maps.shapes, labels)
        self.labels = tuple(labels)
        self.levels = Levels(maps.shapes, width, LastLevelMaxPool())
        each = len(REACH) * len(RATIOS)
        self.counts = [each * h * w for h, w in self.levels.sides]
        self.first = RPNHead(width, each)
        self.second = TwoMLPHead(width * POOLED**2, REPRESENTATION)
        self.classify, self.place = nn.Linear(REPRESENTATION, 1 + len(labels)), nn.Linear(REPRESENTATION, 4)
        self.class_rows = {"classify.weight": (1, 1), "classify.bias": (1, 1)}
        self.register_buffer("anchors", _anchors(self.levels.sides, maps.side), persistent=False)

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, A + P, 10 + k)."""
        levels = self.levels(flat)
        n = flat.shape[0]
        # full precision from here on: a half has but ten bits for a coordinate
        sure, differences = (one.float() for one in concat_box_prediction_layers(*self.first(levels)))
        sure, differences = sure.reshape(n, -1, 1), differences.reshape(n, -1, 4)
        anchors = self.anchors.expand(n, -1, -1)
        boxes = decoded(FIRST, differences.detach(), anchors)
        proposals, real = proposed(boxes, sure.detach()[..., 0], self.counts)
        told = self.second(pooled(levels[:-1], proposals))
        moved, classes = (
            layer(told).float().reshape(n, PROPOSALS, -1) for layer in (self.place, self.classify)
        )
        first = functional.pad(torch.cat([anchors, differences, sure], 2), (0, 1 + len(self.labels)))
        return torch.cat([first, torch.cat([proposals, moved, real[..., None], classes], 2)], 1)


def _anchors(sides: Sequence[Side], side: int) -> Tensor:
    """(A, 4) fractions."""
    wide = [side / math.sqrt(h * w) for h, w in sides]
    sizes = tuple(tuple(min(side, one * reach) for reach in REACH) for one in wide)
    anchors: Tensor = AnchorGenerator(sizes, (RATIOS,) * len(sizes))(*like(side, sides))[0]
    return anchors / side


class FasterRcnnHead:
    """The head of `heads/base.py`."""

    task = "object_detection"
    summary = "two stages, torchvision's Faster R-CNN: proposals, each looked at again"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, A + P, 10 + k)."""
        return FasterRcnn(maps, labels)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of both stages: objects or not and their places, classes and places again."""
        return two_stage_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """What the second stage says of the proposals."""
        rows = outputs[:, -PROPOSALS:].detach().float()
        scores = rows[..., CLASSES].softmax(-1)[..., 1:] * rows[..., SURE, None]
        return detections(
            decoded(SECOND, rows[..., DIFFERENCES], rows[..., BOX]), scores, labels, overlap=OVERLAP
        )


plugin = FasterRcnnHead()
