"""Masks as pictures for people: a colour for each class, and hatching where the class is not known.

Notation: h, w sides of a mask in pixels, k classes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..answers.masks import IGNORED, MOST_CLASSES, Mask

Picture = NDArray[np.uint8]
"""(h, w, 3) red, green, blue."""
BACKGROUND = "background"
"""The class of this name is black in a mask, and left as it is in a picture."""
_STEPS = 9
_FARTHEST_GREY = 0.12
"""Oklab chroma below which a colour is too near to grey, which means unknown."""
_HATCH, _LINE = 8, 2
_BAND = 32 * _HATCH
"""Rows that are painted at once; stripes go on from one band to the next."""
_GREYS = (150, 90)


def mask_png(mask: Mask, classes: Sequence[str]) -> Picture:
    """(h, w, 3) a mask in the colours of its classes; grey stripes where the class is not known.

    The colour goes with the number: masks that are shown side by side need one list of classes (`indexed`).

    Args:
        mask: (h, w) value i means `classes[i]`.
        classes: the k names; `background` is black.
    """
    painted = _table(classes)[mask]
    painted[mask == IGNORED] = _stripes(mask.shape)[mask == IGNORED]
    return painted


def overlay(picture: Picture, mask: Mask, classes: Sequence[str], strength: float = 0.5) -> Picture:
    """(h, w, 3) a picture with the colours of a mask over it, and the background left as it is.

    Args:
        picture: (h, w, 3) of any size; the mask is stretched to it without new values.
        mask: value i means `classes[i]`.
        classes: the k names.
        strength: of the colours, 0..1.
    """
    mask = stretched(mask, picture.shape[:2])
    painted = mask_png(mask, classes).astype(np.float32)
    clear = [index for index, name in enumerate(classes) if name == BACKGROUND]
    weight = np.where(np.isin(mask, clear), 0.0, strength)[..., None].astype(np.float32)
    return np.rint(picture * (1 - weight) + painted * weight).astype(np.uint8)


def coloured(image: Image.Image, mask: Mask, classes: Sequence[str]) -> Image.Image:
    """An image with the colours of a mask of its size over it, painted in place, a band of rows at a time.

    A large picture as an array of numbers, several times, would not fit into memory.
    """
    for top in range(0, image.height, _BAND):
        band = image.crop((0, top, image.width, min(top + _BAND, image.height)))
        painted = overlay(np.asarray(band), mask[top : top + _BAND], classes)
        image.paste(Image.fromarray(painted), (0, top))
    return image


def palette_image(mask: Mask, classes: Sequence[str]) -> Image.Image:
    """A mask as a picture with a palette: its indices are the mask's values, its colours those of classes."""
    image = Image.fromarray(mask)
    image.putpalette(_table(classes).tobytes())
    return image


def named_colours(classes: Sequence[str]) -> dict[str, str]:
    """The colour of each class in pictures of answers, as `#rrggbb`."""
    table = colours(len(classes)).tolist()
    return {name: f"#{bytes(colour).hex()}" for name, colour in zip(classes, table, strict=True)}


def colours(k: int) -> Picture:
    """(k, 3) colours that are told apart well; the first ones are the same for any k.

    Each is the one farthest from those before it, and from black, white and grey, in Oklab (Björn Ottosson,
    "A perceptual color space for image processing", 2020), whose distances are near to those people see.
    """
    return _colours()[:k]


@functools.cache
def _colours() -> Picture:
    steps = np.linspace(0, 255, _STEPS).round()
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    seen = _oklab(grid)
    vivid = np.hypot(seen[:, 1], seen[:, 2]) > _FARTHEST_GREY
    grid, seen = grid[vivid], seen[vivid]
    greys = _oklab(np.array([[0.0] * 3, [128.0] * 3, [255.0] * 3]))
    nearest = np.linalg.norm(seen[:, None] - greys, axis=-1).min(axis=1)
    picked = []
    for _ in range(MOST_CLASSES):
        picked.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, np.linalg.norm(seen - seen[picked[-1]], axis=-1))
    found = grid[picked].astype(np.uint8)
    found.setflags(write=False)
    return found


def _oklab(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 3) sRGB 0..255 as lightness and two axes of colour."""
    part = colours / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    cones = linear @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    lab: NDArray[np.float64] = np.cbrt(cones) @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )
    return lab


def _table(classes: Sequence[str]) -> Picture:
    """(256, 3) the colour of each value; what has no class is grey like the unknown."""
    table = np.full((256, 3), _GREYS[0], np.uint8)
    table[: len(classes)] = colours(len(classes))
    for index, name in enumerate(classes):
        if name == BACKGROUND:
            table[index] = 0
    return table


def _stripes(shape: tuple[int, ...]) -> Picture:
    """(h, w, 3) grey with darker lines, from upper right to lower left."""
    rows, columns = np.indices(shape)
    grey = np.where((rows + columns) % _HATCH < _LINE, _GREYS[1], _GREYS[0]).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def stretched(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """The mask at another size: each pixel takes the value at its middle."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip(shape, mask.shape, strict=True)
    )
    return mask[np.ix_(rows, columns)]
