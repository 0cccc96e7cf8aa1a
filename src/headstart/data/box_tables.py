"""Boxes in tables: a row for each box, at the top of the folder or one folder below.

filename,width,height,class,xmin,ymin,xmax,ymax        as TensorFlow's tools write it, in pixels
ImageID,LabelName,XMin,XMax,YMin,YMax                  Open Images, in fractions
image_id,bbox                                          "[left, top, width, height]" in one cell
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..types import Dropped
from .boxes import corners_of
from .coco_file import CocoPicture
from .found_images import FoundImages, near_top
from .listing import shown
from .records import header, records

_IMAGES = ("filename", "file_name", "image_path", "image", "imageid", "image_id", "path", "img", "file")
_CLASSES = ("class", "label", "labelname", "class_name", "category", "name", "category_name", "class_id")
_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
)
_SIDES = (("x", "y", "w", "h"), ("x", "y", "width", "height"), ("left", "top", "width", "height"))
_BOX = ("bbox", "box")
_ONE_CLASS = "object"


class _Columns:
    """The columns of a table of boxes, as it calls them."""

    def __init__(self, names: Sequence[str]) -> None:
        own = {name.strip().lower(): name for name in reversed(names)}
        self.image = next((own[name] for name in _IMAGES if name in own), None)
        self.label = next((own[name] for name in _CLASSES if name in own), None)
        four = next((known for known in (*_CORNERS, *_SIDES) if all(name in own for name in known)), None)
        one = next((name for name in _BOX if name in own), None)
        self.sided = four in _SIDES or (four is None and one is not None)
        self.box = [own[name] for name in four or ((one,) if one else ())]

    @property
    def all(self) -> list[str]:
        """Those that are read."""
        return [name for name in (self.image, self.label, *self.box) if name is not None]

    def mark(self, cells: Sequence[Any]) -> tuple[str, dict[str, Any]] | None:
        """The class and box of a row; None where it has no box."""
        label = _ONE_CLASS if self.label is None else str(cells[1] if cells[1] is not None else "").strip()
        values = list(cells[-len(self.box) :])
        if all(value is None or str(value).strip() in ("", "nan", "[]") for value in values):
            return None
        if len(values) == 1:
            values = _listed(values[0])
        found = corners_of(values)
        if found is not None and not self.sided:
            found = found[0], found[1], found[2] - found[0], found[3] - found[1]
        return label, {"bbox": values if found is None else list(found)}


def is_box_table(root: Path) -> bool:
    """Is there a table whose columns name images and boxes?"""
    return bool(_tables(root))


def read_box_tables(root: Path) -> tuple[list[CocoPicture], list[Dropped]]:
    """The images that the tables name, with their boxes, and what cannot be used.

    Raises:
        DataError: a table cannot be read.
    """
    images, pictures, dropped = FoundImages(root), dict[Path, CocoPicture](), dict[str, Dropped]()
    for file, columns in _tables(root):
        for row in records(file, columns.all):
            name = "" if row.reason else str(row.cells[0] or "").strip()
            path, reason = (
                images.find(name, file.parent) if name else (None, row.reason or "it names no image")
            )
            if path is None:
                what = name or f"{shown(file, root)} row {row.number}"
                dropped.setdefault(what, Dropped(what, reason))
                continue
            picture = CocoPicture(path, images.name(path), images.split(path, file), (None, None))
            picture = pictures.setdefault(path, picture)
            if mark := columns.mark(row.cells):
                picture.marks.append(mark)
    return list(pictures.values()), list(dropped.values())


def _tables(root: Path) -> list[tuple[Path, _Columns]]:
    found = list[tuple[Path, _Columns]]()
    for path in near_top(root, (".csv", ".tsv")):
        try:
            columns = _Columns(header(path))
        except DataError:
            continue
        if columns.image is not None and columns.box:
            found.append((path, columns))
    return found


def _listed(cell: Any) -> list[Any]:
    """The numbers in one cell."""
    try:
        found = json.loads(str(cell))
    except (ValueError, RecursionError):
        found = str(cell).replace(",", " ").split()
    return found if isinstance(found, list) else [found]
