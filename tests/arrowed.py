"""Files in cells of Arrow, as the library `datasets` keeps them."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
from PIL import Image

FILE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def picture(number: int, side: int = 8) -> bytes:
    """A PNG that is dark or light."""
    low = 128 * (number % 2)
    pixels = np.random.default_rng(number).integers(low, low + 128, (side, side, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
