"""The head of SSDlite, of torchvision's parts: each map tells of boxes around default ones; no pyramid.

Notation: n images, c channels, h x w places of a map, A default boxes of all maps together, k classes.

Liu et al., "SSD: Single Shot MultiBox Detector", ECCV 2016, with the separable convolutions of MobileNetV2
(Sandler et al., CVPR 2018, section 6.2). The modules are torchvision's (`SSDLiteHead`, `DefaultBoxGenerator`,
`SSDMatcher`, `BoxCoder`). We differ in these points. All maps of a base are read, from the finest, and
coarser ones are added only until few places are left. Default boxes are REACH places of their map wide, and
not evenly spread: what is small is found on fine maps. GroupNorm stands in place of BatchNorm. Channels of
the class layers are read by class first: then rows of a class stand together. The loss is divided by the
matched boxes of each image and not of the batch, and an image without boxes teaches its NEGATIVES hardest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection._utils import BoxCoder, SSDMatcher
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssdlite import SSDLiteHead
from torchvision.ops import Conv2dNormActivation, box_iou

from ..bases.networks.maps import apart
from ..types import Maps
from ._anchored import decoded, like, right_boxes
from ._boxes_out import detections
from ._levels import Shape, grouped, require

DIFFERENCES, ANCHOR, CLASSES = slice(0, 4), slice(4, 8), slice(8, None)
"""Columns: the box as a difference from the default box; this one; logits, first of the background."""
RATIOS = (2, 3)
"""Widths over heights of default boxes, and the other way round, beside squares."""
REACH, LARGEST = 3.0, 0.9
"""Places of its map that a default box is wide; fraction of the image that it is at most."""
FEWEST = 3
"""Places along a side of the coarsest map at most: coarser ones are added until then."""
EXTRA = 256
"""Channels of an added map."""
OVERLAP = 0.5
"""IoU from which on a default box is matched to a box; each box has its best one in any case."""
NEGATIVES = 3
"""Default boxes of the background for each matched one: those with the largest loss."""
CODER = BoxCoder((10.0, 10.0, 5.0, 5.0))
"""Torchvision's weights of differences in place and in size."""


class SsdLite(nn.Module):
    """(n, d) flattened feature maps, finest first, to (n, A, 8 + 1 + k).

    Attributes:
        shapes: (channels, height, width) of each map of the base.
        labels: the k classes.
    """

    anchors: Tensor
    """(A, 4) default boxes; they may reach over the edge."""

    def __init__(self, shapes: Sequence[Shape], labels: Sequence[str]) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Raises:
            ContractError: there is no map, no class, or a map is finer than the one before it.
        """
        super().__init__()
        require(shapes, labels)
        self.shapes, self.labels = tuple(shapes), tuple(labels)
        added = _added(self.shapes[-1])
        before = [self.shapes[-1][0], *(c for c, _, _ in added)]
        self.extra = nn.ModuleList(_narrowed(c) for c in before[:-1])
        shapes = [*self.shapes, *added]
        generator = DefaultBoxGenerator([list(RATIOS) for _ in shapes], scales=_scales(shapes))
        counts = generator.num_anchors_per_location()
        self.head = SSDLiteHead([c for c, _, _ in shapes], counts, 1 + len(self.labels), grouped)
        layers = [f"head.classification_head.module_list.{level}.1" for level, _ in enumerate(shapes)]
        self.class_rows = {f"{one}.{part}": (counts[0],) * 2 for one in layers for part in ("weight", "bias")}
        boxes = generator(*like(1, [(h, w) for _, h, w in shapes]))[0]
        self.register_buffer("anchors", boxes, persistent=False)

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, A, 9 + k)."""
        maps = apart(flat, self.shapes)
        for narrowed in self.extra:
            maps.append(narrowed(maps[-1]))
        # full precision from here on: a half has but ten bits for a coordinate
        differences = self.head.regression_head(maps).float()
        anchors = self.anchors.expand(differences.shape[0], -1, -1)
        return torch.cat([differences, anchors, self._classes(maps).float()], 2)

    def _classes(self, maps: list[Tensor]) -> Tensor:
        """(n, A, 1 + k) logits."""
        layers, k = self.head.classification_head.module_list, 1 + len(self.labels)
        found = [layer(one) for layer, one in zip(layers, maps, strict=True)]
        of_places = [one.unflatten(1, (k, -1)).permute(0, 3, 4, 2, 1) for one in found]
        return torch.cat([one.flatten(1, 3) for one in of_places], 1)


def ssd_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """(n,) loss of each image, float32; finite for images without boxes and for boxes without area.

    Args:
        outputs: (n, A, 9 + k).
        truth: (n, M, 5) class in 0..k-1, or -1 for a row that only fills up, and x1, y1, x2, y2 as fractions.
    """
    return torch.stack([_of_image(*one) for one in zip(outputs.float(), truth.float(), strict=True)])


def _of_image(outputs: Tensor, truth: Tensor) -> Tensor:
    label, box = right_boxes(truth)
    matched = _matched(box, outputs[:, ANCHOR])
    positive = matched >= 0
    count = int(positive.sum())
    wanted = CODER.encode_single(box[matched[positive]], outputs[positive, ANCHOR])
    places = functional.smooth_l1_loss(outputs[positive, DIFFERENCES], wanted, reduction="sum")
    target = torch.zeros_like(matched)
    target[positive] = 1 + label[matched[positive]]
    wrong = functional.cross_entropy(outputs[:, CLASSES], target, reduction="none")
    ground = wrong[~positive]
    hardest = ground.topk(min(NEGATIVES * max(1, count), len(ground))).values
    return (places + wrong[positive].sum() + hardest.sum()) / max(1, count)


@torch.no_grad()
def _matched(box: Tensor, anchors: Tensor) -> Tensor:
    """(m, 4) boxes -> (A,) the number of the box that each default box is matched to, or below zero."""
    if not len(box):
        return torch.full((len(anchors),), -1, device=anchors.device)
    found: Tensor = SSDMatcher(OVERLAP)(box_iou(box, anchors))
    return found


def _added(coarsest: Shape) -> list[Shape]:
    """Shapes of the maps beyond the base's own."""
    _, height, width = coarsest
    added = list[Shape]()
    while max(height, width) > FEWEST:
        height, width = (height + 1) // 2, (width + 1) // 2
        added.append((EXTRA, height, width))
    return added


def _narrowed(c: int) -> nn.Sequential:
    """A map of half the sides: a separable convolution between two of single places."""
    middle, how = EXTRA // 2, {"norm_layer": grouped, "activation_layer": nn.ReLU6}
    return nn.Sequential(
        Conv2dNormActivation(c, middle, 1, **how),
        Conv2dNormActivation(middle, middle, 3, stride=2, groups=middle, **how),
        Conv2dNormActivation(middle, EXTRA, 1, **how),
    )


def _scales(shapes: Sequence[Shape]) -> list[float]:
    """Sizes of the default boxes of each map, as fractions, and 1: between two are the larger squares."""
    return [*(min(LARGEST, REACH / math.sqrt(h * w)) for _, h, w in shapes), 1.0]


class SsdLiteHead:
    """The head of `heads/base.py`."""

    task = "object_detection"
    summary = "default boxes on each map, torchvision's SSDlite: light, without a pyramid"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, A, 9 + k)."""
        return SsdLite(maps.shapes, labels)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of places and classes."""
        return ssd_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """Boxes with the probabilities of their classes."""
        boxes = decoded(CODER, outputs[..., DIFFERENCES], outputs[..., ANCHOR])
        return detections(boxes, outputs[..., CLASSES].softmax(-1)[..., 1:], labels)


plugin = SsdLiteHead()
