"""Boxes in COCO's JSON: `data/places/coco_file.py` finds and reads the files.

A box is [left, top, width, height] in pixels; where it is missing, the outline has a box. Images that no file
names are no part of the data; crowds (`iscrowd`) are left out, because they are not one object each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...types import Dropped
from ..answers.boxes import Mark, corners_of
from ..places.annotated import Annotated, stated_size
from ..places.coco_file import CocoPicture, coco_files, read_files
from ..places.outlines import extent


def is_coco(root: Path) -> bool:
    """Is there a file of annotations with a name of COCO's, or with its lists?"""
    return bool(coco_files(root))


def read_coco(root: Path) -> tuple[list[Annotated], list[Dropped]]:
    """The images of all files, and what cannot be used.

    Raises:
        DataError: a file cannot be read, or is not COCO's JSON.
    """
    pictures, dropped = read_files(root)
    return [boxed(one) for one in pictures], dropped


def boxed(picture: CocoPicture) -> Annotated:
    """The boxes of an image, of whatever file."""
    marks = tuple(_mark(name, entry) for name, entry in picture.marks)
    return Annotated(picture.path, picture.name, picture.split, stated_size(*picture.size), marks)


def _mark(name: str | None, entry: dict[str, Any]) -> Mark:
    if entry.get("iscrowd") in (1, "1", True):
        return Mark("", None, "it marks a crowd (iscrowd), not one object")
    if name is None:
        return Mark("", None, f"category {entry.get('category_id')!r} is not declared")
    given = entry.get("bbox")
    found = corners_of(given) if isinstance(given, list) else None
    if found is None or not (found[2] and found[3]):  # some tools write zeros where they have no box
        around = extent(entry.get("segmentation"))
        if around is not None:
            return Mark(name, around)
    if found is None:
        return Mark(name, None, "its bbox is not four numbers" if given else "it has no bbox")
    left, top, width, height = found
    return Mark(name, (left, top, left + width, top + height))
