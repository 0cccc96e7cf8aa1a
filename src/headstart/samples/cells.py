"""Cells under a microscope, and a mask of nuclei and bodies for each picture; drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import _files
from .base import Sample

CLASSES = ("background", "body", "nucleus")
COLOURS = ((235, 225, 235), (215, 150, 190), (110, 60, 140))
"""RGB of each class, before the stain varies."""
SIDE = 96
SPLITS = {"train": 20, "val": 6, "test": 10}


def write(folder: Path, seed: int) -> None:
    """Write `images/`, `masks/`, `classes.txt`, and a list of names for each split."""
    draws = np.random.default_rng(seed)
    for split, many in SPLITS.items():
        names = [f"{split}_{number:03d}" for number in range(many)]
        for name in names:
            image, mask = slide(draws)
            _files.picture(folder / "images" / f"{name}.png", image, 7, draws)
            _files.picture(folder / "masks" / f"{name}.png", mask)
        _files.write(folder / f"{split}.txt", "\n".join(names).encode("utf-8"))
    _files.write(folder / "classes.txt", "\n".join(CLASSES).encode("utf-8"))


def slide(draws: np.random.Generator) -> tuple[Image.Image, Image.Image]:
    """(SIDE, SIDE, 3) a picture, and its mask (SIDE, SIDE), whose values are places in CLASSES."""
    stain = draws.uniform(0.85, 1.1)
    colours = [tuple(int(min(255, stain * level)) for level in colour) for colour in COLOURS]
    image, mask = Image.new("RGB", (SIDE, SIDE), colours[0]), Image.new("L", (SIDE, SIDE), 0)
    pens = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    for field in draws.permutation(9)[: draws.integers(3, 8)]:
        x, y = (np.array([field % 3, field // 3]) + 0.5) * SIDE / 3 + draws.uniform(-4, 4, 2)
        wide, high = draws.uniform(9, 16, 2)
        for value, share in ((1, 1.0), (2, draws.uniform(0.35, 0.5))):
            place = (x - share * wide, y - share * high, x + share * wide, y + share * high)
            pens[0].ellipse(place, fill=colours[value])
            pens[1].ellipse(place, fill=value)
    return image.filter(ImageFilter.GaussianBlur(0.8)), mask


plugin = Sample(
    summary="stained cells with masks of bodies and nuclei; drawn",
    task="segmentation",
    source="drawn by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data} --base builtin/vision-s --minutes 3",
)
