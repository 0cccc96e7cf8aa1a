"""One mask file: its values or colours, exactly as they were written; and how a picture lies.

A mask is read without any of the conversions that make a picture look right: the index of an indexed picture
is its value (but for the grey of a GIF, which is always indexed), and 16-bit numbers stay what they are. It
lies as a viewer shows its picture.

These functions open files with Pillow; they are called from threads of `parallel.py`, which silences what it
warns about.

Notation: h, w sides of the mask in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from ..errors import DataError
from .images import MAX_PIXELS, TURNS, size_of
from .listing import shown

SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".gif")
LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif", ".webp")
"""Formats that change values a little, or may."""
WHITE = 255
_FORMATS = ("PNG", "TIFF", "BMP", "GIF")
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


@dataclass(frozen=True)
class Lying:
    """The sides of a picture, and what turns it upright."""

    stored: tuple[int, int]
    """Width and height as the file has them."""
    upright: tuple[int, int]
    """Width and height as a viewer shows them."""
    turn: Image.Transpose | None = None


def read_plane(path: Path, root: Path, coloured: bool = False) -> Plane:
    """The values of a mask file, or where asked its colours.

    Red, green and blue that are equal everywhere are read as grey values, unless colours are asked.

    Raises:
        Unusable: it cannot be used, and is to be left out.
        DataError: its format changes values: nothing that is read from this set can be trusted.
    """
    if path.suffix.lower() in LOSSY or _is_jpeg(path):
        raise _lossy(shown(path, root))
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Unusable(f"too many pixels ({image.width} x {image.height}, at most {MAX_PIXELS})")
            if image.info.get("compression") == "jpeg":
                raise _lossy(shown(path, root))
            packed = _packing(image)
            image.load()
            return _plane(image, packed, coloured)
    except (DataError, Unusable):
        raise
    except Image.DecompressionBombError:
        raise Unusable(f"too many pixels (at most {MAX_PIXELS})") from None
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


def turned(values: NDArray[Any], turn: Image.Transpose) -> NDArray[Any]:
    """(h, w) values moved as Pillow moves the pixels of a picture."""
    swap = turn in (TURNS[5], TURNS[6], TURNS[7], TURNS[8])
    moved = values.T if swap else values
    up_down = (TURNS[3], TURNS[4], TURNS[7], TURNS[8])
    left_right = (TURNS[2], TURNS[3], TURNS[6], TURNS[7])
    return moved[:: -1 if turn in up_down else 1, :: -1 if turn in left_right else 1]


def _lossy(name: str) -> DataError:
    return DataError(
        f"the mask {name} is saved with loss: JPEG and WebP change values, and every edge gets wrong classes",
        "export the masks as PNG again; to convert the files would not bring the lost values back",
    )


def _is_jpeg(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(3) == b"\xff\xd8\xff"
    except OSError as error:
        raise Unusable((error.strerror or "cannot be read").lower()) from error


def _packing(image: Image.Image) -> str:
    """How the pixels lie in the file, where Pillow says it."""
    tiles = getattr(image, "tile", None)
    return str(tiles[0][3]) if tiles else ""


def _plane(image: Image.Image, packed: str, coloured: bool) -> Plane:
    if coloured:
        return Plane(_colours(image), coloured=True)
    if image.format == "GIF" and image.mode == "P":
        image = _as_grey(image)
    if image.mode in _COLOURED:
        red, green, blue = (np.asarray(image.getchannel(band)) for band in "RGB")
        if np.array_equal(red, green) and np.array_equal(red, blue):
            return Plane(red)
        return Plane(_colours(image), coloured=True)
    if image.mode == "1":
        return Plane(np.asarray(image).astype(np.uint8) * np.uint8(WHITE), bilevel=True)
    if image.mode in ("LA", "PA", "La"):
        return Plane(np.asarray(image)[..., 0])
    if image.mode in ("L", "P") or image.mode.startswith("I"):
        return Plane(np.asarray(image) // _SCALED.get(packed, 1))
    if image.mode == "F":
        return Plane(_whole(np.asarray(image)))
    raise Unusable(f"a mask holds numbers of classes, or colours, and no {image.mode}")


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


def _whole(values: NDArray[np.floating]) -> NDArray[np.int64]:
    if not np.array_equal(values, np.rint(values)) or np.abs(values).max() > 2**24:
        raise Unusable("it holds numbers that are not whole")
    return values.astype(np.int64)
