"""Segmentation with the decoder of DeepLabV3+: what is around a place, near and far, then the finest edges.

Notation: n images, c channels, h x w pixels of a map, s side of the answer in pixels.

Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation", ECCV 2018
(arXiv:1802.02611): on a map of stride 16 stand a 1 x 1 convolution, separable 3 x 3 convolutions with holes
of three rates, and the mean of the whole image (atrous spatial pyramid pooling); together they are enlarged
to the finest map, joined with it narrowed to 48 channels, and mixed by two separable 3 x 3 convolutions. We
differ in four ways, beside `_segmenter.py`. The paper changes the strides of its backbone, so that the
deepest layers have stride 16; ours stays as it is, and the maps that are coarser than stride 16 are enlarged
to it and joined. The rates, 6, 12 and 18 on the paper's maps of 33 x 33, are scaled to the map. Widths are
half of the paper's 256. There is no dropout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ..types import Maps
from ._masks_out import OfMasks
from ._segmenter import Segmenter, enlarged, narrowed, rectified

WIDTH, WIDEST, LOW = 128, 256, 48
"""Channels of what is decoded; of a coarse map that is read, at most; of the finest map, at most."""
STRIDE = 16
"""Of the map that is looked at with holes, pixels."""
RATES, LIKE = (6, 12, 18), 33
"""Of the holes on a map with a side of LIKE."""


class DeepLabV3Plus(Segmenter):
    """Flat feature maps (n, d) to outputs (n, k, s, s)."""

    def __init__(self, maps: Maps, labels: Sequence[str]) -> None:
        super().__init__(maps, labels)
        self.at = _level(maps)
        low, coarse = self.shapes[0][0], [c for c, _, _ in self.shapes[self.at :]]
        self.low = narrowed(low, LOW)
        self.coarse = nn.ModuleList(narrowed(c, WIDEST) for c in coarse)
        self.around = _Around(sum(min(c, WIDEST) for c in coarse), rates(max(self.sizes[self.at])))
        self.mix = nn.Sequential(_separable(min(low, LOW) + WIDTH, WIDTH), _separable(WIDTH, WIDTH))
        self.classify = nn.Conv2d(WIDTH, len(labels), 1)

    def decoded(self, maps: list[Tensor]) -> Tensor:
        """From the map of stride 16 straight to the finest."""
        first, *rest = [narrow(one) for narrow, one in zip(self.coarse, maps[self.at :], strict=True)]
        joined = torch.cat([first, *(enlarged(one, self.sizes[self.at]) for one in rest)], dim=1)
        around = enlarged(self.around(joined), self.sizes[0])
        found: Tensor = self.mix(torch.cat([self.low(maps[0]), around], dim=1))
        return found


class _Around(nn.Module):
    """(n, c, h, w) to (n, WIDTH, h, w): each place with what is near it, farther away, and anywhere."""

    def __init__(self, c: int, rates: Sequence[int]) -> None:
        super().__init__()
        self.near = rectified(_pointwise(c))
        self.far = nn.ModuleList(_separable(c, WIDTH, rate) for rate in rates)
        self.anywhere = rectified(_pointwise(c))
        self.join = rectified(_pointwise(WIDTH * (2 + len(rates))))

    def forward(self, joined: Tensor) -> Tensor:
        near = self.near(joined)
        anywhere = self.anywhere(joined.mean((2, 3), keepdim=True)).expand_as(near)
        found: Tensor = self.join(torch.cat([near, *(far(joined) for far in self.far), anywhere], dim=1))
        return found


def rates(side: int) -> tuple[int, ...]:
    """Of the holes on a map with this side, each once."""
    return tuple(dict.fromkeys(max(1, round(rate * side / LIKE)) for rate in RATES))


def _level(maps: Maps) -> int:
    """The coarsest map of stride 16 or finer, or the finest of all; maps may be a little off their stride."""
    fine = [level for level, (_, h, w) in enumerate(maps.shapes) if maps.side / max(h, w) < 1.5 * STRIDE]
    return max(fine, default=0)


def _pointwise(before: int) -> nn.Conv2d:
    return nn.Conv2d(before, WIDTH, 1, bias=False)


def _separable(before: int, after: int, rate: int = 1) -> nn.Sequential:
    """A depthwise 3 x 3 convolution, with holes where the rate is above 1, and a pointwise one."""
    deep = nn.Conv2d(before, before, 3, padding=rate, dilation=rate, groups=before, bias=False)
    return rectified(deep, nn.Conv2d(before, after, 1, bias=False))


class DeepLabV3PlusHead(OfMasks):
    """The head of `heads/base.py`."""

    summary = "DeepLabV3+'s decoder: looks far around on a coarse map, then at the edges of the finest"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, k, s, s)."""
        return DeepLabV3Plus(maps, labels)


plugin = DeepLabV3PlusHead()
