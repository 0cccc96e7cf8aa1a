"""GlyphNet: the small network of the demo."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn


class GlyphNet(nn.Sequential):
    """Blocks of convolution, BatchNorm, ReLU and 2×2 pooling, then the mean over what is left.

    With the default widths: 93,472 parameters, 128 features, 4×4 positions left of a 32×32 input.

    Args:
        widths: channels of each block; the last is the feature width d.

    Shapes: (n, 3, s, s) -> (n, d), s at least 2 to the power of the number of blocks.
    """

    def __init__(self, widths: Sequence[int] = (32, 64, 128)) -> None:
        inputs = (3, *widths[:-1])
        blocks = [_block(*pair) for pair in zip(inputs, widths, strict=True)]
        named: list[tuple[str, nn.Module]] = [(f"stage{i}", block) for i, block in enumerate(blocks, 1)]
        super().__init__(OrderedDict([*named, ("pool", _Mean())]))


class _Mean(nn.Module):
    """(n, c, h, w) -> (n, c)."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps.mean((2, 3))


def _block(inputs: int, outputs: int) -> nn.Sequential:
    # BatchNorm makes a bias before it pointless; nothing in place, so that activations can be kept
    return nn.Sequential(
        OrderedDict[str, nn.Module](
            conv=nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            norm=nn.BatchNorm2d(outputs),
            act=nn.ReLU(),
            pool=nn.MaxPool2d(2),
        )
    )
