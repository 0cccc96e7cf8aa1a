"""Inputs that a program hands over as Python objects: arrays, pictures in memory, bytes, data frames."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from ..errors import DataError
from .frames import adopted, is_data
from .records import is_table

HINT = "give paths, bytes, PIL images, or arrays (h, w) or (h, w, 3) of 8-bit numbers"


def several_of(inputs: Any) -> tuple[Any, ...]:
    """One input, or each of several: a text, a path, bytes, a picture and a table of any kind are one.

    Raises:
        DataError: it is nothing to predict.
    """
    if is_data(inputs):
        return (adopted(inputs),)
    if isinstance(inputs, str | bytes | Image.Image) or hasattr(inputs, "__fspath__") or is_table(inputs):
        return (inputs,)
    if isinstance(inputs, np.ndarray) and inputs.ndim in (2, 3) and inputs.dtype != object:
        return (inputs,)
    if not isinstance(inputs, Iterable):
        raise DataError(f"expected something to predict, got {type(inputs).__name__}", HINT)
    return tuple(inputs)


def picture_of(value: Any) -> tuple[str, bytes]:
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
