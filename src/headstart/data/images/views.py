"""A random view of a picture: a random crop, then one operation at a random strength.

After TrivialAugment (Müller and Hutter, ICCV 2021): one operation of a list, uniform strength, nothing
to tune. It differs from the paper in that geometry is mild, colours are never inverted or quantised,
and nothing is mirrored: a mirrored digit, sign or left hand is another class, and on a picture of 32
pixels the paper's shift by 32 leaves nothing.

`distortion` is the stronger one of self-taught learning. Everything random comes from the generator
that is passed, so views can be drawn in several threads; the work is Pillow's, most of it outside the
interpreter lock. Pictures are RGB; lengths are in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Colour = tuple[int, int, int]
View = Callable[[Image.Image, np.random.Generator], Image.Image]
Operation = Callable[[Image.Image, np.random.Generator, Colour], Image.Image]
"""Picture, where its strength is drawn from, colour of what was outside -> a picture of the same size."""

AREA = (0.5, 1.0)
"""Of the picture, that a crop keeps."""
DISTORTED_AREA, JITTER, HUE = (0.2, 1.0), 0.4, 0.1
"""Of a distortion: the crop; brightness, contrast and saturation by 1 ± JITTER; hue by ± HUE of a turn."""
RATIO = (3 / 4, 4 / 3)
"""Width over height of a crop."""
TRIES = 10
"""Crops that are drawn until one lies within the picture."""
DEGREES, SHEAR_DEGREES, SHIFT = 30, 12, 0.15
STRENGTH = 0.8
"""Brightness, contrast and saturation are changed by a factor of 1 ± this, sharpness by 1 + this."""
_SMOOTH = Image.Resampling.BILINEAR


def policy(size: int, fill: Colour) -> View:
    """A function of a picture and a generator that gives a random view, `size` pixels a side.

    The same state of the generator gives the same view, bit for bit. `fill` is the colour of what was
    outside the picture.
    """

    def view(picture: Image.Image, draws: np.random.Generator) -> Image.Image:
        square = picture.resize((size, size), _SMOOTH, box=crop(picture.width, picture.height, draws))
        operation = OPERATIONS[draws.integers(len(OPERATIONS))]
        return operation(square, draws, fill)

    return view


def distortion(size: int) -> View:
    """A function as `policy` gives it, whose views of one picture have less in common.

    After SimCLR (Chen et al., ICML 2020, appendix A): a small crop, then colour, grey and blur, each
    with its probability. Nothing is mirrored here either, and the hue is shifted in HSV space.
    """

    def view(picture: Image.Image, draws: np.random.Generator) -> Image.Image:
        box = crop(picture.width, picture.height, draws, DISTORTED_AREA)
        square = picture.resize((size, size), _SMOOTH, box=box)
        if draws.random() < 0.8:
            for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
                square = change(square).enhance(draws.uniform(1 - JITTER, 1 + JITTER))
            square = _other_hue(square, draws)
        if draws.random() < 0.2:
            square = square.convert("L").convert("RGB")
        if draws.random() < 0.5:
            square = square.filter(ImageFilter.GaussianBlur(draws.uniform(0.1, 2) * size / 224))
        return square

    return view


def _other_hue(picture: Image.Image, draws: np.random.Generator) -> Image.Image:
    hue, saturation, value = picture.convert("HSV").split()
    turn = round(255 * draws.uniform(-HUE, HUE))
    turned = hue.point([(level + turn) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def crop(
    width: int, height: int, draws: np.random.Generator, part: tuple[float, float] = AREA
) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of a random part of a picture, or of its middle where none fits."""
    for _ in range(TRIES):
        area = width * height * draws.uniform(*part)
        ratio = math.exp(draws.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        across, down = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < across <= width and 0 < down <= height:
            left, top = int(draws.integers(width - across + 1)), int(draws.integers(height - down + 1))
            return left, top, left + across, top + down
    # A long picture: all of its short side, and as much of the long one as the ratio allows.
    across, down = min(width, round(height * RATIO[1])), min(height, round(width / RATIO[0]))
    left, top = (width - across) // 2, (height - down) // 2
    return left, top, left + across, top + down


def unchanged(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """The picture itself."""
    return picture


def rotated(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Turned about its middle."""
    return picture.rotate(draws.uniform(-DEGREES, DEGREES), _SMOOTH, fillcolor=fill)


def sheared_across(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Rows pushed sideways, the more the further they are from the middle one."""
    slope = _slope(draws)
    return _mapped(picture, (1, slope, -slope * picture.height / 2, 0, 1, 0), fill)


def sheared_down(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Columns pushed up or down, the more the further they are from the middle one."""
    slope = _slope(draws)
    return _mapped(picture, (1, 0, 0, slope, 1, -slope * picture.width / 2), fill)


def shifted(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Moved by whole pixels along both sides."""
    moved = Image.new(picture.mode, picture.size, fill)
    right, down = (round(side * draws.uniform(-SHIFT, SHIFT)) for side in picture.size)
    moved.paste(picture, (right, down))
    return moved


def brightened(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Brighter or darker."""
    return ImageEnhance.Brightness(picture).enhance(_factor(draws))


def contrasted(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Further from or nearer to its mean grey."""
    return ImageEnhance.Contrast(picture).enhance(_factor(draws))


def saturated(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """More or less colourful."""
    return ImageEnhance.Color(picture).enhance(_factor(draws))


def sharpened(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Sharper, always by the same factor."""
    return ImageEnhance.Sharpness(picture).enhance(1 + STRENGTH)


def stretched(picture: Image.Image, draws: np.random.Generator, fill: Colour) -> Image.Image:
    """Each colour channel stretched to the full range."""
    return ImageOps.autocontrast(picture)


OPERATIONS: tuple[Operation, ...] = (
    *(unchanged, rotated, sheared_across, sheared_down, shifted),
    *(brightened, contrasted, saturated, sharpened, stretched),
)
"""One of them is applied to each view, all equally often."""


def _factor(draws: np.random.Generator) -> float:
    return draws.uniform(1 - STRENGTH, 1 + STRENGTH)


def _slope(draws: np.random.Generator) -> float:
    return math.tan(math.radians(draws.uniform(-SHEAR_DEGREES, SHEAR_DEGREES)))


def _mapped(picture: Image.Image, matrix: tuple[float, ...], fill: Colour) -> Image.Image:
    """`matrix` gives where (x, y) of the result comes from: ax + by + c, dx + ey + f."""
    return picture.transform(picture.size, Image.Transform.AFFINE, matrix, _SMOOTH, fillcolor=fill)
