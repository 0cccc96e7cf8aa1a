"""Annotations with outlines: polygons, or runs of pixels, drawn into one mask an image.

`data/places/coco_file.py`, `data/boxes/cvat.py` and `data/places/labelled_json.py` find and read the files.
Outlines (`data/places/outlines.py`) are drawn in the order of the file, later ones over earlier ones; crowds
are drawn like single objects. Where nothing is drawn is `background`. An image of which one outline cannot be
drawn is left out: its pixels would be called background.

Notation: h, w sides of the image in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ...parallel import each
from ...types import Dropped, Row
from ..answers.masks import MOST_CLASSES, Mask, as_answer, names_in
from ..boxes.cvat import is_cvat, read_cvat
from ..images.decode import MAX_PIXELS
from ..listing import Listing, unusable
from ..places.coco_file import CocoPicture, coco_files, load, read_files
from ..places.labelled_json import is_labelled_json, read_labelled_json
from ..places.outlines import Fill, Undrawable, inside, polygon_filler
from .files import Lying, Plane, lying, upright

BACKGROUND = "background"


def has_annotations(root: Path) -> bool:
    """Is there an annotation file of COCO, CVAT or a labelling tool?"""
    return _reader(root) is not None


def _reader(root: Path) -> Callable[[Path], tuple[list[CocoPicture], list[Dropped]]] | None:
    """What reads the annotations of a folder."""
    if coco_files(root):
        return read_files
    if is_cvat(root):
        return read_cvat
    return read_labelled_json if is_labelled_json(root) else None


def has_polygons(root: Path) -> bool:
    """Does an annotation file of the folder hold an outline? Reads them until one does."""
    for file in coco_files(root):
        try:
            annotations = [] if unusable(file.path, root) else load(file.path)["annotations"]
        except DataError:
            continue
        if any(isinstance(item, dict) and item.get("segmentation") for item in annotations):
            return True
    reader = _reader(root)
    if reader is None or reader is read_files:
        return False
    return any(_is_outline(item) for picture in reader(root)[0] for _, item in picture.marks)


def _is_given(item: dict[str, Any]) -> bool:
    return bool(item.get("segmentation"))


def _is_outline(item: dict[str, Any]) -> bool:
    """Is it an outline, and no rectangle, which is a box? Four corners of two xs and two ys are one."""
    outline = item.get("segmentation")
    if not isinstance(outline, list) or len(outline) != 1 or not isinstance(outline[0], list):
        return bool(outline)
    return len(set(outline[0][0::2])) > 2 or len(set(outline[0][1::2])) > 2


def read_polygons(root: Path) -> Listing:
    """The rows of a folder with COCO files; an image in two splits stays in the higher.

    Raises:
        DataError: a file cannot be read, none holds an outline, or there are too many classes.
        MissingExtra: pycocotools is not installed.
    """
    reader = _reader(root)
    if reader is None:
        raise DataError(
            f"`{root}` has no COCO annotations", "call them train/_annotations.coco.json, or instances.json"
        )
    pictures, dropped = reader(root)
    is_outline = _is_given if reader is read_files else _is_outline
    if not any(is_outline(item) for picture in pictures for _, item in picture.marks):
        raise DataError(
            f"the annotations of `{root}` hold no outlines, at most boxes",
            "to learn boxes, choose object detection",
        )
    fill = polygon_filler()
    drawn = each(lambda picture: _row(picture, fill), pictures)
    rows = tuple(item for item in drawn if isinstance(item, Row))
    if (count := len(names_in(row.label for row in rows))) > MOST_CLASSES:
        raise DataError(
            f"the annotations name {count} classes with the background; expected at most {MOST_CLASSES}",
            "join some categories into one",
        )
    return Listing(rows, (*dropped, *(item for item in drawn if isinstance(item, Dropped))))


def _row(picture: CocoPicture, fill: Fill) -> Row | Dropped:
    name = picture.name
    lies = lying(picture.path)
    try:
        width, height = _sides(picture, lies)
        mask, classes = _drawn(picture, height, width, fill)
    except Undrawable as error:
        return Dropped(name, str(error))
    if lies is not None:
        plane = upright(Plane(mask), lies)
        if plane is None:
            seen = "{} x {}".format(*lies.upright)
            return Dropped(name, f"annotated at {width} x {height}, but the image is {seen}")
        mask = plane.values.astype(np.uint8)
    return Row(name, picture.path, as_answer(mask, classes), picture.split)


def _sides(picture: CocoPicture, lies: Lying | None) -> tuple[int, int]:
    """Width and height that the outlines were drawn at."""
    if picture.size == (None, None) and lies is not None:
        return lies.upright
    width, height = picture.size
    whole = all(isinstance(side, int | float) and side >= 1 and side == int(side) for side in (width, height))
    if not whole:
        raise Undrawable(f"annotated at {width} x {height}; expected whole numbers of pixels")
    if width * height > MAX_PIXELS:
        raise Undrawable(f"too many pixels ({width} x {height}, at most {MAX_PIXELS})")
    return int(width), int(height)


def _drawn(picture: CocoPicture, height: int, width: int, fill: Fill) -> tuple[Mask, list[str]]:
    """(h, w) the objects one over the other, and the classes that its values mean."""
    mask, classes = np.zeros((height, width), np.uint8), [BACKGROUND]
    objects = [(name and name.strip(), item.get("segmentation")) for name, item in picture.marks]
    for number, (name, outline) in enumerate(objects, start=1):
        if name is None:
            raise Undrawable(f"object {number}: its category is not declared")
        try:
            covered = inside(outline, height, width, fill)
        except Undrawable as error:
            raise Undrawable(f"object {number}: {error}") from error
        if name not in classes:
            if len(classes) == MOST_CLASSES:
                raise Undrawable(f"more than {MOST_CLASSES} classes")
            classes.append(name)
        mask[covered] = classes.index(name)
    return mask, classes
