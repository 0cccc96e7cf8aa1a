"""Small pictures inside the report, as data URIs: the page asks for nothing outside itself."""

from __future__ import annotations

import base64
import io

from PIL import Image

from ...exposure import AS_STORED, Exposure
from ...types import Source
from .decode import decode


def data_uri(source: Source, side: int, exposure: Exposure = AS_STORED) -> str:
    """The picture as a JPEG of at most `side` pixels a side; small ones are enlarged without blur."""
    return as_uri(resized(decode(source, exposure=exposure), side))


def resized(image: Image.Image, side: int) -> Image.Image:
    """The picture with so many pixels on its longer side."""
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.NEAREST if scale > 2 else Image.Resampling.LANCZOS)


def as_uri(image: Image.Image) -> str:
    """The picture as a JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
