"""A random view of a square picture: a random crop, then one operation at a random strength.

The policy has no parameters to tune (after TrivialAugment: Müller and Hutter 2021, one operation,
uniform strength). It differs from the paper in that geometry is mild and nothing is mirrored: a
mirrored digit, sign or left hand is another class. All numbers come from the caller; the operations
are Pillow's, which at these sizes are several times as fast as tensor operations on one thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageEnhance, ImageOps

NUMBERS = 7
"""Uniform numbers in 0..1 that one view uses up."""

Colour = tuple[int, int, int]
_Operation = Callable[[Image.Image, float, Colour], Image.Image]
_MOST_DEGREES = 30
_MOST_SHEAR = 0.2
_MOST_SHIFT = 0.15
"""Of the side."""
_MOST_ENHANCE = 0.8
"""Enhancement factors lie in 1 ± this."""


def view(picture: Image.Image, size: int, numbers: Sequence[float], fill: Colour) -> Image.Image:
    """A random view of `size` x `size` pixels; `fill` is the colour of what was outside the picture."""
    cropped = picture.resize((size, size), Image.Resampling.BILINEAR, box=_crop(picture.width, numbers[:4]))
    operation = _OPERATIONS[min(int(numbers[4] * len(_OPERATIONS)), len(_OPERATIONS) - 1)]
    sign = 1 if numbers[5] < 0.5 else -1
    return operation(cropped, sign * numbers[6], fill)


def _crop(side: int, numbers: Sequence[float]) -> tuple[float, float, float, float]:
    """A box of half to all of the area and a ratio of 3:4 to 4:3, anywhere in a square."""
    area = side * side * (0.5 + 0.5 * numbers[0])
    ratio = math.exp((2 * numbers[1] - 1) * math.log(4 / 3))
    width, height = min(side, math.sqrt(area * ratio)), min(side, math.sqrt(area / ratio))
    left, top = numbers[2] * (side - width), numbers[3] * (side - height)
    return left, top, min(side, left + width), min(side, top + height)


def _affine(matrix: Callable[[float, int], tuple[float, ...]]) -> _Operation:
    def operation(image: Image.Image, strength: float, fill: Colour) -> Image.Image:
        return image.transform(
            image.size,
            Image.Transform.AFFINE,
            matrix(strength, image.width),
            Image.Resampling.BILINEAR,
            fillcolor=fill,
        )

    return operation


def _enhance(kind: Callable[[Image.Image], ImageEnhance._Enhance]) -> _Operation:
    return lambda image, strength, _: kind(image).enhance(1 + _MOST_ENHANCE * strength)


def _shear(strength: float, side: int) -> float:
    """Shear about the middle, so that the picture stays in place: the offset that makes it so."""
    return -_MOST_SHEAR * strength * side / 2


def _rotate(image: Image.Image, strength: float, fill: Colour) -> Image.Image:
    return image.rotate(_MOST_DEGREES * strength, Image.Resampling.BILINEAR, fillcolor=fill)


_OPERATIONS: tuple[_Operation, ...] = (
    lambda image, _, __: image,
    _affine(lambda s, side: (1, _MOST_SHEAR * s, _shear(s, side), 0, 1, 0)),
    _affine(lambda s, side: (1, 0, 0, _MOST_SHEAR * s, 1, _shear(s, side))),
    _affine(lambda s, side: (1, 0, _MOST_SHIFT * s * side, 0, 1, 0)),
    _affine(lambda s, side: (1, 0, 0, 0, 1, _MOST_SHIFT * s * side)),
    _rotate,
    _enhance(ImageEnhance.Brightness),
    _enhance(ImageEnhance.Color),
    _enhance(ImageEnhance.Contrast),
    _enhance(ImageEnhance.Sharpness),
    lambda image, strength, _: ImageOps.posterize(image, 8 - round(4 * abs(strength))),
    lambda image, strength, _: ImageOps.solarize(image, 255 - round(127 * abs(strength))),
    lambda image, _, __: ImageOps.autocontrast(image),
    lambda image, _, __: ImageOps.equalize(image),
)
