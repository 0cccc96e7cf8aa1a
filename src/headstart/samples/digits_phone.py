"""Two domains: the digits as they were scanned, and others as a phone in a dim room would see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from . import _files, digits
from .base import Sample

SIDE = 32
"""Pixels of a phone's picture."""
SCANNED, SEEN, CHECKED = 20, 30, 4
"""Of each digit: scans with labels, phone pictures without, and phone pictures with labels."""


def write(folder: Path, seed: int) -> None:
    """Write `scanned/<digit>/`, `phone/` (no labels) and `phone-labelled/<digit>/`."""
    from sklearn.datasets import load_digits

    draws = np.random.default_rng(seed)
    pictures, targets = load_digits(return_X_y=True)
    for digit in range(10):
        rows = draws.permutation(np.flatnonzero(targets == digit))
        for place, row in enumerate(rows[: SCANNED + SEEN + CHECKED].tolist()):
            scan, name = digits.grey(pictures[row]), f"{row:04d}.png"
            if place < SCANNED:
                _files.picture(folder / "scanned" / str(digit) / name, Image.fromarray(scan))
            else:
                home = Path("phone") if place < SCANNED + SEEN else Path("phone-labelled", str(digit))
                _files.picture(folder / home / name, photographed(scan, draws), 12, draws)


def photographed(scan: NDArray[np.uint8], draws: np.random.Generator) -> Image.Image:
    """(SIDE, SIDE) dark ink on paper, a little turned, out of focus, in uneven and yellowish light."""
    turned = Image.fromarray(255 - scan).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    turned = turned.rotate(draws.uniform(-12, 12), fillcolor=255).filter(ImageFilter.GaussianBlur(1))
    light = np.linspace(draws.uniform(0.4, 0.7), draws.uniform(0.7, 1.0), SIDE)[:, None, None]
    pixels = np.asarray(turned, float)[:, :, None] * light * (1.0, 0.9, 0.7)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


plugin = Sample(
    summary="handwritten digits as scanned (labelled), and as a phone would see them (not); real, made dim",
    task="image_classification",
    source="scikit-learn's copy of the UCI repository's digits; blurred, turned and darkened by this project",
    licence="CC-BY-4.0",
    write=write,
    next="run {data}/scanned --unlabelled {data}/phone --base builtin/glyphs --minutes 1",
)
