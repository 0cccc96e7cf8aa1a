"""Small synthetic pictures: one colour and shape a class, noise on everything, no two alike."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("circle", "square", "triangle")


def write_folder(
    folder: Path,
    classes: Sequence[str] = CLASSES,
    per_class: int | Mapping[str, int] = 8,
    splits: Sequence[str] = (),
    suffix: str = ".png",
    size: tuple[int, int] = (40, 32),
    seed: int = 0,
) -> Path:
    """Write class folders of pictures and return `folder`.

    Args:
        folder: made where it is missing.
        classes: names of the class folders; any text that a file system takes.
        per_class: pictures of each class (in each split), or that number by class name.
        splits: names of split folders above the class folders; none by default.
        suffix: `.png` or `.jpg`.
        size: width and height, pixels.
        seed: the same seed writes the same pixels.
    """
    draws = np.random.default_rng(seed)
    for split in splits or ("",):
        for kind, label in enumerate(classes):
            home = folder / split / label
            home.mkdir(parents=True, exist_ok=True)
            for number in range(per_class if isinstance(per_class, int) else per_class[label]):
                picture(kind, len(classes), draws, size).save(home / f"{label}_{number:03}{suffix}")
    return folder


def picture(
    kind: int, kinds: int, draws: np.random.Generator, size: tuple[int, int] = (40, 32)
) -> Image.Image:
    """One RGB picture of class `kind` of `kinds`: a shape somewhere, of about the class's colour."""
    width, height = size
    image = Image.new("RGB", size, tuple(int(grey) for grey in draws.integers(40, 200, 3)))
    radius = min(size) * draws.uniform(0.25, 0.4)
    x, y = draws.uniform(radius, width - radius), draws.uniform(radius, height - radius)
    hue = (kind / kinds + draws.normal(0, 0.03)) % 1
    colour = tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.8, draws.uniform(0.6, 1)))
    pen = ImageDraw.Draw(image)
    if kind % 3 == 0:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    else:
        pen.regular_polygon(
            (x, y, radius), n_sides=5 - kind % 3, rotation=int(draws.integers(360)), fill=colour
        )
    noisy = np.asarray(image) + draws.normal(0, 12, (height, width, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def write_values(folder: Path, count: int = 12, seed: int = 0) -> Path:
    """A folder of pictures of grey squares, and a table of how bright each is."""
    draws = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows = ["file_name,value"]
    for number in range(count):
        value = draws.uniform(40, 240)
        pixels = np.clip(value + draws.normal(0, 10, (32, 40, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:03}.png")
        rows.append(f"{number:03}.png,{value / 10:.3f}")
    (folder / "metadata.csv").write_text("\n".join(rows), "utf-8")
    return folder


def write_label_sets(folder: Path, count: int = 12, seed: int = 0) -> Path:
    """A folder of pictures whose corners may be lit, and a table of those that are, if any."""
    draws = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows = ["file_name,labels"]
    for number in range(count):
        pixels = draws.integers(0, 90, (32, 40, 3), dtype=np.uint8)
        lit = [name for place, name in enumerate(("left", "right")) if (number >> place) % 2]
        for name in lit:
            pixels[:16, slice(0, 16) if name == "left" else slice(24, 40)] += 160
        Image.fromarray(pixels).save(folder / f"{number:03}.png")
        rows.append(f"{number:03}.png,{'|'.join(lit)}")
    (folder / "metadata.csv").write_text("\n".join(rows), "utf-8")
    return folder
