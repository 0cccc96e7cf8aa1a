"""Feature maps in what modules give, whatever order a network keeps its numbers in.

A transformer of patches keeps a row of tokens: some of its own first (of the class, registers), then one for
each patch, row by row of the picture. How many come first is what is left over from a square of patches.

Notation: n images, c channels, t tokens, g patches in a row, s input side, p side of a patch, in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from math import isqrt

from torch import Tensor, nn
from torch.nn import functional

from .transplant import MAX_PREFIX, first_convolution

COARSEST = 32
"""Stride, in pixels, of the coarsest map that is read."""
Layout = Callable[[Tensor], Tensor | None]
"""What a module gives to (n, c, h, w) of it, or None where it has no such map."""


def _channels_first(output: Tensor) -> Tensor | None:
    """Convolutional networks."""
    return output if output.ndim == 4 and output.shape[2] == output.shape[3] else None


def _channels_last(output: Tensor) -> Tensor | None:
    """Swin, for instance."""
    fits = output.ndim == 4 and output.shape[1] == output.shape[2]
    return output.permute(0, 3, 1, 2) if fits else None


def _tokens(output: Tensor) -> Tensor | None:
    """ViT, DeiT and DINO, for instance."""
    if output.ndim != 3:
        return None
    count = int(output.shape[1])
    side = isqrt(count)
    first = count - side**2
    if first > MAX_PREFIX:
        return None
    return output[:, first:].transpose(1, 2).reshape(-1, output.shape[2], side, side)


CHANNELS_FIRST, TOKENS = "channels first", "tokens"
LAYOUTS: Mapping[str, Layout] = {
    CHANNELS_FIRST: _channels_first,
    "channels last": _channels_last,
    TOKENS: _tokens,
}
"""Of several that fit equally well the first is taken."""


def stride(side: int, height: int) -> int:
    """The power of two that is nearest to side over height: without padding maps are a little smaller."""
    return int(2 ** round(math.log2(side / height)))


def completed(inputs: Tensor, maps: list[Tensor], finest: int) -> list[Tensor]:
    """The maps with others of each stride that is missing, from `finest` to COARSEST; none has a weight.

    The pyramid of ViTDet (Li et al., "Exploring Plain Vision Transformer Backbones for Object Detection",
    ECCV 2022, section 3) enlarges the last map by trained layers. Here maps are those of a frozen network
    and are kept: enlarged ones would be up to 16 times as many numbers that say nothing new. Finer than a
    patch is the picture itself, shrunk: it shows where edges are. Coarser maps are means.

    Without the shrunken picture heads were much worse on validation, with it nearly as good as on a
    convolutional base's own fine maps.

    Args:
        inputs: (n, 3, s, s).
        maps: (n, c, h, w) finest first, at least one.
        finest: stride in pixels, a power of two.
    """
    side, found, made = inputs.shape[-1], list(maps), list[Tensor]()
    while (step := finest << len(made)) < stride(side, maps[0].shape[-1]):
        made.append(_shrunk(inputs, step))
    while 2 * stride(side, found[-1].shape[-1]) <= COARSEST and found[-1].shape[-1] > 1:
        found.append(functional.avg_pool2d(found[-1], 2, ceil_mode=True))
    return [*made, *found]


def _shrunk(inputs: Tensor, step: int) -> Tensor:
    """(n, 12, s / step, s / step): of each place the means of its four quarters.

    One mean was worse, more than four were no better.
    """
    return functional.pixel_unshuffle(functional.avg_pool2d(inputs, step // 2), 2)


def patch_of(network: nn.Module, example: Tensor) -> int | None:
    """p, where the first convolution takes the picture patch by patch; None where they overlap."""
    name = first_convolution(network, example)
    layer = None if name is None else network.get_submodule(name)
    if not isinstance(layer, nn.Conv2d) or layer.kernel_size != layer.stride:
        return None
    return int(layer.stride[0])


def filled(size: int, patch: int, finest: int) -> int:
    """The side nearest to `size` that patches fill, and maps of each stride: the rest would not be seen.

    Of patches of 14 pixels 336 for 320, where the finest map has a stride of 8.
    """
    if size % patch == 0:
        return size
    own = stride(patch, 1)
    unit = math.lcm(patch * max(1, COARSEST // own), max(finest, own // 2))
    return max(1, round(size / unit)) * unit
