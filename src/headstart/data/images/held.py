"""Pictures that a program holds in memory: arrays, PIL images and bytes, as the bytes of a file."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ...errors import DataError

HINT = "give paths, bytes, PIL images, or arrays (h, w) or (h, w, 3) of 8-bit numbers"


def picture_of(value: object) -> tuple[str, bytes]:
    """What a picture in memory is called, and its bytes.

    Raises:
        DataError: it is no picture that can be told from other things.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return "(bytes)", bytes(value)
    if isinstance(value, Image.Image):
        return "(picture)", _written(value)
    if not hasattr(value, "__array__"):
        raise DataError(f"expected a picture, got {type(value).__name__}", HINT)
    pixels = np.asarray(value)
    depth = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or depth not in (1, 3, 4) or not pixels.size:
        raise DataError(f"expected a picture, got an array {pixels.shape} of {pixels.dtype}", HINT)
    grey = pixels.reshape(pixels.shape[:2]) if depth == 1 else pixels
    return "(array)", _written(Image.fromarray(np.ascontiguousarray(grey)))


def _written(picture: Image.Image) -> bytes:
    """Without a loss, and quickly."""
    stream = io.BytesIO()
    plain = picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")
    picture.save(stream, "PNG" if plain else "TIFF", compress_level=1)
    return stream.getvalue()
