"""Segmentation with the decoder of U-Net: small and quick, the default.

Notation: n images, l levels (feature maps, finest first), c channels.

The decoder of U-Net (Ronneberger, Fischer and Brox, MICCAI 2015, arXiv:1505.04597): the coarsest map is
enlarged to the size of the next finer one, joined with it and mixed by two 3 x 3 convolutions, and so on
until the finest. We differ in this, beside `_segmenter.py`: a wide map is narrowed first by a 1 x 1
convolution, so that a wide backbone does not make a large head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..types import Maps
from ._masks_out import OfMasks
from ._segmenter import Segmenter, enlarged, filtered, narrowed

FINEST = 16
"""Channels of the finest decoded map; each coarser one has twice as many."""
WIDEST = 128
"""Channels of a decoded map, and of a map that is joined, at most."""


class UNet(Segmenter):
    """Flat feature maps (n, d) to outputs (n, k, s, s)."""

    def __init__(self, maps: Maps, labels: Sequence[str]) -> None:
        super().__init__(maps, labels)
        joined = [min(c, WIDEST) for c, _, _ in self.shapes]
        decoded = [min(FINEST * 2**level, WIDEST) for level in range(len(self.shapes) - 1)]
        below = [*decoded[1:], joined[-1]]
        self.narrow = nn.ModuleList(narrowed(c, WIDEST) for c, _, _ in self.shapes)
        self.mix = nn.ModuleList(
            nn.Sequential(filtered(own + coarser, width), filtered(width, width))
            for own, coarser, width in zip(joined, below, decoded, strict=False)
        )
        self.classify = nn.Conv2d((decoded or joined)[0], len(labels), 1)

    def decoded(self, maps: list[Tensor]) -> Tensor:
        """From the coarsest map to the finest."""
        joined = [narrow(one) for narrow, one in zip(self.narrow, maps, strict=True)]
        found: Tensor = joined[-1]
        for level in reversed(range(len(self.mix))):
            found = _mixed(self.mix[level], joined[level], enlarged(found, self.sizes[level]))
        return found


def _mixed(mix: Any, own: Tensor, coarser: Tensor) -> Tensor:
    """What `mix` makes of both maps joined.

    Each is convolved with its share of the weights, and the results are added: the same, but no joined map is
    written, and no gradient of one cut in two.
    """
    (first, *others), then = mix
    weights = torch.split(first.weight, [own.shape[1], coarser.shape[1]], dim=1)
    mixed = sum(
        functional.conv2d(each, weight, padding=1)
        for each, weight in zip((own, coarser), weights, strict=True)
    )
    for layer in others:
        mixed = layer(mixed)
    found: Tensor = then(mixed)
    return found


class UNetHead(OfMasks):
    """The head of `heads/base.py`; the default of segmentation."""

    summary = "U-Net's decoder: joins and mixes the maps from coarse to fine; small"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, k, s, s)."""
        return UNet(maps, labels)


plugin = UNetHead()
