"""Pictures larger than a model's input, in overlapping tiles whose outputs are blended.

Notation: k classes, H x W the picture in pixels, h x w one tile of it, s the side of a model's outputs.

Near its border a model sees less of a pixel's surroundings, so each tile weighs most in its middle (a
squared sine along each axis) and fades out where its neighbours are sure. Tiles come in rows from the top:
what lies above the next row of tiles is finished, so one row of them is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Box = tuple[int, int, int, int]
"""Left, top, right and bottom of a tile, pixels; right and bottom lie outside of it."""


def tiles(height: int, width: int, side: int, overlap: int) -> list[Box]:
    """Tiles of `side` x `side` that cover H x W: row by row, evenly spread, inside of the picture.

    Neighbours share `overlap` pixels or more. Where the picture is smaller than a tile, so is the tile.

    Raises:
        ValueError: a picture without pixels, or an overlap that is not in 0..side - 1.
    """
    if height < 1 or width < 1 or not 0 <= overlap < side:
        raise ValueError(f"no tiles of {side} px with {overlap} px shared cover {height} x {width} px")
    return [
        (left, top, min(left + side, width), min(top + side, height))
        for top in _starts(height, side, overlap)
        for left in _starts(width, side, overlap)
    ]


def stitched(outputs: Iterable[Tensor], boxes: Sequence[Box], height: int, width: int) -> NDArray[np.uint8]:
    """(H, W) class of the largest blended output, from the outputs (k, s, s) of each tile, in `tiles`' order.

    Outputs of another size than their tile are resized bilinearly. They are taken one by one and may come
    from a generator; k x h x W numbers are held.

    Raises:
        ValueError: not as many outputs as tiles, tiles out of order, a pixel without a tile, or more
            classes than 255.
    """
    found = np.empty((height, width), dtype=np.uint8)
    blend: _Blend | None = None
    for part, box in zip(outputs, boxes, strict=True):
        if blend is None:
            blend = _Blend(part.shape[0], max(bottom - top for _, top, _, bottom in boxes), width)
        blend.finish(found, box[1])
        blend.add(part, box)
    if blend is None:
        raise ValueError("a picture needs a tile at least")
    blend.finish(found, height)
    return found


class _Blend:
    """Weighted sums of outputs (k, rows, W) from the row `top` on; dividing them changes no largest one."""

    def __init__(self, k: int, rows: int, width: int) -> None:
        if k > 255:
            raise ValueError(f"class numbers are bytes: {k} classes are more than 255")
        self.sums = torch.zeros(k, rows, width)
        self.weights = torch.zeros(rows, width)
        self.top = 0

    def add(self, part: Tensor, box: Box) -> None:
        left, top, right, bottom = box
        height, width = bottom - top, right - left
        part = part.detach().float().cpu()[None]
        if part.shape[2:] != (height, width):
            part = functional.interpolate(part, (height, width), mode="bilinear", align_corners=False)
        window = _fading(height)[:, None] * _fading(width)
        self.sums[:, :height, left:right] += part[0] * window
        self.weights[:height, left:right] += window

    def finish(self, found: NDArray[np.uint8], until: int) -> None:
        """Write the classes of the rows above `until`, and move the window down to there."""
        done = until - self.top
        if done < 0 or not bool((self.weights[:done] > 0).all()) or done > len(self.weights):
            raise ValueError("tiles must cover the picture, in rows from the top")
        if done:
            found[self.top : until] = self.sums[:, :done].argmax(0).to(torch.uint8).numpy()
            for held in (self.sums, self.weights):
                kept = held.shape[-2] - done
                held[..., :kept, :] = held[..., done:, :].clone()
                held[..., kept:, :] = 0
            self.top = until


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    gaps = -(-(length - side) // (side - overlap))
    return [number * (length - side) // gaps for number in range(gaps + 1)]


def _fading(length: int) -> Tensor:
    """(length,) weights above 0."""
    return torch.sin(torch.pi * (torch.arange(length) + 0.5) / length) ** 2
