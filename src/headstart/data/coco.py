"""Boxes in COCO's JSON: one file for a split, with lists of images, annotations and categories.

train/_annotations.coco.json  train/1.jpg         split folders with their file (Roboflow)
coco/instances_train.json                         or in `annotations/`, or at the top; `instances_train2017`
instances.json  or  _annotations.coco.json        one file at the top: no splits

A box is [left, top, width, height] in pixels. Source of the format: Lin et al., "Microsoft COCO: Common
Objects in Context" (2014), and cocodataset.org, "Data format". Images that no file names are no part of the
data; crowds (`iscrowd`) are left out, because they are not one object each.

Notation: n images, m boxes, k categories; all is read once, in O(n + m).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from ..errors import DataError
from ..types import Dropped
from .annotated import Annotated, placed, printable, split_written, stated_size
from .boxes import Mark, corners_of
from .listing import NO_FILE, OUTSIDE, entries, is_inside, shown, split_of, unusable

_ROBOFLOW = "_annotations.coco.json"
_FOLDERS = ("coco", "annotations", "")
_INSTANCES = re.compile(r"instances(?:_(?P<name>.+))?\.json")
_LISTS = ("images", "annotations", "categories")
_SHAPE = "a COCO file is an object with the lists images, annotations and categories"


@dataclass(frozen=True)
class CocoFile:
    """A file of annotations, and the split that its name or folder says."""

    path: Path
    written: str
    """The split as it is written, e.g. `train2017`; empty where there is none."""

    @property
    def split(self) -> str | None:
        """`train`, `validation`, `test` or None."""
        return split_written(self.written)


def coco_files(root: Path) -> list[CocoFile]:
    """The files of annotations of a folder in this layout; none where it has another layout."""
    folders = [
        path for path in entries(root) if path.is_dir() and is_inside(path, root) and split_of(path.name)
    ]
    beside = [CocoFile(path / _ROBOFLOW, path.name) for path in folders if (path / _ROBOFLOW).is_file()]
    if beside:
        return beside
    for name in _FOLDERS:
        if found := _instances(root / name, root):
            return found
    return [CocoFile(root / _ROBOFLOW, "")] if (root / _ROBOFLOW).is_file() else []


def is_coco(root: Path) -> bool:
    """Is there a file of annotations with a name of COCO's?"""
    return bool(coco_files(root))


def read_coco(root: Path) -> tuple[list[Annotated], list[Dropped]]:
    """The images of all files, and what cannot be used.

    Raises:
        DataError: a file cannot be read, or is not COCO's JSON.
    """
    pictures, dropped = list[Annotated](), list[Dropped]()
    for file in coco_files(root):
        if reason := unusable(file.path, root):
            dropped.append(Dropped(shown(file.path, root), reason))
        else:
            pictures += _pictures(root, file, dropped)
    return pictures, dropped


def _pictures(root: Path, file: CocoFile, dropped: list[Dropped]) -> list[Annotated]:
    content = _load(file.path)
    names = _names(file.path, content["categories"])
    owners, stated = _images(root, file, content["images"], dropped)
    marks: dict[str, list[Mark]] = {name: [] for name in stated}
    for number, entry in enumerate(content["annotations"], start=1):
        image = entry.get("image_id") if isinstance(entry, dict) else None
        if not isinstance(image, int | str) or image not in owners:
            known = isinstance(image, int | str)
            reason = f"image {image!r} is not declared" if known else "it has no image_id"
            dropped.append(Dropped(f"{shown(file.path, root)} annotation {number}", reason))
        elif (owner := owners[image]) is not None:
            marks[owner].append(_mark(entry, names))
    return [
        Annotated(root / name, shown(root / name, root), file.split, size, tuple(marks[name]))
        for name, size in stated.items()
    ]


def _instances(folder: Path, root: Path) -> list[CocoFile]:
    if not folder.is_dir() or not is_inside(folder, root):
        return []
    named = ((path, _INSTANCES.fullmatch(path.name)) for path in entries(folder))
    return [CocoFile(path, match["name"] or "") for path, match in named if match]


def _load(path: Path) -> dict[str, list[Any]]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"`{path.name}` cannot be read: {error.strerror}", "check its rights") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"`{path.name}` is not JSON: {error}", "check that it is complete") from error
    if not isinstance(content, dict):
        raise DataError(f"`{path.name}` is not an object, but {type(content).__name__}", _SHAPE)
    for name in _LISTS:
        if not isinstance(content.get(name), list):
            raise DataError(f"`{path.name}` has no list `{name}`", _SHAPE)
    return content


def _names(path: Path, categories: list[Any]) -> dict[int | str, str]:
    """The name of each category's id."""
    names: dict[int | str, str] = {}
    for number, entry in enumerate(categories, start=1):
        found = entry if isinstance(entry, dict) else {}
        key, name = found.get("id"), found.get("name")
        if not _said(key) or not _said(name):
            what = "id" if _said(name) else "name"
            raise DataError(f"`{path.name}`: category {number} has no {what}", "give each an id and a name")
        if names.setdefault(key, str(name)) != str(name):
            raise DataError(
                f"`{path.name}`: `{names[key]}` and `{name}` are both category {key!r}",
                "give each its own id",
            )
    return names


def _said(value: Any) -> TypeGuard[int | str]:
    return isinstance(value, int | str) and not isinstance(value, bool) and bool(str(value).strip())


def _images(
    root: Path, file: CocoFile, images: list[Any], dropped: list[Dropped]
) -> tuple[dict[int | str, str | None], dict[str, tuple[float, float] | None]]:
    """The place of each image's id, None where it cannot be used; and the size stated for each place."""
    owners: dict[int | str, str | None] = {}
    sizes: dict[str, tuple[float, float] | None] = {}
    folders = _image_folders(root, file)
    for number, entry in enumerate(images, start=1):
        image = entry if isinstance(entry, dict) else {}
        key, name = image.get("id"), image.get("file_name")
        if not isinstance(key, int | str) or not isinstance(name, str) or not name:
            what = "file_name" if isinstance(key, int | str) else "id"
            dropped.append(Dropped(f"{shown(file.path, root)} image {number}", f"it has no {what}"))
            continue
        place, reason = _find(root, folders, name)
        if place is None:
            dropped.append(Dropped(printable(name), reason))
        if (other := owners.setdefault(key, place)) != place:
            # Nobody can tell whose the boxes are.
            both = [one for one in (other, place) if one is not None]
            dropped += [Dropped(one, f"several images have its id {key!r}") for one in map(printable, both)]
            owners[key] = None
            sizes.pop(other or "", None)
        elif place is not None:
            # Some tools write an entry for each box: they are one image.
            sizes.setdefault(place, stated_size(image.get("width"), image.get("height")))
    return owners, sizes


def _image_folders(root: Path, file: CocoFile) -> list[str]:
    """Where the images may be, relative to the root, the likeliest first."""
    splits = [name for name in (file.written, file.split) if name]
    beside = file.path.parent.relative_to(root).as_posix()
    places = [beside, *splits, "images", *(f"images/{name}" for name in splits), "JPEGImages", "."]
    return [place for place in dict.fromkeys(places) if is_inside(root / place, root)]


def _find(root: Path, folders: list[str], name: str) -> tuple[str | None, str]:
    """The place of an image relative to the root, or None and why it cannot be used."""
    places = [place for folder in folders if (place := placed(folder, name)) is not None]
    for place in places:
        if os.path.lexists(root / place):
            reason = unusable(root / place, root)
            return (None, reason) if reason else (place, "")
    return None, NO_FILE if places else OUTSIDE


def _mark(entry: dict[str, Any], names: dict[int | str, str]) -> Mark:
    if entry.get("iscrowd") in (1, "1"):
        return Mark("", None, "it marks a crowd (iscrowd), not one object")
    category = entry.get("category_id")
    if not isinstance(category, int | str) or category not in names:
        return Mark("", None, f"category {category!r} is not declared")
    given = entry.get("bbox")
    found = corners_of(given) if isinstance(given, list) else None
    if found is None:
        return Mark(names[category], None, "its bbox is not four numbers" if given else "it has no bbox")
    left, top, width, height = found
    return Mark(names[category], (left, top, left + width, top + height))
