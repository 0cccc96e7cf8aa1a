"""What heads of boxes share: feature maps as levels of one width, and where their places are.

Notation: n images, d numbers of all maps of an image, c channels, h x w places of a map, L places of all maps
together.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork

from ..bases.networks.maps import apart
from ..errors import ContractError

Shape = tuple[int, int, int]
"""Channels, height and width of a feature map."""
Side = tuple[int, int]
"""Height and width."""
GROUP = 8
"""Channels that are normalised together."""


class Levels(nn.Module):
    """(n, d) flattened maps, finest first, to maps of one width: torchvision's FeaturePyramidNetwork.

    Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, section 3. GroupNorm follows each
    of its convolutions, since maps of a frozen base have all scales.

    Attributes:
        sides: (height, width) of each level; the extra ones come last.
    """

    def __init__(self, shapes: Sequence[Shape], width: int, extra: nn.Module | None = None) -> None:
        """A new one.

        Args:
            shapes: of the maps.
            width: channels of each level.
            extra: torchvision's ExtraFPNBlock, which adds coarser levels.
        """
        super().__init__()
        self.shapes = tuple(shapes)
        self.pyramid = FeaturePyramidNetwork([c for c, _, _ in shapes], width, extra, norm_layer=grouped)
        with torch.no_grad():
            found = self(torch.zeros(1, sum(c * h * w for c, h, w in shapes)))
        self.sides: tuple[Side, ...] = tuple((one.shape[2], one.shape[3]) for one in found)

    def forward(self, flat: Tensor) -> list[Tensor]:
        """(n, width, h, w) of each level, finest first."""
        maps = {str(number): one for number, one in enumerate(apart(flat, self.shapes))}
        return list(self.pyramid(maps).values())


def grouped(c: int) -> nn.GroupNorm:
    """A norm for c channels: GROUP of them together, or all where they cannot be split so.

    Not BatchNorm: batches are small, and nothing differs between training and use.
    """
    return nn.GroupNorm(c // GROUP if c % GROUP == 0 else 1, c)


def places(sides: Sequence[Side]) -> tuple[Tensor, Tensor]:
    """(L, 2) centres of all places, x and y, and the (L, 2) distances to the next ones, as fractions.

    Args:
        sides: (height, width) of each map.
    """
    centres, strides = [], []
    for height, width in sides:
        down, across = ((torch.arange(count) + 0.5) / count for count in (height, width))
        y, x = torch.meshgrid(down, across, indexing="ij")
        centres.append(torch.stack([x.flatten(), y.flatten()], 1))
        strides.append(torch.tensor([[1 / width, 1 / height]]).expand(height * width, 2))
    return torch.cat(centres), torch.cat(strides)


def require(shapes: Sequence[Shape], labels: Sequence[str]) -> None:
    """Look at what a head is to be built for.

    Raises:
        ContractError: there is no map, no class, or a map is finer than the one before it.
    """
    sizes = [h * w for _, h, w in shapes]
    if not sizes or not labels or sizes != sorted(sizes, reverse=True):
        raise ContractError(
            f"a detector needs classes and feature maps, finest first; got {len(labels)} classes and maps of "
            f"{list(shapes)}",
            "give the shapes (channels, height, width) of a backbone's maps from fine to coarse",
        )
