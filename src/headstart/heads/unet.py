"""The head of a segmentation model: from feature maps of a backbone to a class for every pixel.

Notation: n images, k classes, l levels (feature maps, finest first), c channels, h x w pixels of a map, d all
numbers of all maps, s side of the answer in pixels.

The decoder of U-Net (Ronneberger, Fischer and Brox, MICCAI 2015, arXiv:1505.04597): the coarsest map is
enlarged to the size of the next finer one, joined with it and mixed by two 3 x 3 convolutions, and so on
until the finest. We differ in three ways. Each map is normalised first, and narrowed by a 1 x 1 convolution
where it is wide: a wide backbone does not make a large head. Maps are enlarged bilinearly, the last time to
the side s. Group normalisation (Wu and He, ECCV 2018, arXiv:1803.08494) stands in place of the usual batch
normalisation: a head must learn from a few images, a batch of one included, and where a strategy keeps a
network's batch statistics still, those of a new head would never be measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..types import Maps
from ._masks_out import OfMasks

FINEST = 16
"""Channels of the finest decoded map; each coarser one has twice as many."""
WIDEST = 128
"""Channels of a decoded map, and of a map that is joined, at most."""
GROUPS = 8
"""Channels are normalised in this many groups."""

Shape = tuple[int, int, int]
"""Channels, height and width of one feature map."""


class UNet(nn.Module):
    """Flat feature maps (n, d) to outputs (n, k, s, s): the larger a number, the likelier the class."""

    def __init__(self, shapes: Sequence[Shape], labels: Sequence[str], side: int) -> None:
        """A new head for l >= 1 maps of these shapes, finest first.

        Raises:
            ValueError: no map, a map that is finer than the one before it, or no class.
        """
        super().__init__()
        _require(shapes, labels, side)
        self.shapes = tuple((int(c), int(h), int(w)) for c, h, w in shapes)
        self.side, self.labels = side, tuple(labels)
        self.class_rows = {"classify.weight": (0, 1), "classify.bias": (0, 1)}
        joined = [min(c, WIDEST) for c, _, _ in self.shapes]
        decoded = [min(FINEST * 2**level, WIDEST) for level in range(len(self.shapes) - 1)]
        below = [*decoded[1:], joined[-1]]
        self.narrow = nn.ModuleList(_narrow(c) for c, _, _ in self.shapes)
        self.mix = nn.ModuleList(
            _mix(own + coarser, width) for own, coarser, width in zip(joined, below, decoded, strict=False)
        )
        self.classify = nn.Conv2d((decoded or joined)[0], len(labels), 1)

    def forward(self, flat: Tensor) -> Tensor:
        parts = torch.split(flat, [math.prod(shape) for shape in self.shapes], dim=1)
        maps = [
            narrow(_laid(part.reshape(-1, *shape), torch.channels_last))
            for narrow, part, shape in zip(self.narrow, parts, self.shapes, strict=True)
        ]
        decoded = maps[-1]
        for level in range(len(self.mix) - 1, -1, -1):
            _, height, width = self.shapes[level]
            decoded = _mixed(self.mix[level], maps[level], _enlarged(decoded, height, width))
        outputs = _laid(self.classify(decoded), torch.contiguous_format)
        return _enlarged(outputs, self.side, self.side)


def _narrow(c: int) -> nn.Sequential:
    """A map of any scale and width to one of WIDEST channels at most."""
    return nn.Sequential(nn.GroupNorm(1, c), nn.Conv2d(c, WIDEST, 1) if c > WIDEST else nn.Identity())


def _mix(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(*_layer(before, after), *_layer(after, after))


def _mixed(mix: nn.Module, own: Tensor, coarser: Tensor) -> Tensor:
    """What `mix` makes of both maps joined.

    Each is convolved with its share of the weights, and the results are added: the same, but no joined map is
    written, and no gradient of one cut in two.
    """
    first, *others = mix.children()
    weights = torch.split(first.get_parameter("weight"), [own.shape[1], coarser.shape[1]], dim=1)
    own, coarser = (
        functional.conv2d(each, weight, padding=1)
        for each, weight in zip((own, coarser), weights, strict=True)
    )
    mixed = own + coarser
    for layer in others:
        mixed = layer(mixed)
    return mixed


def _layer(before: int, after: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
    return convolution, nn.GroupNorm(GROUPS, after), nn.ReLU(inplace=True)


def _laid(maps: Tensor, order: torch.memory_format) -> Tensor:
    """The same numbers in another order in memory, except in a graph, which knows none.

    On a CPU maps of many channels are enlarged several times as fast with channels last, few without.
    """
    return maps if torch.onnx.is_in_onnx_export() else maps.contiguous(memory_format=order)


def _enlarged(maps: Tensor, height: int, width: int) -> Tensor:
    return functional.interpolate(maps, size=(height, width), mode="bilinear", align_corners=False)


def _require(shapes: Sequence[Shape], labels: Sequence[str], side: int) -> None:
    if not shapes or not labels or side < 1:
        raise ValueError("a head needs feature maps, classes and a side in pixels")
    for (_, height, width), (_, coarser_height, coarser_width) in zip(shapes, shapes[1:], strict=False):
        if coarser_height > height or coarser_width > width:
            raise ValueError(f"feature maps must come finest first, not {tuple(shapes)}")


class UNetHead(OfMasks):
    """The head of `heads/base.py`; the default of segmentation."""

    summary = "U-Net's decoder"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, Any]) -> nn.Module:
        """(n, d) to (n, k, s, s)."""
        return UNet(maps.shapes, labels, maps.side)


plugin = UNetHead()
