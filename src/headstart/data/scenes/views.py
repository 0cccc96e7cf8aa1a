"""A random view of a picture with places in it: one move for the picture, its boxes and its mask.

A view shows a window of the picture, enlarged, or the whole picture, shrunken, on a canvas of one
colour; it may be mirrored. Brightness, contrast and saturation are changed, of the picture but not of the
canvas.

Zooming in is the random crop of `data/images/views.py`. Unlike in SSD (Liu et al., ECCV 2016), it is not
drawn again until it holds enough of some box: a view without any is a right example too. Zooming out is SSD's
(arXiv 1512.02325, section 3.6), but to a quarter of the area at most, not to a sixteenth: the inputs of
small networks have few pixels, and little would be left of a thing.

Picture, boxes and mask are moved by torchvision's own functions. Everything random comes from the
generator that is passed, never from torch's, so views can be drawn in several threads.

Notation: s side of the square picture, which is also the side of its view; m boxes; lengths in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from torch import Tensor

from ..answers.masks import IGNORED
from ..images.views import Colour, crop

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
Between = Literal["bilinear", "nearest-exact"]
"""How torchvision finds values between pixels, in its own words."""

OUT = 1 / 3
"""How often a view zooms out."""
SMALLEST = 0.5
"""Of its side, that a picture is shrunken to."""
JITTER = 0.3
"""Brightness, contrast and saturation are changed by a factor of 1 ± this."""
VISIBLE = 0.3
"""Of its area, that a box must keep."""
THINNEST = 1.0
"""Sides of a box in a view, at least."""


@dataclass(frozen=True)
class Move:
    """Where the pixels of a view come from."""

    side: int
    window: Box
    """What is seen of the picture."""
    place: Box
    """Where in the view that is; the rest is canvas."""
    across: bool
    """Left and right are exchanged, after that."""
    down: bool
    """Top and bottom are exchanged, after that."""


def drawn(side: int, draws: np.random.Generator, down: bool) -> Move:
    """A random move of a picture of that side.

    Args:
        side: Of the picture and of its view.
        draws: Where all of it is drawn from.
        down: May top and bottom be exchanged?
    """
    whole = (0, 0, side, side)
    out = draws.random() < OUT
    window, place = (whole, _shrunken(side, draws)) if out else (crop(side, side, draws), whole)
    across, turned = (bool(draws.random() < 0.5) for _ in range(2))
    return Move(side, window, place, across, turned and down)


def moved_picture(pixels: Pixels, move: Move, fill: Colour) -> Pixels:
    """(s, s, 3) the view of such a picture, on a canvas of that colour."""
    from torchvision import tv_tensors  # here, as below: seconds, which other tasks need not wait for

    picture = tv_tensors.Image(torch.from_numpy(pixels).permute(2, 0, 1))
    view = _moved(picture, move, "bilinear", list(fill))
    return view.permute(1, 2, 0).numpy()


def moved_mask(mask: Pixels, move: Move) -> Pixels:
    """(s, s) the view of such a mask: each pixel has the class of the nearest; the canvas is ignored."""
    from torchvision import tv_tensors

    # As an image: torchvision may resize a mask by another rule, half a pixel beside the picture's.
    layer = tv_tensors.Image(torch.from_numpy(mask)[None])
    return _moved(layer, move, "nearest-exact", [IGNORED])[0].numpy()


def moved_boxes(boxes: Tensor, move: Move) -> tuple[Tensor, Tensor]:
    """The boxes of a view, clipped, and which of all boxes they are.

    A box is left out when less than 30 % of its area is in the window, or when it would be thinner
    than a pixel.

    Args:
        boxes: (m, 4) float32 left, top, right, bottom as fractions of the picture.
        move: Where the view's pixels come from.

    Returns:
        (m', 4) the same of the view, and (m,) bool.
    """
    from torchvision import tv_tensors

    side = move.side
    canvas = tv_tensors.BoundingBoxes(boxes * side, format="XYXY", canvas_size=(side, side))
    view = _moved(canvas, move, "bilinear", [0]).clamp(0, side)
    enlarged = _area(_tensor(move.place)) / _area(_tensor(move.window))
    seen = _area(view) / (_area(boxes * side) * enlarged)
    kept = (seen >= VISIBLE) & ((view[:, 2:] - view[:, :2]) >= THINNEST).all(1)
    return view[kept] / side, kept


def recoloured(pixels: Pixels, draws: np.random.Generator) -> Pixels:
    """(s, s, 3) the picture with other brightness, contrast and saturation."""
    # Pillow's, as in `images/views.py`: sums of torch may differ in their last bit with the threads.
    picture = Image.fromarray(pixels)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(draws.uniform(1 - JITTER, 1 + JITTER))
    return np.array(picture)


def _shrunken(side: int, draws: np.random.Generator) -> Box:
    smaller = max(1, round(side * draws.uniform(SMALLEST, 1)))
    left, top = (int(start) for start in draws.integers(side - smaller + 1, size=2))
    return left, top, left + smaller, top + smaller


def _moved(thing: Tensor, move: Move, between: Between, fill: list[int]) -> Tensor:
    """A picture, mask or boxes as torchvision knows them, moved; a plain tensor."""
    from torchvision.transforms.v2 import InterpolationMode
    from torchvision.transforms.v2 import functional as F

    how = InterpolationMode(between)
    left, top, right, bottom = move.window
    place, side = move.place, move.side
    smooth = place != (0, 0, side, side)  # what is enlarged needs no smoothing
    size = [place[3] - place[1], place[2] - place[0]]
    thing = F.resized_crop(thing, top, left, bottom - top, right - left, size, how, antialias=smooth)
    if smooth:
        thing = F.pad(thing, [place[0], place[1], side - place[2], side - place[3]], fill)
    if move.across:
        thing = F.horizontal_flip(thing)
    if move.down:
        thing = F.vertical_flip(thing)
    return thing.as_subclass(Tensor)


def _tensor(box: Box) -> Tensor:
    return torch.tensor(box, dtype=torch.float32)


def _area(boxes: Tensor) -> Tensor:
    """(…,) of (…, 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
