"""Boxes in tables: a row for each box, at the top of the folder or one folder below.

filename,width,height,class,xmin,ymin,xmax,ymax        as TensorFlow's tools write it, in pixels
ImageID,LabelName,XMin,XMax,YMin,YMax                  Open Images, in fractions
image_id,bbox                                          "[left, top, width, height]" in one cell
image,label,x_center,y_center,width,height             as YOLO counts, in a table

A column `split` says the split of its image.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...types import Dropped
from ..answers.boxes import corners_of
from ..listing import shown
from ..places.annotated import split_written
from ..places.coco_file import CocoPicture
from ..places.found import FoundImages, near_top
from ..tables.records import header, records

_IMAGES = (
    *("filename", "file_name", "image_path", "image", "image_name", "imagename", "imageid", "image_id"),
    *("img_path", "img_name", "img", "filepath", "file_path", "path", "file"),
)
_CLASSES = (
    *("class", "label", "labelname", "label_name", "class_name", "category", "name", "category_name"),
    *("class_id", "category_id", "labels"),
)
_SPLITS = ("split", "subset", "set", "usage")
_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
    ("bbox_xmin", "bbox_ymin", "bbox_xmax", "bbox_ymax"),
    ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"),
)
_SIDES = (
    ("x", "y", "w", "h"),
    ("x", "y", "width", "height"),
    ("left", "top", "width", "height"),
    ("bbox_x", "bbox_y", "bbox_width", "bbox_height"),
    ("bbox_x", "bbox_y", "bbox_w", "bbox_h"),
)
_CENTRES = tuple(
    (*centre, *sides)
    for centre in (("x_center", "y_center"), ("x_centre", "y_centre"), ("xcenter", "ycenter"), ("cx", "cy"))
    for sides in (("w", "h"), ("width", "height"))
)
_BOX = ("bbox", "box")
_ONE_CLASS = "object"


class _Columns:
    """The columns of a table of boxes, as it calls them."""

    def __init__(self, names: Sequence[str]) -> None:
        own = {name.strip().lower(): name for name in reversed(names)}
        self.image = next((own[name] for name in _IMAGES if name in own), None)
        self.label = next((own[name] for name in _CLASSES if name in own), None)
        self.split = next((own[name] for name in _SPLITS if name in own), None)
        known = (*_CORNERS, *_CENTRES, *_SIDES)
        four = next((names for names in known if all(name in own for name in names)), None)
        one = next((name for name in _BOX if name in own), None)
        self._cornered, self._centred = four in _CORNERS, four in _CENTRES
        self.box = [own[name] for name in four or ((one,) if one else ())]

    @property
    def all(self) -> list[str]:
        """Those that are read."""
        return [name for name in (self.image, self.label, self.split, *self.box) if name is not None]

    def mark(self, row: dict[str, object]) -> tuple[str, dict[str, object]] | None:
        """The class and box of a row, by its columns; None where it has no box."""
        label = _ONE_CLASS if self.label is None else str(_or_empty(row[self.label])).strip()
        values = [row[name] for name in self.box]
        if all(value is None or str(value).strip() in ("", "nan", "[]") for value in values):
            return None
        if len(values) == 1:
            values = _listed(values[0])
        found = corners_of(values)
        if found is not None and self._cornered:
            found = found[0], found[1], found[2] - found[0], found[3] - found[1]
        if found is not None and self._centred:
            found = found[0] - found[2] / 2, found[1] - found[3] / 2, found[2], found[3]
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
            cells = {} if row.reason else dict(zip(columns.all, row.cells, strict=True))
            name = str(_or_empty(cells.get(columns.image or ""))).strip()
            path, reason = (
                images.find(name, file.parent) if name else (None, row.reason or "it names no image")
            )
            if path is None:
                what = name or f"{shown(file, root)} row {row.number}"
                dropped.setdefault(what, Dropped(what, reason))
                continue
            split = split_written(str(cells.get(columns.split or ""))) or images.split(path, file)
            picture = CocoPicture(path, images.name(path), split, (None, None))
            picture = pictures.setdefault(path, picture)
            if mark := columns.mark(cells):
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


def _or_empty(cell: Any) -> Any:
    return "" if cell is None else cell


def _listed(cell: Any) -> list[Any]:
    """The numbers in one cell."""
    try:
        found = json.loads(str(cell))
    except (ValueError, RecursionError):
        found = str(cell).replace(",", " ").split()
    return found if isinstance(found, list) else [found]
