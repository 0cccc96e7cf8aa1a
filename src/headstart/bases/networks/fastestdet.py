"""FastestDet in two halves: up to the one map that it looks at, and the layers that answer on it.

A ShuffleNetV2 (Ma et al., ECCV 2018), whose blocks leave half of the channels as they are, gives three maps;
they are brought to the middle one's size, and each place sees three widths around it. Modules are called as
its author (xuehao.ma, 2022) calls his, so that his weights fit by name. We differ in two points: colours are
red, green, blue, and the layers that answer have the effect of BatchNorm folded into their weights: a head on
frozen maps then treats each picture alone.

Notation: n images, s input side in pixels, c channels of the first stage, k classes, h x w places of a map.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 5
"""Of the depthwise filters that look around a place."""


class Shuffled(nn.Module):
    """Half of the channels through filters; the other half beside them, or, with a stride, narrowed too."""

    def __init__(self, given: int, c: int, stride: int) -> None:
        super().__init__()
        self.stride, through = stride, c // 2
        # with a stride both branches see all that is given
        entering = given if stride == 2 else given // 2
        out = c - given if stride == 2 else through
        self.branch_main = nn.Sequential(
            *_pointwise(entering, through),
            nn.ReLU(),
            *_depthwise(through, 3, stride),
            *_pointwise(through, out),
            nn.ReLU(),
        )
        if stride == 2:
            self.branch_proj = nn.Sequential(
                *_depthwise(given, 3, stride), *_pointwise(given, given), nn.ReLU()
            )

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, c, h / stride, w / stride)."""
        if self.stride == 2:
            return torch.cat([self.branch_proj(one), self.branch_main(one)], 1)
        return torch.cat([one[:, 0::2], self.branch_main(one[:, 1::2])], 1)


def _pointwise(given: int, c: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(given, c, 1, bias=False), nn.BatchNorm2d(c)


def _depthwise(c: int, side: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(c, c, side, stride, side // 2, groups=c, bias=False), nn.BatchNorm2d(c)


class ShuffleNet(nn.Module):
    """Images to maps of stride 8, 16 and 32."""

    def __init__(self, first: int, widths: Sequence[int], repeats: Sequence[int]) -> None:
        super().__init__()
        self.first_conv = nn.Sequential(
            nn.Conv2d(3, first, 3, 2, 1, bias=False), nn.BatchNorm2d(first), nn.ReLU()
        )
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        stages = zip((first, *widths), widths, repeats, strict=False)
        self.stage2, self.stage3, self.stage4 = (_stage(*one) for one in stages)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 3, s, s) -> the three stages' maps."""
        fine = self.stage2(self.maxpool(self.first_conv(images)))
        middle = self.stage3(fine)
        return fine, middle, self.stage4(middle)


def _stage(given: int, c: int, many: int) -> nn.Sequential:
    return nn.Sequential(Shuffled(given, c, 2), *(Shuffled(c, c, 1) for _ in range(many - 1)))


class Entry(nn.Module):
    """A pointwise filter."""

    def __init__(self, given: int, c: int) -> None:
        super().__init__()
        self.conv1x1 = nn.Sequential(*_pointwise(given, c), nn.ReLU())

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, c, h, w)."""
        found: Tensor = self.conv1x1(one)
        return found


class Around(nn.Module):
    """What is at a place, and what is around it at three widths."""

    def __init__(self, given: int, c: int) -> None:
        super().__init__()
        self.Conv1x1 = Entry(given, c)
        self.S1, self.S2, self.S3 = (_looking(c, times) for times in (1, 2, 3))
        self.output = nn.Sequential(*_pointwise(3 * c, c))
        self.relu = nn.ReLU()

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, c, h, w)."""
        one = self.Conv1x1(one)
        seen = torch.cat([self.S1(one), self.S2(one), self.S3(one)], 1)
        found: Tensor = self.relu(one + self.output(seen))
        return found


def _looking(c: int, times: int) -> nn.Sequential:
    return nn.Sequential(*(layer for _ in range(times) for layer in (*_depthwise(c, SIDE), nn.ReLU())))


class FastestDet(nn.Module):
    """(n, 3, s, s) -> (n, 2c): the mean of each channel of the one map.

    Args:
        first: channels of the first convolution.
        widths: of the three stages; c, 2c and 4c.
        repeats: blocks of each.
    """

    maps = ("SPP",)
    """Of stride 16, with 2c channels."""
    ends = ("backbone.stage2", "backbone.stage3", "backbone.stage4", "SPP")
    """What its parts end with, lowest first."""

    def __init__(
        self, first: int = 24, widths: Sequence[int] = (48, 96, 192), repeats: Sequence[int] = (4, 8, 4)
    ) -> None:
        super().__init__()
        self.backbone = ShuffleNet(first, widths, repeats)
        self.avg_pool = nn.AvgPool2d(3, 2, 1)
        self.SPP = Around(sum(widths), widths[1])

    def forward(self, images: Tensor) -> Tensor:
        fine, middle, coarse = self.backbone(images)
        enlarged = functional.interpolate(coarse, middle.shape[-2:], mode="nearest")
        one: Tensor = self.SPP(torch.cat([self.avg_pool(fine), middle, enlarged], 1))
        return one.mean((2, 3))


class Answers(nn.Module):
    """A map to what each place says: (n, L, 5 + k).

    Columns: x and y of the middle from the place's corner, and width and height, all before they are bent to
    their ranges; the logit of an object being there, then those of its classes, which exclude each other.
    """

    def __init__(self, given: int, width: int, k: int) -> None:
        """Random weights, for a map of so many channels, layers of a width, and k classes."""
        super().__init__()
        self.conv1x1 = nn.Conv2d(given, width, 1)
        self.reg_layers, self.obj_layers, self.cls_layers = (_layers(width, many) for many in (4, 1, k))

    def forward(self, one: Tensor) -> Tensor:
        """(n, given, h, w); full precision at the end: a half has but ten bits for a coordinate."""
        one = functional.relu(self.conv1x1(one))
        found = torch.cat([self.reg_layers(one), self.obj_layers(one), self.cls_layers(one)], 1)
        return found.flatten(2).transpose(1, 2).float()


def _layers(c: int, many: int) -> nn.Sequential:
    around = nn.Conv2d(c, c, SIDE, padding=SIDE // 2, groups=c)
    return nn.Sequential(around, nn.ReLU(), nn.Conv2d(c, many, 1))
