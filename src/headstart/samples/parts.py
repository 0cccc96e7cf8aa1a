"""Round metal parts on a belt: whole, scratched or chipped; drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from . import _files
from .base import Sample

STATES = ("good", "scratched", "chipped")
COATINGS = {
    "steel": (150, 155, 160),
    "brass": (190, 160, 70),
    "copper": (185, 110, 80),
    "blue": (70, 100, 180),
}
"""RGB of each coating."""
SIDE = 64
LABELS, TESTS = 20, 30
"""Of each state: pictures to learn from, and to test by."""


def write(folder: Path, seed: int) -> None:
    """Write `train/<state>/` and `test/<state>/`."""
    draws = np.random.default_rng(seed)
    for state in STATES:
        for number in range(LABELS + TESTS):
            home = folder / ("train" if number < LABELS else "test") / state
            coating = list(COATINGS)[draws.integers(len(COATINGS))]
            _files.picture(home / f"{number:03d}.png", part(state, coating, draws), 6, draws)


def part(state: str, coating: str, draws: np.random.Generator) -> Image.Image:
    """(SIDE, SIDE, 3) one part somewhere on the belt, under light of its own."""
    scale = 4  # drawn larger, then shrunk: edges are smooth
    belt = int(draws.integers(40, 90))
    image = Image.new("RGB", (SIDE * scale, SIDE * scale), (belt, belt, belt + 5))
    pen = ImageDraw.Draw(image)
    radius = draws.uniform(20, 26) * scale
    x, y = draws.uniform(radius, SIDE * scale - radius, 2)
    light = draws.uniform(0.85, 1.15)
    colour = tuple(int(min(255, light * level)) for level in COATINGS[coating])
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    hole = radius * draws.uniform(0.3, 0.45)
    pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill=(belt, belt, belt + 5))
    angle = draws.uniform(0, 2 * np.pi)
    out = np.array([np.cos(angle), np.sin(angle)])
    if state == "scratched":
        middle, along = np.array([x, y]) + out * (radius + hole) / 2, np.array([-out[1], out[0]])
        ends = [middle + side * along * radius * draws.uniform(0.55, 0.75) for side in (-1, 1)]
        pen.line(
            [tuple(end) for end in ends], fill=tuple(level // 3 for level in colour), width=round(scale * 3.5)
        )
    if state == "chipped":
        (a, b), bite = np.array([x, y]) + out * radius, radius * draws.uniform(0.28, 0.4)
        pen.ellipse((a - bite, b - bite, a + bite, b + bite), fill=(belt, belt, belt + 5))
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


plugin = Sample(
    summary="metal parts, good, scratched or chipped, 20 labels a class; drawn",
    task="image_classification",
    source="drawn by this project",
    licence="Apache-2.0",
    write=write,
)
