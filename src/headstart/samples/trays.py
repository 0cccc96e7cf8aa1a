"""Trays with several kinds of screws and nuts in them, and which; drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from . import _files
from .base import Sample

KINDS = ("nut", "screw", "washer")
SIDE = 64
MANY = 90


def write(folder: Path, seed: int) -> None:
    """Write pictures and `metadata.csv` with the columns `file_name` and `labels` (`nut|screw`)."""
    draws = np.random.default_rng(seed)
    rows = []
    for number in range(MANY):
        kinds = [kind for kind in KINDS if draws.random() < 0.5]
        name = f"{number:03d}.png"
        _files.picture(folder / name, tray(kinds, draws), 6, draws)
        rows.append((name, "|".join(kinds)))
    _files.table(folder / "metadata.csv", ("file_name", "labels"), rows)


def tray(kinds: list[str], draws: np.random.Generator) -> Image.Image:
    """(SIDE, SIDE, 3) one or two of each of these kinds, each in a field of its own."""
    ground = int(draws.integers(30, 80))
    image = Image.new("RGB", (SIDE * 4, SIDE * 4), (ground, ground, ground))
    pen = ImageDraw.Draw(image)
    several = [kind for kind in kinds for _ in range(draws.integers(1, 3))]
    for field, kind in zip(draws.permutation(9), several, strict=False):
        x, y = (np.array([field % 3, field // 3]) + 0.5 + draws.uniform(-0.1, 0.1, 2)) * SIDE * 4 / 3
        grey = int(draws.integers(140, 230))
        _thing(pen, kind, (x, y), grey, ground, draws.uniform(0, 360))
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _thing(
    pen: ImageDraw.ImageDraw, kind: str, place: tuple[float, float], grey: int, ground: int, turn: float
) -> None:
    """Draw one thing at a place."""
    (x, y), metal, hole = place, (grey, grey, grey), (ground, ground, ground)
    if kind == "screw":
        across = np.array([np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))]) * 32
        pen.line((x - across[0], y - across[1], x + across[0], y + across[1]), fill=metal, width=10)
        pen.ellipse(
            (x - across[0] - 12, y - across[1] - 12, x - across[0] + 12, y - across[1] + 12), fill=metal
        )
        return
    if kind == "nut":
        pen.regular_polygon((x, y, 28), 6, rotation=turn, fill=metal)
    else:
        pen.ellipse((x - 26, y - 26, x + 26, y + 26), fill=metal)
    pen.ellipse((x - 13, y - 13, x + 13, y + 13), fill=hole)


plugin = Sample(
    summary="trays of screws, nuts and washers, several labels each or none; drawn",
    task="multilabel_image_classification",
    source="drawn by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data} --base builtin/vision-s --strategy frozen --minutes 1",
)
