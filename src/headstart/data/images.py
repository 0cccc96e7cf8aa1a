"""Decode one image as a viewer shows it, or say why it cannot be used.

Thread-safe: the header is read with Pillow's format plug-ins directly, because `Image.open` warns
(once a process, through global filters) about images of many pixels before their size can be asked.
"""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import ExifTags, Image, ImageFile

from ..errors import DataError
from ..types import Source

MAX_PIXELS = 89_478_485
"""A quarter of a gibibyte of RGB; more is refused from the header alone (a decompression bomb)."""

_Accept = Callable[[bytes], bool | str]
_DAMAGED = "truncated or damaged"
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF tag Orientation."""
_SIDEWAYS = tuple(TURNS[value] for value in (5, 6, 7, 8))
"""Those that swap width and height."""


def examine(source: Source) -> str | None:
    """None when the image decodes fully, else the reason why not, in a few words."""
    try:
        decode(source, at_least=1)  # all of a JPEG's data are read, but few pixels are computed
    except DataError as error:
        return error.message
    return None


def decode(source: Source, at_least: int | None = None) -> Image.Image:
    """The image (of an animation the first) as 8-bit RGB, upright, on white where it is transparent.

    Args:
        source: A file, or the bytes of one.
        at_least: A JPEG may be decoded at a half, quarter or eighth of its size (much faster) as
            long as neither side falls below this many pixels.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    with _opened(source) as stream:
        return _decode(stream, at_least)


def size_of(source: Source) -> tuple[int, int]:
    """Width and height, in pixels, as a viewer shows it; most formats are not decoded for that.

    Raises:
        DataError: there is no image.
    """
    with _opened(source) as stream:
        image = _header(stream)
        if image.format == "TIFF":  # Pillow turns those itself: its header may say the turned size
            image.load()
        width, height = image.size
        return (height, width) if _turn(image) in _SIDEWAYS else (width, height)


def looks_like_image(path: Path) -> bool:
    """Has the file the name or the first bytes of an image?"""
    if path.suffix.lower() in _extensions():
        return True
    try:
        with path.open("rb") as stream:
            prefix = stream.read(16)
    except OSError:
        return False
    return any(accept is not None and _accepts(accept, prefix) for _, accept in _formats())


def _opened(source: Source) -> IO[bytes]:
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except FileNotFoundError:
        raise _refused("no such file") from None
    except PermissionError:
        raise _refused("permission denied") from None
    except IsADirectoryError:
        raise _refused("not a file") from None


def _refused(reason: str) -> DataError:
    return DataError(reason, "leave the file out, or replace it by one that an image viewer opens")


def _decode(stream: IO[bytes], at_least: int | None) -> Image.Image:
    image = _header(stream)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _refused(f"too many pixels ({width} x {height}, at most {MAX_PIXELS})")
    try:
        if at_least is not None:
            image.draft(None, (at_least, at_least))  # no mode: it stays as it is
        image.load()
        return _upright(image, _rgb(image))
    except Exception as error:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        raise _refused(_DAMAGED) from error


def _header(stream: IO[bytes]) -> ImageFile.ImageFile:
    prefix = stream.read(16)
    if not prefix:
        raise _refused("empty file")
    reason = "not an image"
    for factory, accept in _formats():
        if accept is not None and not _accepts(accept, prefix):
            continue
        stream.seek(0)
        try:
            opened: ImageFile.ImageFile = factory(stream, "")
            return opened
        except Exception:  # as above; a format without a signature just tries, and fails
            reason = _DAMAGED if accept is not None else reason
    raise _refused(reason)


def _accepts(accept: _Accept, prefix: bytes) -> bool:
    try:
        return accept(prefix) is True  # text instead of True says that a codec is not installed
    except (struct.error, IndexError):  # the file is shorter than the signature
        return False


@functools.cache
def _formats() -> tuple[tuple[Callable[..., Any], _Accept | None], ...]:
    Image.init()
    # EPS is left out: its decoder is a program (Ghostscript) that runs what the file says.
    return tuple(Image.OPEN[name] for name in Image.ID if name in Image.OPEN and name != "EPS")


@functools.cache
def _extensions() -> frozenset[str]:
    Image.init()
    # Films, documents and data containers that Pillow knows by name but cannot decode are no images.
    readable = (
        name for name, kind in Image.EXTENSION.items() if Image.MIME.get(kind, "").startswith("image/")
    )
    return frozenset(readable)


def _upright(image: Image.Image, pixels: Image.Image) -> Image.Image:
    turn = _turn(image)
    return pixels if turn is None else pixels.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF does not make a good picture unusable
        return None


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    if "transparency" in image.info or image.mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        # Pillow has no path from premultiplied grey or from a palette with alpha straight to RGBA.
        opaque = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(opaque, _rgba(image)).convert("RGB")
    return image.convert("RGB")


def _rgba(image: Image.Image) -> Image.Image:
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, 32 bits or floats as 8 bits; full scale stays full scale."""
    values = np.nan_to_num(np.asarray(image).astype(np.float32))
    if image.mode == "F":
        low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
    else:  # mode I holds 16-bit values too; only larger ones need a scale of their own
        low, high = 0.0, max(65535.0, float(values.max()))
    scaled = (values - low) * (255.0 / (high - low))
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))
