"""YOLOX in two halves: up to the maps of its pyramid, and the towers that answer on them.

Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv:2107.08430: a CSPDarknet, whose stages run half of
their channels through residual blocks (Wang et al., "CSPNet", CVPR Workshops 2020), a pyramid that goes down
and up again (Liu et al., "Path Aggregation Network", CVPR 2018), and for each map one tower that tells of
classes and one of places. Modules are called as the authors call theirs, so that their weights fit by name.
We differ in two points: colours are red, green, blue, and the towers have no BatchNorm but its effect, which
is folded into their weights: a head on frozen maps then treats each picture alone.

Notation: n images, s input side in pixels, c channels of the first convolution, k classes, h x w places of a
map, L places of all maps together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

EPS, MOMENTUM = 1e-3, 0.03
"""Of the authors' BatchNorm."""
POOLS = (5, 9, 13)
"""Sides of the squares that the last stage looks for the largest value in."""


class Norm(nn.BatchNorm2d):
    """BatchNorm, but one whose statistics were folded away keeps still in training too.

    An exported graph has the effect of a normalisation, and not what was measured for it: batches cannot go
    on from there. Random weights have nothing folded, and learn as any others.
    """

    folded: Tensor
    """() bool."""

    def __init__(self, c: int) -> None:
        super().__init__(c, eps=EPS, momentum=MOMENTUM)
        self.register_buffer("folded", torch.tensor(False))

    def forward(self, one: Tensor) -> Tensor:
        """(n, c, h, w) -> the same shape."""
        if not self.training or not bool(self.folded):
            return super().forward(one)
        known = self.running_mean, self.running_var, self.weight, self.bias
        return functional.batch_norm(one, *known, training=False, eps=self.eps)


class Unit(nn.Module):
    """A convolution, BatchNorm unless it is folded, and SiLU."""

    def __init__(
        self, given: int, c: int, side: int = 1, stride: int = 1, groups: int = 1, normed: bool = True
    ) -> None:
        super().__init__()
        padding = (side - 1) // 2
        self.conv = nn.Conv2d(given, c, side, stride, padding, groups=groups, bias=not normed)
        self.bn = Norm(c) if normed else nn.Identity()
        self.act = nn.SiLU()

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, c, h / stride, w / stride)."""
        found: Tensor = self.act(self.bn(self.conv(one)))
        return found


class Separable(nn.Module):
    """A depthwise unit, and a pointwise one: the small networks' filters."""

    def __init__(self, given: int, c: int, stride: int = 1, normed: bool = True) -> None:
        super().__init__()
        self.dconv = Unit(given, given, 3, stride, groups=given, normed=normed)
        self.pconv = Unit(given, c, normed=normed)

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, c, h / stride, w / stride)."""
        found: Tensor = self.pconv(self.dconv(one))
        return found


def filtered(given: int, c: int, separable: bool, stride: int = 1, normed: bool = True) -> nn.Module:
    """A filter of 3 x 3."""
    if separable:
        return Separable(given, c, stride, normed)
    return Unit(given, c, 3, stride, normed=normed)


class Block(nn.Module):
    """Two filters, and the way past them."""

    def __init__(self, c: int, separable: bool, past: bool) -> None:
        super().__init__()
        self.conv1, self.conv2, self.past = Unit(c, c), filtered(c, c, separable), past

    def forward(self, one: Tensor) -> Tensor:
        """(n, c, h, w) -> the same shape."""
        found: Tensor = self.conv2(self.conv1(one))
        return found + one if self.past else found


class Csp(nn.Module):
    """Half of the channels through blocks, half past them."""

    def __init__(self, given: int, c: int, repeats: int, separable: bool, past: bool = True) -> None:
        super().__init__()
        self.conv1, self.conv2 = Unit(given, c // 2), Unit(given, c // 2)
        self.m = nn.Sequential(*(Block(c // 2, separable, past) for _ in range(repeats)))
        self.conv3 = Unit(c, c)

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, c, h, w)."""
        through, beside = self.conv1(one), self.conv2(one)
        found: Tensor = self.conv3(torch.cat([self.m(through), beside], 1))
        return found


class Pooled(nn.Module):
    """Each place beside the largest values around it."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv1 = Unit(c, c // 2)
        self.m = nn.ModuleList(nn.MaxPool2d(side, 1, side // 2) for side in POOLS)
        self.conv2 = Unit(c // 2 * (1 + len(POOLS)), c)

    def forward(self, one: Tensor) -> Tensor:
        """(n, c, h, w) -> the same shape."""
        one = self.conv1(one)
        found: Tensor = self.conv2(torch.cat([one, *(pool(one) for pool in self.m)], 1))
        return found


class Focus(nn.Module):
    """The four pixels of a square as channels of one place, left ones first."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv = Unit(12, c, 3)

    def forward(self, images: Tensor) -> Tensor:
        """(n, 3, s, s) -> (n, c, s / 2, s / 2)."""
        pixels = [images[..., down::2, across::2] for across in (0, 1) for down in (0, 1)]
        found: Tensor = self.conv(torch.cat(pixels, 1))
        return found


class Darknet(nn.Module):
    """Images to maps of stride 8, 16 and 32."""

    def __init__(self, c: int, repeats: int, separable: bool) -> None:
        super().__init__()
        self.stem = Focus(c)
        self.dark2 = _stage(c, repeats, separable)
        self.dark3 = _stage(2 * c, 3 * repeats, separable)
        self.dark4 = _stage(4 * c, 3 * repeats, separable)
        last = Csp(16 * c, 16 * c, repeats, separable, past=False)
        self.dark5 = nn.Sequential(filtered(8 * c, 16 * c, separable, stride=2), Pooled(16 * c), last)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 3, s, s) -> 4c, 8c and 16c channels."""
        fine = self.dark3(self.dark2(self.stem(images)))
        middle = self.dark4(fine)
        return fine, middle, self.dark5(middle)


def _stage(c: int, repeats: int, separable: bool) -> nn.Sequential:
    narrowed = filtered(c, 2 * c, separable, stride=2)
    return nn.Sequential(narrowed, Csp(2 * c, 2 * c, repeats, separable))


class Pan(nn.Module):
    """The three maps, each with what the coarser and then the finer ones know."""

    def __init__(self, c: int, repeats: int, separable: bool) -> None:
        super().__init__()
        self.backbone = Darknet(c, repeats, separable)
        plain = repeats, separable, False
        self.lateral_conv0 = Unit(16 * c, 8 * c)
        self.C3_p4 = Csp(16 * c, 8 * c, *plain)
        self.reduce_conv1 = Unit(8 * c, 4 * c)
        self.C3_p3 = Csp(8 * c, 4 * c, *plain)
        self.bu_conv2 = filtered(4 * c, 4 * c, separable, stride=2)
        self.C3_n3 = Csp(8 * c, 8 * c, *plain)
        self.bu_conv1 = filtered(8 * c, 8 * c, separable, stride=2)
        self.C3_n4 = Csp(16 * c, 16 * c, *plain)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 3, s, s) -> 4c, 8c and 16c channels."""
        fine, middle, coarse = self.backbone(images)
        top = self.lateral_conv0(coarse)
        between = self.reduce_conv1(self.C3_p4(_joined(top, middle)))
        first = self.C3_p3(_joined(between, fine))
        second = self.C3_n3(torch.cat([self.bu_conv2(first), between], 1))
        return first, second, self.C3_n4(torch.cat([self.bu_conv1(second), top], 1))


def _joined(coarse: Tensor, fine: Tensor) -> Tensor:
    """The coarse map enlarged to the fine one's size, and that one."""
    return torch.cat([functional.interpolate(coarse, fine.shape[-2:], mode="nearest"), fine], 1)


class YoloX(nn.Module):
    """(n, 3, s, s) -> (n, 28c): the mean of each channel of each map of the pyramid.

    Args:
        channels: c; 16 of YOLOX-Nano, 32 of YOLOX-S.
        repeats: blocks of a stage that has fewest; 1 of Nano, Tiny and S.
        separable: are filters of 3 x 3 depthwise and pointwise ones, as Nano's?
    """

    maps = ("backbone.C3_p3", "backbone.C3_n3", "backbone.C3_n4")
    """Of stride 8, 16 and 32, with 4c, 8c and 16c channels."""
    ends = (*(f"backbone.backbone.dark{number}" for number in (2, 3, 4, 5)), *maps)
    """What its parts end with, lowest first."""

    def __init__(self, channels: int = 16, repeats: int = 1, separable: bool = True) -> None:
        super().__init__()
        self.backbone = Pan(channels, repeats, separable)

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat([one.mean((2, 3)) for one in self.backbone(images)], 1)


class Towers(nn.Module):
    """Maps to what each place says: (n, L, 5 + k), finest map first.

    Columns: x and y of the middle from the place's corner, in places; logarithms of width and height in
    places; the logit of an object being there, then those of its classes.
    """

    def __init__(self, given: Sequence[int], width: int, k: int, separable: bool) -> None:
        """Random weights.

        Args:
            given: channels of each map.
            width: channels of a tower.
            k: classes.
            separable: as the network's.
        """
        super().__init__()
        self.stems = nn.ModuleList(Unit(c, width, normed=False) for c in given)
        for kind in ("cls_convs", "reg_convs"):
            towers = (_tower(width, separable) for _ in given)
            self.add_module(kind, nn.ModuleList(towers))
        for kind, many in (("cls_preds", k), ("reg_preds", 4), ("obj_preds", 1)):
            self.add_module(kind, nn.ModuleList(nn.Conv2d(width, many, 1) for _ in given))

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Full precision at the end: a half has but ten bits for a coordinate."""
        found = [self._said(level, one) for level, one in enumerate(maps)]
        return torch.cat([one.flatten(2).transpose(1, 2).float() for one in found], 1)

    def _said(self, level: int, one: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, 5 + k, h, w)."""
        layers: Any = self
        one = self.stems[level](one)
        classes = layers.cls_preds[level](layers.cls_convs[level](one))
        one = layers.reg_convs[level](one)
        return torch.cat([layers.reg_preds[level](one), layers.obj_preds[level](one), classes], 1)


def _tower(width: int, separable: bool) -> nn.Sequential:
    return nn.Sequential(*(filtered(width, width, separable, normed=False) for _ in range(2)))
