"""Small made-up scenes, coloured squares on a noisy ground, with their boxes or masks on disk.

Notation: n pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from boxed import Corners, coco
from headstart.tasks.answers.boxes import Boxes
from headstart.tasks.answers.masks import Masks

COLOURS = {"blue": (40, 70, 220), "red": (220, 50, 40)}
NAMES = tuple(COLOURS)
GROUND = "ground"
SIDE = 64
"""Of the input that the tasks are held to in whole runs, pixels."""
PARTS = {"train": 14, "valid": 4, "test": 6}


@dataclass(frozen=True)
class Scene:
    """A picture and where its squares are."""

    image: Image.Image
    boxes: tuple[Corners, ...]

    def mask(self) -> Image.Image:
        """Grey: 0 the ground, 1 and 2 the squares by their names."""
        values = np.zeros((self.image.height, self.image.width), np.uint8)
        for name, left, top, right, bottom in self.boxes:
            values[int(top) : int(bottom), int(left) : int(right)] = 1 + NAMES.index(name)
        return Image.fromarray(values)


def scene(draws: np.random.Generator, size: tuple[int, int] = (64, 48)) -> Scene:
    """One scene: a square in each half, now and then none."""
    width, height = size
    pixels = draws.normal(120, 8, (height, width, 3))
    boxes = []
    for half in range(2):
        if draws.random() < 0.15:
            continue
        name, side = NAMES[int(draws.integers(2))], int(draws.integers(height // 3, height // 2))
        left = half * width // 2 + int(draws.integers(0, width // 2 - side + 1))
        top = int(draws.integers(0, height - side + 1))
        pixels[top : top + side, left : left + side] = COLOURS[name] + draws.normal(0, 8, (side, side, 3))
        boxes.append((name, left, top, left + side, top + side))
    return Scene(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), tuple(boxes))


def scenes(n: int, seed: int = 0, size: tuple[int, int] = (64, 48)) -> dict[str, Scene]:
    """n of them by file name."""
    draws = np.random.default_rng(seed)
    return {f"{number:02}.png": scene(draws, size) for number in range(n)}


def write_boxes(folder: Path, parts: Mapping[str, int] | None = None, other_test: bool = False) -> Path:
    """Pictures and COCO's JSON by split; with `other_test` the boxes of the test split go round by one."""
    for number, (part, n) in enumerate((parts or PARTS).items()):
        made = scenes(n, number)
        (folder / part).mkdir(parents=True)
        for name, one in made.items():
            one.image.save(folder / part / name)
        boxes = [one.boxes for one in made.values()]
        if other_test and part == "test":
            boxes = [*boxes[1:], boxes[0]]
        said = coco(dict(zip(made, boxes, strict=True)), (64, 48))
        # both names in each file: a split may lack one
        (folder / part / "_annotations.coco.json").write_text(json.dumps(said), "utf-8")
    return folder


def write_masks(folder: Path, parts: Mapping[str, int] | None = None, other_test: bool = False) -> Path:
    """Pictures and masks by split; with `other_test` the masks of the test split go round by one."""
    for number, (part, n) in enumerate((parts or PARTS).items()):
        made = scenes(n, number)
        for kind in ("images", "masks"):
            (folder / part / kind).mkdir(parents=True)
        masks = [one.mask() for one in made.values()]
        if other_test and part == "test":
            masks = [*masks[1:], masks[0]]
        for (name, one), mask in zip(made.items(), masks, strict=True):
            one.image.save(folder / part / "images" / name)
            mask.save(folder / part / "masks" / name)
    (folder / "classes.txt").write_text("\n".join([GROUND, *NAMES]) + "\n", "utf-8")
    return folder


WRITE = {"object_detection": write_boxes, "segmentation": write_masks}
"""A folder of scenes by task."""


def shrink(put: Callable[[Any, str, Any], object] = setattr) -> None:
    """Inputs of SIDE pixels from here on, for all tasks of scenes."""
    for kind in (Boxes, Masks):
        assert kind.side >= SIDE, "what is set is what is read"
        put(kind, "side", SIDE)
