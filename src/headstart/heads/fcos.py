"""The whole head of FCOS, of torchvision's parts: two towers on the levels of a feature pyramid.

Notation: n images, c channels, h x w places of a map, L places of all levels together, k classes.

Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019 (arXiv:2006.09214): each place
says of which class the object at it is, how far the object's four sides are, and how near its middle the
place is. The modules are torchvision's (`FeaturePyramidNetwork`, `LastLevelP6P7`, `FCOSHead`). We differ in
what stands around them: WIDTH channels instead of 256, since pictures are small and processors slow; two
coarser levels are added only where the maps are few and the coarsest of them has something to narrow; a
place's first box is not empty, since a rectifier that gives 0 everywhere does not learn; a place stands in
the middle of its cell, as in the paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torchvision.models.detection.fcos import FCOSHead
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

from ..types import Maps
from ._boxes_out import detections
from ._centre_sampled import BOX, CENTRENESS, CLASSES, centre_loss, ranges
from ._levels import Levels, Shape, places, require

WIDTH, DEPTH = 128, 4
"""Channels of each level, convolutions of each tower; torchvision normalises channels in 32 groups."""
LEVELS = 5
"""Of FCOS: strides 8 to 128. Fewer maps get two more."""
NARROWEST = 3
"""Places along a side of the coarsest map at least, for levels beyond it."""
FIRST_REACH = 2.0
"""Strides from a place to each side of its first box."""


class Fcos(nn.Module):
    """(n, d) flattened feature maps, finest first, to (n, L, 11 + k): the columns of `_centre_sampled.py`.

    Attributes:
        labels: the k classes.
    """

    known: Tensor
    """(L, 6) the cell of each place, and the sizes that it answers for."""

    def __init__(self, shapes: Sequence[Shape], labels: Sequence[str], width: int = WIDTH) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Args:
            shapes: (channels, height, width) of each map, finest first.
            labels: the k classes, at least one.
            width: channels of each level, a multiple of 32 and not less than 64.

        Raises:
            ContractError: there is no map, no class, or a map is finer than the one before it.
        """
        super().__init__()
        require(shapes, labels)
        self.labels = tuple(labels)
        more = len(shapes) < LEVELS and min(shapes[-1][1:]) >= NARROWEST
        self.levels = Levels(shapes, width, LastLevelP6P7(width, width) if more else None)
        self.head = FCOSHead(width, 1, len(self.labels), DEPTH)
        nn.init.constant_(self.head.regression_head.bbox_reg.bias, FIRST_REACH)
        layer = "head.classification_head.cls_logits"
        self.class_rows = {f"{layer}.weight": (0, 1), f"{layer}.bias": (0, 1)}
        centres, strides = places(self.levels.sides)
        cells = torch.cat([centres - strides / 2, centres + strides / 2], 1)
        self.register_buffer("known", torch.cat([cells, ranges(self.levels.sides)], 1), persistent=False)

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, L, 11 + k); boxes may reach over the edge."""
        # full precision from here on: a half has but ten bits for a coordinate
        found = {name: one.float() for name, one in self.head(self.levels(flat)).items()}
        known = self.known.expand(flat.shape[0], -1, -1)
        boxes = self.head.box_coder.decode(found["bbox_regression"], known[..., :4])
        return torch.cat([boxes, known, found["bbox_ctrness"], found["cls_logits"]], 2)


class FcosHead:
    """The head of `heads/base.py`."""

    task = "object_detection"
    summary = "anchor-free, torchvision's FCOS: two deep towers on a feature pyramid"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, L, 11 + k)."""
        return Fcos(maps.shapes, labels)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of classes, boxes and centreness."""
        return centre_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """Boxes with scores: the geometric mean of the class's probability and the centreness."""
        both = outputs[..., CLASSES].sigmoid() * outputs[..., CENTRENESS, None].sigmoid()
        return detections(outputs[..., BOX], both.sqrt(), labels)


plugin = FcosHead()
