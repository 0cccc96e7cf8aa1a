"""GlyphNet: the small network of the demo."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


class GlyphNet(nn.Module):
    """Blocks of convolution, BatchNorm, ReLU and 2×2 pooling, then the means over a coarse grid.

    A grid rather than one mean: where a stroke lies tells characters apart. With the default widths:
    93,472 parameters, 4×4 positions left of a 32×32 input, 512 features.

    Args:
        widths: channels c of each block.
        grid: cells a side of which the mean is taken; the feature width d is the last c × grid².

    Shapes: (n, 3, s, s) -> (n, d), s at least 2 to the power of the number of blocks.
    """

    def __init__(self, widths: Sequence[int] = (32, 64, 128), grid: int = 2) -> None:
        super().__init__()
        self.grid = grid
        for number, (inputs, outputs) in enumerate(zip((3, *widths), widths, strict=False), 1):
            self.add_module(f"stage{number}", _block(inputs, outputs))

    def forward(self, images: Tensor) -> Tensor:
        """Block by block, then the means."""
        for block in self.children():
            images = block(images)
        return F.adaptive_avg_pool2d(images, self.grid).flatten(1)


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
