"""Gauges with a needle, and the number that each shows; drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from . import _files
from .base import Sample

SIDE = 64
MANY = 120
LOW, HIGH = -135.0, 135.0
"""Degrees from upright of the ends of the scale, which runs from 0 to 10."""


def write(folder: Path, seed: int) -> None:
    """Write pictures and `metadata.csv` with the columns `file_name` and `value`."""
    draws = np.random.default_rng(seed)
    rows = []
    for number in range(MANY):
        value, name = draws.uniform(0, 10), f"{number:03d}.png"
        _files.picture(folder / name, dial(value, draws), 6, draws)
        rows.append((name, f"{value:.2f}"))
    _files.table(folder / "metadata.csv", ("file_name", "value"), rows)


def dial(value: float, draws: np.random.Generator) -> Image.Image:
    """(SIDE, SIDE, 3) a gauge that shows a value of 0 to 10."""
    size = SIDE * 4
    image = Image.new("RGB", (size, size), tuple(draws.integers(60, 140, 3).tolist()))
    pen = ImageDraw.Draw(image)
    face = int(draws.integers(200, 250))
    pen.ellipse((8, 8, size - 8, size - 8), fill=(face, face, face), outline=(30, 30, 30), width=6)
    for tick in range(11):
        pen.line((_at(tick, 0.85), _at(tick, 0.95)), fill=(30, 30, 30), width=5)
    pen.line((_at(value, -0.15), _at(value, 0.75)), fill=(180, 30, 30), width=9)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _at(value: float, share: float) -> tuple[float, float]:
    """A point on the ray of a value, by its share of the radius."""
    angle, middle = np.deg2rad(LOW + (HIGH - LOW) * value / 10), SIDE * 2
    return middle + share * middle * np.sin(angle), middle - share * middle * np.cos(angle)


plugin = Sample(
    summary="gauges, each with the number that its needle shows; drawn",
    task="image_regression",
    source="drawn by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data} --base builtin/vision-s --strategy frozen --minutes 1",
)
