"""How samples are written: tables, pictures and recordings."""

from __future__ import annotations

import csv
import io
import wave
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..runtime import write_atomically

RATE = 16_000
"""Samples of a recording in a second."""


def table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    write(path, text.getvalue().encode("utf-8"))


def picture(
    path: Path, image: Image.Image, grain: float = 0.0, draws: np.random.Generator | None = None
) -> None:
    """Write a PNG, with noise of so many grey levels on it."""
    if draws is not None:
        pixels = np.asarray(image, float)
        image = Image.fromarray((pixels + draws.normal(0, grain, pixels.shape)).clip(0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    write(path, buffer.getvalue())


def recording(path: Path, samples: NDArray[np.float64]) -> None:
    """Write a WAV of 16 bits of (n,) samples of -1 to 1, RATE of them in a second."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(RATE)
        stream.writeframes((samples.clip(-1, 1) * 32_767).astype("<i2").tobytes())
    write(path, buffer.getvalue())


def write(path: Path, content: bytes) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
