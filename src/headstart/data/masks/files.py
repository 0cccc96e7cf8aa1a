"""One mask file: its values or colours, exactly as they were written; and how a picture lies.

A mask is read without any of the conversions that make a picture look right: the index of an indexed picture
is its value (but for the grey of a GIF, which is always indexed), and 16-bit numbers stay what they are. It
lies as a viewer shows its picture.

These functions open files with Pillow; they are called from threads of `parallel.py`, which silences what it
warns about.

Notation: h, w sides of the mask in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from ...errors import DataError
from ..images.decode import MAX_PIXELS, TURNS, size_of

SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".gif")
LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif", ".webp")
"""Formats that change values a little, or may."""
WHITE = 255
Kind = Literal["values", "colours", "alpha", "parts"]
"""What of a mask file is its mask; `parts`: fractions 0..1 of white."""
_FORMATS = ("PNG", "TIFF", "BMP", "GIF", "JPEG", "WEBP")
_CHANGED = ("JPEG", "WEBP")
_NEARLY = 12
"""How far red, green and blue of a grey may come apart by JPEG."""
_PHOTOGRAPH = 1000
"""Different colours that no mask has."""
_SCALED = {"L;2": 85, "L;4": 17}
"""What Pillow multiplies grey of few bits by."""
_COLOURED = ("RGB", "RGBA", "RGBX")


class Unusable(Exception):
    """One mask cannot be used; its text is the reason, and no person meets the error itself."""


@dataclass(frozen=True)
class Plane:
    """What a mask file holds."""

    values: NDArray[Any]
    """(h, w) whole numbers; of a coloured mask 0xrrggbb."""
    bilevel: bool = False
    """Black and white only: 0 and WHITE, whatever the two are called."""
    coloured: bool = False
    lossy: bool = False
    """Saved in a way that changes values a little, or may."""
    veiled: bool = False
    """Its transparency looks like the mask: all else is of one colour, or a photograph."""
    fractions: bool = False
    """Its numbers were fractions 0..1, and are those of WHITE."""
    palette: Mapping[int, int] = field(default_factory=dict)
    """The colour 0xrrggbb of each index that occurs."""

    def emptied(self) -> Plane:
        """The same without its pixels."""
        return replace(self, values=self.values[:0, :0])


@dataclass(frozen=True)
class Lying:
    """The sides of a picture, and what turns it upright."""

    stored: tuple[int, int]
    """Width and height as the file has them."""
    upright: tuple[int, int]
    """Width and height as a viewer shows them."""
    turn: Image.Transpose | None = None


def read_plane(path: Path, root: Path, kind: Kind = "values") -> Plane:
    """The values of a mask file, or where asked its colours, or its transparency.

    Red, green and blue that are equal everywhere are read as grey values, unless colours are asked.

    Raises:
        Unusable: it cannot be used, and is to be left out.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Unusable(f"too many pixels ({image.width} x {image.height}, at most {MAX_PIXELS})")
            lossy = image.format in _CHANGED or image.info.get("compression") == "jpeg"
            packed = _packing(image)
            image.load()
            return replace(_plane(image, packed, kind, lossy), lossy=lossy)
    except Unusable:
        raise
    except Image.DecompressionBombError:
        raise Unusable(f"too many pixels (at most {MAX_PIXELS})") from None
    except FileNotFoundError as error:
        raise Unusable("no such file") from error
    except Exception as error:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        raise Unusable("truncated or damaged, or no PNG, TIFF, BMP or GIF") from error


def values_in(plane: Plane) -> NDArray[np.int64]:
    """The different values of a plane, sorted."""
    if plane.values.dtype in (np.uint8, np.uint16):
        return np.flatnonzero(np.bincount(plane.values.ravel())).astype(np.int64)
    return np.unique(plane.values).astype(np.int64)


def lying(path: Path) -> Lying | None:
    """How a picture lies, from its header; None where it cannot be opened."""
    try:
        with Image.open(path) as image:
            if image.format == "TIFF":
                image.load()  # Pillow turns it while it loads
            turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
            width, height = image.size
    except Exception:  # a format that Pillow alone does not know lies as it is shown
        try:
            shape = size_of(path)
        except (DataError, OSError):  # it is examined, and its damage named, when the examples are read
            return None
        return Lying(shape, shape)
    swapped = turn in (TURNS[5], TURNS[6], TURNS[7], TURNS[8])
    return Lying((width, height), (height, width) if swapped else (width, height), turn)


def upright(plane: Plane, picture: Lying) -> Plane | None:
    """The plane as its picture lies when a viewer shows it; None where their sizes differ.

    Masks are drawn on the upright picture; one with the sides of the stored picture is turned with it.
    """
    height, width = plane.values.shape
    if (width, height) == picture.upright:
        return plane
    if (width, height) != picture.stored or picture.turn is None:
        return None
    return replace(plane, values=turned(plane.values, picture.turn))


def turned(values: NDArray[np.generic], turn: Image.Transpose) -> NDArray[np.generic]:
    """(h, w) values moved as Pillow moves the pixels of a picture."""
    swap = turn in (TURNS[5], TURNS[6], TURNS[7], TURNS[8])
    moved = values.T if swap else values
    up_down = (TURNS[3], TURNS[4], TURNS[7], TURNS[8])
    left_right = (TURNS[2], TURNS[3], TURNS[6], TURNS[7])
    return moved[:: -1 if turn in up_down else 1, :: -1 if turn in left_right else 1]


def _packing(image: Image.Image) -> str:
    """How the pixels lie in the file, where Pillow says it."""
    tiles = getattr(image, "tile", None)
    return str(tiles[0][3]) if tiles else ""


def _plane(image: Image.Image, packed: str, kind: Kind, lossy: bool) -> Plane:
    if kind == "alpha":
        return Plane(_alpha(image))
    if kind == "colours":
        return Plane(_colours(image), coloured=True)
    if image.format == "GIF" and image.mode == "P":
        image = _as_grey(image)
    if image.mode in _COLOURED:
        red, green, blue = (np.asarray(image.getchannel(band)) for band in "RGB")
        veiled = image.mode == "RGBA" and _is_veil(image)
        if _grey(red, green, blue, _NEARLY if lossy else 0):
            return Plane(green, veiled=veiled)
        return Plane(_colours(image), coloured=True, veiled=veiled)
    if image.mode == "1":
        return Plane(np.asarray(image).astype(np.uint8) * np.uint8(WHITE), bilevel=True)
    if image.mode in ("LA", "PA", "La"):
        return Plane(np.asarray(image)[..., 0], veiled=image.mode == "LA" and _is_veil(image))
    if image.mode in ("L", "P") or image.mode.startswith("I"):
        return Plane(np.asarray(image) // _SCALED.get(packed, 1), palette=_palette(image))
    if image.mode == "F":
        return _numbers(np.asarray(image), kind)
    raise Unusable(f"a mask holds numbers of classes, or colours, and no {image.mode}")


def _grey(red: NDArray[Any], green: NDArray[Any], blue: NDArray[Any], apart: int) -> bool:
    """Are the three equal everywhere, but for so much?"""
    if not apart:
        return np.array_equal(red, green) and np.array_equal(red, blue)
    least, most = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    return int((most - least).max()) <= apart


def _is_veil(image: Image.Image) -> bool:
    """Is the transparency the mask? It varies, and the colours are one, or a photograph."""
    bands = np.asarray(image)
    varied = bands.min((0, 1)) < bands.max((0, 1))
    if not varied[-1]:
        return False
    return not varied[:-1].any() or image.convert("RGB").getcolors(_PHOTOGRAPH) is None


def _alpha(image: Image.Image) -> NDArray[np.uint8]:
    if "A" not in image.getbands():
        raise Unusable("it has no transparency, which is the mask in the others")
    return np.asarray(image.getchannel("A"))


def _palette(image: Image.Image) -> dict[int, int]:
    """The colour of each index that occurs; nothing where there is no palette."""
    if image.mode != "P":
        return {}
    indices = np.flatnonzero(np.bincount(np.asarray(image).ravel()))
    colours = np.array(image.getpalette() or [], np.int64).reshape(-1, 3)
    said = indices[indices < len(colours)]
    return {int(one): int(colours[one] @ (65536, 256, 1)) for one in said}


def _as_grey(image: Image.Image) -> Image.Image:
    """GIF has palettes only, and its writers renumber them: a grey value is then the grey, not the index."""
    rgb = _rgb(image)
    red, green, blue = rgb.split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else image


def _colours(image: Image.Image) -> NDArray[np.int32]:
    """(h, w) 0xrrggbb; what is transparent has the colour that it hides."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        raise Unusable("expected a coloured mask, but it holds numbers of more than 8 bits")
    red, green, blue = np.moveaxis(np.asarray(_rgb(image)), 2, 0).astype(np.int32)
    packed: NDArray[np.int32] = (red << 16) + (green << 8) + blue
    return packed


def _rgb(image: Image.Image) -> Image.Image:
    # The alpha is cut off; Pillow warns where a palette has one.
    image.info.pop("transparency", None)
    return image.convert("RGB")


def _numbers(values: NDArray[np.floating], kind: Kind) -> Plane:
    whole = np.array_equal(values, np.rint(values)) and np.abs(values).max() <= 2**24
    if (kind == "parts" or not whole) and values.min() >= 0 and values.max() <= 1:
        return Plane(np.rint(values * WHITE).astype(np.int64), fractions=True)
    if not whole:
        raise Unusable("it holds numbers that are not whole")
    return Plane(values.astype(np.int64))
