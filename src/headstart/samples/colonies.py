"""Dishes with colonies of two kinds of bacteria, and a box around each; drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import _files
from .base import Sample

KINDS = {"smooth": (220, 210, 160), "dark": (120, 70, 60)}
"""RGB of the kinds of colonies."""
SIDE = 128
SPLITS = {"train": 24, "valid": 8, "test": 12}


def write(folder: Path, seed: int) -> None:
    """Write a folder for each split, with pictures and `_annotations.coco.json`."""
    draws = np.random.default_rng(seed)
    for split, many in SPLITS.items():
        images: list[dict[str, object]] = []
        boxes: list[dict[str, object]] = []
        for number in range(many):
            image, found = dish(draws)
            name = f"{split}_{number:03d}.png"
            _files.picture(folder / split / name, image, 5, draws)
            images.append({"id": number, "file_name": name, "width": SIDE, "height": SIDE})
            boxes += [
                {"id": len(boxes) + place, "image_id": number, "category_id": kind, "bbox": box, "iscrowd": 0}
                | {"area": box[2] * box[3]}
                for place, (kind, box) in enumerate(found)
            ]
        kinds = [{"id": number, "name": name} for number, name in enumerate(KINDS)]
        told: dict[str, Any] = {"images": images, "annotations": boxes, "categories": kinds}
        _files.write(folder / split / "_annotations.coco.json", json.dumps(told).encode("utf-8"))


def dish(draws: np.random.Generator) -> tuple[Image.Image, list[tuple[int, list[float]]]]:
    """(SIDE, SIDE, 3) a dish, and the kind and box (x, y, width, height in pixels) of each colony."""
    jelly = tuple(draws.integers(150, 190, 3).tolist())
    image = Image.new("RGB", (SIDE, SIDE), jelly)
    pen = ImageDraw.Draw(image)
    found = []
    for field in draws.permutation(16)[: draws.integers(2, 8)]:
        kind, radius = int(draws.integers(len(KINDS))), draws.uniform(6, 12)
        x, y = (np.array([field % 4, field // 4]) + 0.5) * SIDE / 4 + draws.uniform(-3, 3, 2)
        colour = tuple(int(level * draws.uniform(0.9, 1.1)) for level in list(KINDS.values())[kind])
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        found.append(
            (kind, [round(float(value), 1) for value in (x - radius, y - radius, 2 * radius, 2 * radius)])
        )
    return image.filter(ImageFilter.GaussianBlur(0.7)), found


plugin = Sample(
    summary="dishes with colonies of two kinds, a box around each (COCO); drawn",
    task="object_detection",
    source="drawn by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data} --base builtin/vision-s --minutes 3",
)
