"""What decoders of segmentation share: flat feature maps of a backbone in, a class for every pixel out.

Notation: n images, k classes, c channels, h x w pixels of a map, d all numbers of all maps, s side of the
answer in pixels.

Group normalisation (Wu and He, ECCV 2018, arXiv:1803.08494) stands wherever a paper has batch normalisation:
a head must learn from a few images, a batch of one included, and where a strategy keeps a network's batch
statistics still, those of a new head would never be measured. Maps are enlarged bilinearly. Each map is
normalised before it is read, since maps of different depths differ in scale.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..bases.networks.maps import apart
from ..errors import ContractError
from ..types import Maps

GROUPS = 8
"""Channels are normalised in this many groups: any width behind a convolution is a multiple of it."""


class Segmenter(nn.Module):
    """Flat feature maps (n, d) to outputs (n, k, s, s): the larger a number, the likelier the class.

    A decoder defines `decoded`, and `classify`, a 1 x 1 convolution of what that gives to the k classes.

    Attributes:
        shapes: (channels, height, width) of each map, finest first.
        labels: the k classes.
        class_rows: rows of `classify`, as in `heads/base.py`.
    """

    classify: nn.Module

    def __init__(self, maps: Maps, labels: Sequence[str]) -> None:
        """For one map at least.

        Raises:
            ContractError: no map, a map that is finer than the one before it, no class, or no side.
        """
        super().__init__()
        _require(maps, labels)
        self.shapes, self.side, self.labels = maps.shapes, maps.side, tuple(labels)
        self.sizes = tuple((height, width) for _, height, width in maps.shapes)
        self.class_rows = {"classify.weight": (0, 1), "classify.bias": (0, 1)}

    def decoded(self, maps: list[Tensor]) -> Tensor:
        """The maps (n, c, h, w) of each shape to one map, of the finest one's size."""
        raise NotImplementedError

    def forward(self, flat: Tensor) -> Tensor:
        maps = [laid(one, torch.channels_last) for one in apart(flat, self.shapes)]
        outputs = laid(self.classify(self.decoded(maps)), torch.contiguous_format)
        return enlarged(outputs, (self.side, self.side))


def laid(maps: Tensor, order: torch.memory_format) -> Tensor:
    """The same numbers in another order in memory, except in a graph, which knows none.

    On a CPU maps of many channels are enlarged several times as fast with channels last, few without.
    """
    return maps if torch.onnx.is_in_onnx_export() else maps.contiguous(memory_format=order)


def enlarged(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """(n, c, h, w) to maps of `size`, height and width."""
    return functional.interpolate(maps, size=size, mode="bilinear", align_corners=False)


def narrowed(c: int, most: int) -> nn.Sequential:
    """A map of any scale and c channels to one of `most` channels at most."""
    return nn.Sequential(nn.GroupNorm(1, c), nn.Conv2d(c, most, 1) if c > most else nn.Identity())


def filtered(before: int, after: int) -> nn.Sequential:
    """A 3 x 3 convolution, normalised and rectified."""
    return rectified(nn.Conv2d(before, after, 3, padding=1, bias=False))


def rectified(*convolutions: nn.Conv2d) -> nn.Sequential:
    """Convolutions, of which the last is normalised and rectified."""
    return nn.Sequential(
        *convolutions, nn.GroupNorm(GROUPS, convolutions[-1].out_channels), nn.ReLU(inplace=True)
    )


def _require(maps: Maps, labels: Sequence[str]) -> None:
    sizes = [(h, w) for _, h, w in maps.shapes]
    finest_first = all(
        one[0] >= next_one[0] and one[1] >= next_one[1]
        for one, next_one in zip(sizes, sizes[1:], strict=False)
    )
    if not sizes or not labels or maps.side < 1 or not finest_first:
        raise ContractError(
            f"a head of segmentation needs classes, a side and feature maps, finest first; got {len(labels)} "
            f"classes, a side of {maps.side} pixels and maps of {list(maps.shapes)}",
            "give the shapes (channels, height, width) of a backbone's maps from fine to coarse",
        )
