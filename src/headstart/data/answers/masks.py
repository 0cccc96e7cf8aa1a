"""The answer of an image whose every pixel has a class: a small picture inside a text.

    {"classes":["background","cell"],"png":"<base64 of an 8-bit grey PNG>"}

Value i of the PNG means `classes[i]`; `classes` are those that occur in this image, sorted. 255 is unknown:
such a pixel is neither learned nor measured. A PNG loses nothing and is small, so thousands of answers fit
into memory. Equal masks have equal answers as long as the same zlib writes them.

Notation: h, w sides of the image in pixels, k classes.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...errors import DataError
from ..images.decode import MAX_PIXELS

Mask = NDArray[np.uint8]
"""(h, w) numbers of classes, or IGNORED."""
IGNORED = 255
"""The value of a pixel whose class is not known."""
MOST_CLASSES = 255
"""What is left of 256 values."""
MODES = ("L", "RGB", "RGBA")
"""Of Pillow: 8-bit grey, and what a browser writes instead."""


def as_answer(mask: Mask, classes: Sequence[str]) -> str:
    """The canonical answer of a mask.

    Args:
        mask: (h, w) value i means `classes[i]`; IGNORED stays unknown.
        classes: at most MOST_CLASSES names, in any order; those that do not occur are left out.

    Raises:
        DataError: it is no such mask, or a value has no class.
    """
    _require_mask(mask, classes)
    # A part at a time: counting turns what it counts into numbers of eight bytes.
    parts = np.array_split(mask.ravel(), 1 + mask.size // 2**20)
    counts = np.sum([np.bincount(part, minlength=256) for part in parts], axis=0)
    values = np.flatnonzero(counts[:IGNORED]).tolist()
    if values and values[-1] >= len(classes):
        raise DataError(
            f"a mask holds the value {values[-1]}, but there are {len(classes)} classes",
            "number the classes from 0, and use 255 for pixels that are not known",
        )
    names = sorted({classes[value] for value in values})
    table = np.full(256, IGNORED, np.uint8)
    for value in values:
        table[value] = names.index(classes[value])
    png = base64.b64encode(_png(table[mask])).decode()
    return json.dumps({"classes": names, "png": png}, ensure_ascii=False, separators=(",", ":"))


def mask_of(answer: str) -> tuple[Mask, tuple[str, ...]]:
    """The (h, w) mask of an answer and the names of its values.

    Raises:
        DataError: the text is no such answer.
    """
    try:
        found = _parsed(answer)
        mask = _opened(found["png"])
        if mask.ndim != 2:
            raise ValueError("a PNG that is not grey")
    except Exception as error:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        raise _broken(error) from error
    return mask, tuple(found["classes"])


def read(png: str) -> Mask:
    """(h, w) the mask in a PNG as programs write it, grey also where it is told as equal red, green and blue.

    Raises:
        DataError: it is none, or its colours are no grey.
    """
    try:
        pixels = _opened(png)
    except Exception as error:  # as in mask_of
        raise DataError(f"expected a PNG coded by base64: {error}", "send an 8-bit grey picture") from error
    mask = pixels if pixels.ndim == 2 else pixels[..., 0]
    if pixels.ndim == 3 and (pixels[..., :3] != mask[..., None]).any():
        raise DataError("expected a grey PNG, but it has colours", "value i means the i-th class")
    return np.ascontiguousarray(mask)


def indexed(answer: str, classes: Sequence[str]) -> Mask:
    """(h, w) the mask of an answer with the numbers of another, wider list of classes.

    What is unknown stays so, and a class that the list does not have becomes unknown.

    Raises:
        DataError: the text is no such answer, or the list is too long.
    """
    _require_few(classes)
    mask, names = mask_of(answer)
    number = {name: index for index, name in reversed(list(enumerate(classes)))}
    table = np.full(256, IGNORED, np.uint8)
    table[: len(names)] = [number.get(name, IGNORED) for name in names]
    return table[mask]


def names_in(answers: Iterable[str]) -> tuple[str, ...]:
    """The classes that occur in any of the answers, sorted; no picture is decoded.

    Raises:
        DataError: a text is no such answer.
    """
    names: set[str] = set()
    for answer in answers:
        try:
            names.update(_parsed(answer)["classes"])
        except (ValueError, RecursionError) as error:
            raise _broken(error) from error
    return tuple(sorted(names))


def _opened(png: str) -> NDArray[np.uint8]:
    """(h, w) or (h, w, 3 or 4) values of a PNG that base64 coded."""
    with Image.open(io.BytesIO(base64.b64decode(png, validate=True)), formats=("PNG",)) as image:
        if image.mode not in MODES:
            raise ValueError(f"a PNG of mode {image.mode}, not 8-bit grey")
        if image.width * image.height > MAX_PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels")
        return np.array(image)


def _parsed(answer: str) -> dict[str, Any]:
    found = json.loads(answer)
    if not isinstance(found, dict) or not isinstance(found.get("png"), str):
        raise ValueError("no `png`")
    names = found.get("classes")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("no list `classes`")
    if len(names) > MOST_CLASSES:
        raise ValueError(f"{len(names)} classes")
    return found


def _broken(error: Exception) -> DataError:
    return DataError(
        f"expected the answer of an image with a mask, but got something else: {error}",
        'an answer looks like {"classes":["background","cell"],"png":"..."}',
    )


def _require_mask(mask: Mask, classes: Sequence[str]) -> None:
    _require_few(classes)
    if mask.ndim != 2 or mask.dtype != np.uint8 or not 0 < mask.size <= MAX_PIXELS:
        raise DataError(
            f"expected a mask (h, w) of 8-bit numbers, but got {mask.dtype} of the shape {mask.shape}",
            "give one number a pixel, as uint8",
        )


def _require_few(classes: Sequence[str]) -> None:
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"a mask tells at most {MOST_CLASSES} classes apart, but there are {len(classes)}",
            "join some classes into one",
        )


def _png(mask: Mask) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(mask)).save(stream, "PNG", compress_level=6)
    return stream.getvalue()
