"""Decode one image as a viewer shows it, or say why it cannot be used.

Where a picture has more than 8 bits, or more than three bands, its exposure says how it is shown.

Thread-safe: the header is read with Pillow's format plug-ins directly, because `Image.open` warns
(once a process, through global filters) about images of many pixels before their size can be asked.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from PIL import ExifTags, Image, ImageFile

from ...errors import DataError, MissingExtra
from ...exposure import AS_STORED, Exposure
from ...types import Source
from ..items import opened
from . import dicom, formats, tiffs
from . import values as raw
from .values import Values

MAX_PIXELS = 89_478_485
"""A quarter of a gibibyte of RGB; more is refused from the header alone (a decompression bomb)."""

_Accept = Callable[[bytes], bool | str]
_Read = TypeVar("_Read")
_JPEG = b"\xff\xd8\xff"
_WITH_PAGES = ("GIF", "WEBP", "PNG", "DCX", "FLI", "AVIF")
"""Formats whose further pictures are pictures, and no layers, sizes or depth maps."""
_DAMAGED = "truncated or damaged"
Tiff = tiffs.Layout
DICOM = "DICOM"
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


@dataclass(frozen=True)
class About:
    """What the header of an image says."""

    deep: bool = False
    """More than 8 bits?"""
    bands: int = 3
    pages: int = 1
    """Pictures in the file, of which the first is used."""
    stated: tuple[float, float] | None = None
    """The window that the file states."""
    named: str = ""
    """Its bands in words, where they are unusual."""
    alpha: int | None = None
    """Which band is alpha."""


def examine(source: Source, exposure: Exposure = AS_STORED) -> str | None:
    """None when the image decodes fully, else the reason why not, in a few words."""
    try:
        decode(source, at_least=1, exposure=exposure)  # all of a JPEG's data are read, few pixels computed
    except DataError as error:
        return error.message
    return None


def decode(source: Source, at_least: int | None = None, exposure: Exposure = AS_STORED) -> Image.Image:
    """The image (of several the first) as 8-bit RGB, upright, on white where it is transparent.

    Args:
        source: A file, or the bytes of one.
        at_least: A JPEG may be decoded at a half, quarter or eighth of its size (much faster) as
            long as neither side falls below this many pixels.
        exposure: Which numbers are black and white, and which bands are red, green and blue.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    with opened(source, _refused) as stream:
        return _guarded(lambda: _decoded(stream, source, at_least, exposure))


def values_of(source: Source) -> Values:
    """The numbers of an image as they are stored, not turned.

    Raises:
        DataError: as of `decode`.
    """
    with opened(source, _refused) as stream:
        return _guarded(lambda: _values(stream, source))


def about(source: Source) -> About:
    """What the header says; no pixels are decoded.

    Raises:
        DataError: there is no image.
    """
    with opened(source, _refused) as stream:
        if stream.read(3) == _JPEG:
            return About()
        kind = _kind(stream, source)
        if kind is DICOM:
            found = _guarded(lambda: dicom.header(stream))
            grey = dicom.is_grey(found)
            return About(grey, 1 if grey else 3, dicom.frames(found), dicom.stated(found))
        directory = tiffs.layout(stream, count=True)
        if isinstance(kind, Tiff) and directory is not None:
            return About(kind.is_deep, kind.n, directory.pages, named=kind.described, alpha=kind.alpha)
        image = _guarded(lambda: _header(stream, source))
        pages = directory.pages if directory else _pages(image)
        n = len(image.getbands())
        return About(raw.is_deep(image), n, pages, alpha=n - 1 if image.mode in ("LA", "RGBA") else None)


def size_of(source: Source) -> tuple[int, int]:
    """Width and height, in pixels, as a viewer shows it; most formats are not decoded for that.

    Raises:
        DataError: there is no image.
    """
    with opened(source, _refused) as stream:
        kind = _kind(stream, source)
        if isinstance(kind, Tiff):
            return tiffs.turned_size(kind)
        if kind is DICOM:
            return dicom.size(_guarded(lambda: dicom.header(stream)))
        image = _header(stream, source)
        if image.format == "TIFF":  # Pillow turns those itself: its header may say the turned size
            image.load()
        width, height = image.size
        return (height, width) if _turn(image) in _SIDEWAYS else (width, height)


def looks_like_image(path: Path) -> bool:
    """Has the file the name or the first bytes of an image, be it one that cannot be read here?"""
    if path.suffix.lower() in _extensions() or formats.is_known_picture(path):
        return True
    if path.suffix.lower() in (*formats.HEIC, *dicom.SUFFIXES):
        return True
    try:
        with path.open("rb") as stream:
            prefix = stream.read(16)
            if formats.is_heic(prefix) or dicom.is_dicom(stream):
                return True
    except OSError:
        return False
    return any(accept is not None and _accepts(accept, prefix) for _, accept in _formats())


def _refused(reason: str) -> DataError:
    return DataError(reason, "leave the file out, or replace it by one that an image viewer opens")


def _kind(stream: IO[bytes], source: Source) -> Tiff | str | None:
    """What reads the file: a TIFF that is ours, DICOM, or None: Pillow."""
    stream.seek(0)
    named = isinstance(source, Path) and source.suffix.lower() in dicom.SUFFIXES
    if dicom.is_dicom(stream) or (named and stream.read(1)):
        return DICOM
    found = tiffs.layout(stream)
    stream.seek(0)
    return found if found is not None and found.ours else None


def _pages(image: ImageFile.ImageFile) -> int:
    if image.format not in _WITH_PAGES:
        return 1
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # a later picture is damaged: the first is what is used
        return 1


def _guarded(read: Callable[[], _Read]) -> _Read:
    """Whatever a decoder raises as the reason why the file cannot be used."""
    try:
        return read()
    except DataError:
        raise
    except MissingExtra as error:
        raise DataError(f"{error.message}: {error.hint}", error.hint) from error
    except Exception as error:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        raise _refused(_DAMAGED) from error


def _decoded(stream: IO[bytes], source: Source, at_least: int | None, exposure: Exposure) -> Image.Image:
    kind = _kind(stream, source)
    if kind is not None:
        turn = TURNS.get(kind.orientation) if isinstance(kind, Tiff) else None
        pixels = raw.shown(_of_kind(stream, kind), exposure)
        return pixels if turn is None else pixels.transpose(turn)
    image = _header(stream, source)
    _require_few(*image.size)
    if at_least is not None:
        image.draft(None, (at_least, at_least))  # no mode: it stays as it is
    numbers = raw.of_image(image)
    if numbers is None:
        image.load()
        # Pictures of 8 bits are shown as they are, but where that is asked of all.
        numbers = raw.of_bytes(image) if exposure.every or exposure.bands else None
    return _upright(image, _rgb(image) if numbers is None else raw.shown(numbers, exposure))


def _values(stream: IO[bytes], source: Source) -> Values:
    kind = _kind(stream, source)
    if kind is not None:
        return _of_kind(stream, kind)
    image = _header(stream, source)
    _require_few(*image.size)
    numbers = raw.of_image(image)
    return raw.of_bytes(image) if numbers is None else numbers


def _of_kind(stream: IO[bytes], kind: Tiff | str) -> Values:
    if isinstance(kind, Tiff):
        _require_few(kind.width, kind.height * max(1, kind.n * kind.bits // 64))
        return tiffs.values(stream, kind)
    _require_few(*dicom.size(dicom.header(stream)))
    return dicom.values(stream)


def _require_few(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _refused(f"too many pixels ({width} x {height}, at most {MAX_PIXELS})")


def _header(stream: IO[bytes], source: Source = b"") -> ImageFile.ImageFile:
    stream.seek(0)
    prefix = stream.read(16)
    if not prefix:
        raise _refused("empty file")
    if formats.is_heic(prefix):
        return _heic(stream)
    advice = formats.advice(source) if isinstance(source, Path) else None
    if isinstance(source, Path) and (refused := formats.raw_reason(source)) is not None:
        raise _refused(refused)
    reason = advice or "not an image"
    for factory, accept in _formats():
        if accept is not None and not _accepts(accept, prefix):
            continue
        stream.seek(0)
        try:
            opened: ImageFile.ImageFile = factory(stream, "")
            return opened
        except Exception:  # as above; a format without a signature just tries, and fails
            reason = _DAMAGED if accept is not None and advice is None else reason
    raise _refused(reason)


def _heic(stream: IO[bytes]) -> ImageFile.ImageFile:
    if (reason := formats.heic_reason()) is not None:
        raise _refused(reason)
    import pillow_heif

    stream.seek(0)
    try:
        plugin: Any = pillow_heif.HeifImageFile
        opened: ImageFile.ImageFile = plugin(stream)
    except Exception as error:  # as everywhere here
        raise _refused(_DAMAGED) from error
    return opened


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
    if "transparency" in image.info or image.mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        # Pillow has no path from premultiplied grey or from a palette with alpha straight to RGBA.
        opaque = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(opaque, _rgba(image)).convert("RGB")
    return image.convert("RGB")


def _rgba(image: Image.Image) -> Image.Image:
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
