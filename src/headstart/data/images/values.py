"""A picture's own numbers, before they become 8-bit colours; and how they become those.

A viewer shows 12-bit numbers that lie in 16 bits, or measured ones, as black, or each picture at a scale of
its own. Here one window is set for all pictures (`exposure.py`), so that equal numbers look equal.

Notation: h, w sides in pixels, n bands.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from ...errors import DataError
from ...exposure import Exposure

_ROWS = 256
"""So many are scaled at once: a large picture as floats would not fit into memory."""
_PAIRS = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
"""How Pillow reads the upper bytes of 16-bit colours, and how to make it read the lower ones."""
_GREY_WITH_ALPHA = "LA;16B"
_WHITE_IS_ZERO, _PHOTOMETRIC = 0, 262


@dataclass(frozen=True)
class Values:
    """What a file holds."""

    numbers: NDArray[Any]
    """(h, w, n) as they are written."""
    full: tuple[float, float]
    """What is black and white where no window is set."""
    deep: bool = True
    """More than 8 bits?"""
    inverted: bool = False
    """Small numbers are bright, as in some X-rays."""
    alpha: int | None = None
    """Which band says how opaque a pixel is."""
    stated: tuple[float, float] | None = None
    """The window that the file states."""

    @property
    def opaque(self) -> NDArray[np.float32] | None:
        """(h, w) 0..1, where a band says so."""
        if self.alpha is None:
            return None
        band, top = self.numbers[..., self.alpha], _top(self.numbers.dtype)
        opaque: NDArray[np.float32] = np.clip(np.nan_to_num(band.astype(np.float32) / np.float32(top)), 0, 1)
        return opaque


def full_scale(numbers: NDArray[np.generic]) -> tuple[float, float]:
    """Black and white of a kind of number; of those that have no scale, 0..1 or what this picture holds."""
    if numbers.dtype == np.uint8:
        return 0.0, 255.0
    finite = numbers[np.isfinite(numbers)] if numbers.dtype.kind == "f" else numbers
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    top = 1.0 if numbers.dtype.kind == "f" else 65535.0
    return min(0.0, least), max(top, most)


def of_image(image: ImageFile.ImageFile) -> Values | None:
    """The numbers of a file that Pillow opened, where it has more than 8 bits; it is loaded then.

    TIFF of several bands is `tiffs.py`'s.
    """
    if image.mode.startswith(("I", "F")):
        inverted = _photometric(image) == _WHITE_IS_ZERO
        image.load()
        numbers = np.asarray(image)[..., None]
        return Values(numbers, full_scale(numbers), inverted=inverted)
    packed = packing(image)
    if image.format != "PNG" or (packed != _GREY_WITH_ALPHA and packed not in _PAIRS):
        return None
    numbers = _sixteen_bits(image, packed)
    alpha = None if numbers.shape[2] == 3 else numbers.shape[2] - 1
    return Values(numbers, (0.0, 65535.0), alpha=alpha)


def of_bytes(image: Image.Image) -> Values:
    """The channels of a picture of 8 bits; those of a palette are its colours."""
    plain = image if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")
    numbers = np.asarray(plain).reshape(plain.height, plain.width, -1)
    alpha = numbers.shape[2] - 1 if plain.mode in ("LA", "RGBA") else None
    return Values(numbers, (0.0, 255.0), deep=False, alpha=alpha)


def packing(image: Image.Image) -> str:
    """How the pixels lie in the file, where Pillow says it."""
    tiles = getattr(image, "tile", None)
    how = tiles[0][3] if tiles else ""
    return str(how[0] if isinstance(how, tuple) and how else how)


def is_deep(image: ImageFile.ImageFile) -> bool:
    """More than 8 bits, from the header alone?"""
    packed = packing(image)
    return image.mode.startswith(("I", "F")) or (
        image.format == "PNG" and (packed == _GREY_WITH_ALPHA or packed in _PAIRS)
    )


def chosen(n: int, alpha: int | None, exposure: Exposure) -> tuple[int, ...]:
    """Places of the bands that are shown: three, or one that is grey.

    Raises:
        DataError: one is asked for that is not there.
    """
    colours = n - (alpha is not None)
    if exposure.bands and n > 1:
        if max(exposure.bands) > n:
            wanted = ",".join(map(str, exposure.bands))
            raise DataError(
                f"it has {n} bands, and bands={wanted} asks for number {max(exposure.bands)}",
                f"name bands from 1 to {n}: --set bands=3,2,1",
            )
        return tuple(band - 1 for band in exposure.bands)
    return (0, 1, 2) if colours >= 3 else (0,)


def shown(values: Values, exposure: Exposure) -> Image.Image:
    """The picture as 8-bit RGB, on white where it is transparent.

    Raises:
        DataError: it lacks a band that is asked for.
    """
    low, high = window_of(values, exposure)
    places = chosen(values.numbers.shape[2], values.alpha, exposure)
    height, width = values.numbers.shape[:2]
    found = np.empty((height, width, len(places)), np.uint8)
    for top in range(0, height, _ROWS):
        part = values.numbers[top : top + _ROWS][..., places].astype(np.float64)
        scaled = np.clip(np.nan_to_num((part - low) * (255.0 / (high - low)), nan=0.0), 0, 255)
        found[top : top + _ROWS] = np.rint(255 - scaled if values.inverted else scaled)
    opaque = None if values.alpha in places else values.opaque
    if opaque is not None:
        found = np.rint(found * opaque[..., None] + 255.0 * (1 - opaque[..., None])).astype(np.uint8)
    return Image.fromarray(found[..., 0] if len(places) == 1 else found).convert("RGB")


def window_of(values: Values, exposure: Exposure) -> tuple[float, float]:
    """What is black and white in this picture."""
    if exposure.stated and values.stated is not None:
        return values.stated
    if exposure.window is not None and (values.deep or exposure.every):
        return exposure.window
    return values.stated or values.full


def measured(values: Values, exposure: Exposure) -> NDArray[np.float64]:
    """(m,) the finite numbers of the bands that are shown, where the picture is not transparent."""
    places = chosen(values.numbers.shape[2], values.alpha, exposure)
    numbers, opaque = values.numbers[..., places], values.opaque
    if opaque is not None and values.alpha not in places:
        numbers = numbers[opaque > 0]
    flat = numbers.reshape(-1).astype(np.float64)
    return flat[np.isfinite(flat)]


def _photometric(image: ImageFile.ImageFile) -> Any:
    tags: Any = getattr(image, "tag_v2", {})
    return tags.get(_PHOTOMETRIC)


def _top(dtype: np.dtype[Any]) -> float:
    return 1.0 if dtype.kind == "f" else float(np.iinfo(dtype).max)


def _sixteen_bits(image: ImageFile.ImageFile, packed: str) -> NDArray[np.uint16]:
    """(h, w, n) of a PNG. Pillow keeps the upper byte of each number; read twice, it gives both."""
    reopened: Callable[[], Any] = _again(image)
    if packed == _GREY_WITH_ALPHA:
        # four bytes a pixel, as RGBA has: upper and lower one of grey, then of alpha
        both = _read(image, "RGBA").astype(np.uint16)
        return both[..., ::2] * np.uint16(256) + both[..., 1::2]
    lower = _read(reopened(), _PAIRS[packed]).astype(np.uint16)
    return _read(image, packed).astype(np.uint16) * np.uint16(256) + lower


def _again(image: ImageFile.ImageFile) -> Callable[[], Any]:
    """Opens the same file once more, from its bytes."""
    stream: Any = image.fp
    place = stream.tell()
    stream.seek(0)
    content = stream.read()
    stream.seek(place)
    return lambda: type(image)(io.BytesIO(content))


def _read(image: Any, packed: str) -> NDArray[Any]:
    image.tile = [tile._replace(args=packed) for tile in image.tile]
    image.load()
    return np.asarray(image)
