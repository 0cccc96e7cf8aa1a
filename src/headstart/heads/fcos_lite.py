"""The head of a small object detector: boxes, classes and qualities from the feature maps of any backbone.

Notation: n images, c channels, h x w places of a map, m maps, L places of all maps together, k classes.

A feature pyramid (Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, section 3) brings
all maps to one width and adds the coarser to the finer. On it stands the head of FCOS (Tian et al., ICCV
2019, section 3.1): each place says of which class the object at it is, how far its four sides are, and how
well the box fits. We differ in this: one tower serves all three, its convolutions are depthwise separable,
the distances are a softplus and not an exponential, and the outputs hold the boxes themselves, in
fractions of the image, with the places they come from: loss and decoding need nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..bases.networks.maps import apart
from ..types import Maps
from ._boxes_out import detections
from ._levels import Shape, grouped, places, require
from ._task_aligned import BOX, CLASSES, detection_loss

WIDTH, DEPTH = 96, 2
"""Channels of the pyramid, convolutions of the tower."""
PRIOR = 0.01
"""First probability of every class: most places are background (Lin et al., "Focal Loss", ICCV 2017)."""
FIRST_REACH = 2.0
"""Strides from a place to each side of its first box."""


class FcosLite(nn.Module):
    """(n, d) flattened feature maps, finest first, to (n, L, 8 + k) outputs.

    GroupNorm, not BatchNorm: maps of all sizes share the tower, batches are small, and nothing differs
    between training and use.

    Attributes:
        shapes: (channels, height, width) of each map.
        labels: the k classes.
    """

    centres: Tensor
    """(L, 2)."""
    strides: Tensor
    """(L, 2) across and down."""

    def __init__(self, shapes: Sequence[Shape], labels: Sequence[str], width: int = WIDTH) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Args:
            shapes: (channels, height, width) of each map, finest first.
            labels: the k classes, at least one.
            width: channels of the pyramid.

        Raises:
            ContractError: there is no map, no class, or a map is finer than the one before it.
        """
        super().__init__()
        self.shapes, self.labels = tuple(shapes), tuple(labels)
        require(self.shapes, self.labels)
        self.sides = tuple((h, w) for _, h, w in self.shapes)
        self.lateral = nn.ModuleList(_normed(nn.Conv2d(c, width, 1, bias=False)) for c, _, _ in self.shapes)
        self.smooth = nn.ModuleList(_separable(width) for _ in self.shapes)
        self.tower = nn.Sequential(*(_separable(width) for _ in range(DEPTH)))
        self.answers = _answers(width, len(self.labels))
        self.class_rows = {"answers.weight": (5, 1), "answers.bias": (5, 1)}
        self.scales = nn.Parameter(torch.ones(len(self.shapes)))
        for name, values in zip(("centres", "strides"), places(self.sides), strict=True):
            self.register_buffer(name, values, persistent=False)

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, L, 8 + k): the columns of `_task_aligned.py`; boxes may reach over the edge."""
        pyramid = self._pyramid(apart(flat, self.shapes))
        found = [
            self.answers(self.tower(smooth(one))) for smooth, one in zip(self.smooth, pyramid, strict=True)
        ]
        # full precision from here on: a half has but ten bits for a coordinate
        values = [one.flatten(2).transpose(1, 2).float() for one in found]
        reach = torch.cat(
            [_reach(one[:, :, :4] * scale) for one, scale in zip(values, self.scales, strict=True)], 1
        )
        rest = torch.cat([one[:, :, 4:] for one in values], 1)
        known = self._known().expand(reach.shape[0], -1, -1)
        return torch.cat([self._boxes(reach), known, rest], 2)

    def _pyramid(self, maps: list[Tensor]) -> list[Tensor]:
        """Maps of one width, each with the coarser ones added to it."""
        found = [lateral(one) for lateral, one in zip(self.lateral, maps, strict=True)]
        for finer in reversed(range(len(found) - 1)):
            coarser = functional.interpolate(found[finer + 1], self.sides[finer], mode="nearest")
            found[finer] = found[finer] + coarser
        return found

    def _boxes(self, reach: Tensor) -> Tensor:
        """(n, L, 4) strides to the left, top, right and bottom side -> (n, L, 4) boxes."""
        low = self.centres - reach[:, :, :2] * self.strides
        return torch.cat([low, self.centres + reach[:, :, 2:] * self.strides], 2)

    def _known(self) -> Tensor:
        """(L, 3) centres, and strides as if maps were square."""
        return torch.cat([self.centres, self.strides.prod(1, keepdim=True).sqrt()], 1)


def _reach(raw: Tensor) -> Tensor:
    """Any number to one above zero; zero to FIRST_REACH."""
    return functional.softplus(raw + math.log(math.expm1(FIRST_REACH)))


def _answers(width: int, k: int) -> nn.Conv2d:
    """Four distances, the quality and k classes; at first the same at every place but for a little noise."""
    layer = nn.Conv2d(width, 5 + k, 1)
    first = torch.zeros(5 + k)
    first[5:] = math.log(PRIOR / (1 - PRIOR))
    layer.bias = nn.Parameter(first)
    nn.init.normal_(layer.weight, std=0.01)
    return layer


def _normed(layer: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(layer, grouped(layer.out_channels))


def _separable(width: int) -> nn.Sequential:
    """A depthwise 3 x 3 and a pointwise convolution, normalised and rectified."""
    deep = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
    return nn.Sequential(deep, _normed(nn.Conv2d(width, width, 1, bias=False)), nn.ReLU())


class FcosLiteHead:
    """The head of `heads/base.py`; the default of object detection."""

    task = "object_detection"
    summary = "anchor-free, for real time: one small tower on a feature pyramid"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, L, 8 + k)."""
        return FcosLite(maps.shapes, labels)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of classes, boxes and qualities."""
        return detection_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """Boxes with scores: the loss teaches the class's probability to hold how well the box fits."""
        return detections(outputs[..., BOX], outputs[..., CLASSES].sigmoid(), labels)


plugin = FcosLiteHead()
