"""Segmentation with the decoder of panoptic feature pyramid networks: every scale has its say in the end.

Notation: n images, l levels (feature maps, finest first), c channels.

Kirillov et al., "Panoptic Feature Pyramid Networks", CVPR 2019 (arXiv:1901.02446), section 3: all maps are
brought to one width, the coarser ones added to the finer, then each level is brought to the finest one's
size by as many steps of a 3 x 3 convolution and an enlargement as there are finer levels (the finest has one
convolution), and all are added up. We differ in this, beside `_segmenter.py`: levels are narrower than the
paper's 256 and 128 channels, the pyramid has no 3 x 3 convolutions of its own since the steps begin with one,
and a step leads to the size of the next finer map, which need not be twice its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..types import Maps
from ._masks_out import OfMasks
from ._segmenter import Segmenter, enlarged, filtered

WIDTH = 64
"""Channels of every level."""


class FPN(Segmenter):
    """Flat feature maps (n, d) to outputs (n, k, s, s)."""

    def __init__(self, maps: Maps, labels: Sequence[str]) -> None:
        super().__init__(maps, labels)
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.GroupNorm(1, c), nn.Conv2d(c, WIDTH, 1)) for c, _, _ in self.shapes
        )
        self.steps = nn.ModuleList(
            nn.ModuleList(filtered(WIDTH, WIDTH) for _ in range(max(1, level)))
            for level in range(len(self.shapes))
        )
        self.classify = nn.Conv2d(WIDTH, len(labels), 1)

    def decoded(self, maps: list[Tensor]) -> Tensor:
        """The sum of all levels of the pyramid, each at the finest one's size."""
        levels = [lateral(one) for lateral, one in zip(self.lateral, maps, strict=True)]
        for level in reversed(range(len(levels) - 1)):
            levels[level] = levels[level] + enlarged(levels[level + 1], self.sizes[level])
        risen = [self._risen(steps, one) for steps, one in zip(self.steps, levels, strict=True)]
        return torch.stack(risen).sum(0)

    def _risen(self, steps: Any, one: Tensor) -> Tensor:
        """A level at the finest one's size; a step for each finer level, and one for the finest itself."""
        for finer in reversed(range(len(steps))):
            one = enlarged(steps[finer](one), self.sizes[finer])
        return one


class FPNHead(OfMasks):
    """The head of `heads/base.py`."""

    summary = "FPN's decoder: every map is brought to the finest one's size, and all are added up"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, k, s, s)."""
        return FPN(maps, labels)


plugin = FPNHead()
