"""Tiny folders of pictures with boxes, in each format, for the tests of their readers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PIL import ExifTags, Image

Corners = tuple[str, float, float, float, float]
"""Name, left, top, right, bottom, in pixels."""


def picture(path: Path, size: tuple[int, int] = (40, 20), orientation: int | None = None) -> Path:
    """Writes a black picture of that stored size, with an EXIF orientation or without."""
    exif = Image.Exif()
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(path, exif=exif)
    return path


def coco(images: Mapping[str, Sequence[Corners]], size: tuple[int, int] = (40, 20)) -> dict[str, list]:
    """COCO's JSON of pictures of one size and their boxes."""
    names = sorted({box[0] for boxes in images.values() for box in boxes})
    return {
        "images": [
            {"id": number, "file_name": name, "width": size[0], "height": size[1]}
            for number, name in enumerate(images)
        ],
        "annotations": [
            {
                "image_id": number,
                "category_id": names.index(name) + 1,
                "bbox": [left, top, right - left, bottom - top],
            }
            for number, boxes in enumerate(images.values())
            for name, left, top, right, bottom in boxes
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, start=1)],
    }


def voc(boxes: Iterable[Corners], size: tuple[int, int] = (40, 20), filename: str = "") -> str:
    """The XML of one picture."""
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin>"
        f"<xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
        for name, left, top, right, bottom in boxes
    )
    width, height = size
    stated = f"<size><width>{width}</width><height>{height}</height></size>"
    return f"<annotation><filename>{filename}</filename>{stated}{objects}</annotation>"


def yolo(boxes: Iterable[Corners], names: Sequence[str], size: tuple[int, int] = (40, 20)) -> str:
    """The lines of one picture."""
    width, height = size
    return "".join(
        f"{names.index(name)} {(left + right) / 2 / width} {(top + bottom) / 2 / height} "
        f"{(right - left) / width} {(bottom - top) / height}\n"
        for name, left, top, right, bottom in boxes
    )


def write(path: Path, content: object) -> Path:
    """Writes a text, or an object as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def answers(listing) -> dict[str, list[list]]:
    """The boxes of each row by its name."""
    return {row.name: json.loads(row.label)["boxes"] for row in listing.rows}


def reasons(listing) -> dict[str, str]:
    """Why each thing was left out."""
    return {item.file: item.reason for item in listing.dropped}
