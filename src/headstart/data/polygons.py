"""COCO annotations with outlines: polygons, or runs of pixels, drawn into one mask an image.

train/_annotations.coco.json                split folders with the images beside the file
annotations/instances_train.json            or in `coco/`, one file a split; `instances_train2017.json` too
instances.json  _annotations.coco.json      one file at the top, without splits

Outlines (`outlines.py`) are drawn in the order of the file, later ones over earlier ones; crowds are drawn
like single objects. Where nothing is drawn is `background`. An image of which one outline cannot be drawn is
left out: its pixels would be called background.

Notation: h, w sides of the image in pixels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ..errors import DataError
from ..types import Dropped, Row
from .images import MAX_PIXELS
from .listing import OUTSIDE, SPLITS, Listing, entries, shown, split_of, unusable
from .mask_files import Lying, Plane, lying, upright
from .masks import MOST_CLASSES, Mask, as_answer, names_in
from .outlines import Fill, Undrawable, inside, polygon_filler
from .parallel import each
from .strings import encoded

BACKGROUND = "background"
_TOP = ("_annotations.coco.json", "instances.json", "annotations.json")
_FOLDERS = ("annotations", "coco")
_INSTANCES = re.compile(r"(?:instances_)?([A-Za-z]+)\d*(?:\.coco)?\.json")


@dataclass(frozen=True)
class _Picture:
    """One image of an annotation file, with the objects on it in their order."""

    path: Path
    split: str | None
    sides: tuple[Any, Any]
    """Width and height as annotated; None where the file does not say."""
    objects: list[tuple[Any, Any]] = field(default_factory=list)
    """Class and outline of each; the class is None where the file does not declare it."""


def has_annotations(root: Path) -> bool:
    """Is there an annotation file in one of the places of this page? Opens none."""
    return bool(_annotation_files(root))


def has_polygons(root: Path) -> bool:
    """Does an annotation file of the folder hold an outline? Reads them until one does."""
    for file, _ in _annotation_files(root):
        try:
            annotations = _list(_read(file), "annotations", file)
        except DataError:
            continue
        if any(isinstance(item, dict) and item.get("segmentation") for item in annotations):
            return True
    return False


def read_polygons(root: Path) -> Listing:
    """The rows of a folder in one of the layouts of this page; an image in two splits stays in the higher.

    Raises:
        DataError: a file cannot be read, none holds an outline, or there are too many classes.
        MissingExtra: pycocotools is not installed.
    """
    found = _annotation_files(root)
    if not found:
        raise DataError(
            f"`{root}` has no COCO annotations", "call them train/_annotations.coco.json, or instances.json"
        )
    home, pictures, dropped = dict[Path, str](), list[_Picture](), list[Dropped]()
    for file, split in found:
        read, left_out = _pictures(file, split, root, home)
        pictures += read
        dropped += left_out
    if not any(outline for picture in pictures for _, outline in picture.objects):
        raise DataError(
            f"the annotations of `{root}` hold no outlines, at most boxes",
            "to learn boxes, choose object detection",
        )
    fill = polygon_filler()
    drawn = each(lambda picture: _row(picture, root, fill), pictures)
    rows = tuple(item for item in drawn if isinstance(item, Row))
    if (count := len(names_in(row.label for row in rows))) > MOST_CLASSES:
        raise DataError(
            f"the annotations name {count} classes with the background; expected at most {MOST_CLASSES}",
            "join some categories into one",
        )
    return Listing(rows, (*dropped, *(item for item in drawn if isinstance(item, Dropped))))


def _annotation_files(root: Path) -> list[tuple[Path, str | None]]:
    """Files that may be opened and their splits, test first: what is in two stays there."""
    folders = [path for path in entries(root) if path.is_dir() and not path.is_symlink()]
    found = [(path / _TOP[0], split_of(path.name)) for path in folders if split_of(path.name)]
    for folder in folders:
        if folder.name in _FOLDERS:
            named = [(path, _INSTANCES.fullmatch(path.name)) for path in entries(folder)]
            found += [(path, split_of(match[1])) for path, match in named if match and split_of(match[1])]
    usable = [(path, split) for path, split in found if unusable(path, root) is None]
    if not usable:
        tops: list[tuple[Path, str | None]] = [(root / name, None) for name in _TOP]
        return [(path, split) for path, split in tops if unusable(path, root) is None][:1]
    return sorted(usable, key=lambda item: -SPLITS.index(item[1] or SPLITS[0]))


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise DataError(f"`{file.name}` cannot be read: {error.strerror}", "check its rights") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"`{file.name}` is no JSON: {error}", "export the annotations again") from error
    if not isinstance(found, dict):
        raise _no_coco(file, "it is no object")
    return found


def _list(found: Mapping[str, Any], key: str, file: Path) -> list[Any]:
    value = found.get(key)
    if not isinstance(value, list):
        raise _no_coco(file, f"it has no list `{key}`")
    return value


def _no_coco(file: Path, why: str) -> DataError:
    return DataError(
        f"`{file.parent.name}/{file.name}` is no COCO file: {why}",
        "it needs the lists images, annotations and categories",
    )


def _pictures(
    file: Path, split: str | None, root: Path, home: dict[Path, str]
) -> tuple[list[_Picture], list[Dropped]]:
    """The images of one annotation file; `home` says which file an image was seen in, and is filled."""
    found = _read(file)
    name = shown(file, root)
    names = _categories(found, file)
    by_id, dropped = dict[Any, _Picture | None](), list[Dropped]()
    homes = _homes(file, split, root)
    for number, image in enumerate(_list(found, "images", file), start=1):
        path = _path(image, homes, root)
        if isinstance(path, Dropped):
            dropped.append(Dropped(path.file or f"{name} image {number}", path.reason))
        elif path in home:
            dropped.append(
                Dropped(f"{name} image {number}", f"{shown(path, root)} is in {home[path]} already")
            )
        else:
            home[path] = name
            by_id[_key(image)] = _Picture(path, split, (image.get("width"), image.get("height")))
            continue
        by_id.setdefault(_key(image), None)
    for number, item in enumerate(_list(found, "annotations", file), start=1):
        key = _key(item, "image_id")
        if key not in by_id:
            dropped.append(Dropped(f"{name} annotation {number}", "belongs to no image of the file"))
        elif picture := by_id[key]:
            picture.objects.append((names.get(_key(item, "category_id")), item.get("segmentation")))
    return [picture for picture in by_id.values() if picture], dropped


def _key(item: Any, name: str = "id") -> str:
    """A number or text that may be a key; 1 and 1.0 are one, and what cannot be a key is none of them."""
    value = item.get(name) if isinstance(item, dict) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return repr(value) if isinstance(value, int | str) else ""


def _categories(found: Mapping[str, Any], file: Path) -> dict[str, str]:
    names = {}
    for number, item in enumerate(_list(found, "categories", file), start=1):
        name = item.get("name") if isinstance(item, dict) else None
        key = _key(item)
        if not isinstance(name, str) or not name.strip() or not key:
            raise _no_coco(file, f"its category {number} has no id or no name")
        names[key] = name.strip()
    return names


def _homes(file: Path, split: str | None, root: Path) -> list[Path]:
    """Folders where the images may be, likeliest first."""
    word = file.stem.removeprefix("instances_")
    named = [root / word, root / "images" / word]
    for folder in (root, root / "images"):
        if split and folder.is_dir() and not folder.is_symlink():
            named += [path for path in entries(folder) if split_of(path.name) == split]
    every = [file.parent, file.parent / "images", *named, root / "images", root / "JPEGImages", root]
    return [path for path in dict.fromkeys(every) if path.is_dir()]


def _path(image: Any, homes: Sequence[Path], root: Path) -> Path | Dropped:
    """Where an image lies; left out, with its name where it has one, if that is nowhere inside."""
    name = image.get("file_name") if isinstance(image, dict) else None
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        return Dropped("", "no file_name")
    if not _key(image):
        return Dropped(_printable(name), "no id")
    written = PurePosixPath(name.replace("\\", "/"))
    if written.is_absolute() or ".." in written.parts:
        return Dropped(_printable(name), OUTSIDE)
    reasons = [(home / written, unusable(home / written, root)) for home in homes]
    for path, reason in reasons:
        if reason is None:
            return path
    telling = [reason for _, reason in reasons if reason and reason != "no such file"]
    return Dropped(_printable(name), (telling or ["no such file"])[0])


def _printable(name: str) -> str:
    return encoded(name).decode("utf-8", "replace")


def _row(picture: _Picture, root: Path, fill: Fill) -> Row | Dropped:
    name = shown(picture.path, root)
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


def _sides(picture: _Picture, lies: Lying | None) -> tuple[int, int]:
    """Width and height that the outlines were drawn at."""
    if picture.sides == (None, None) and lies is not None:
        return lies.upright
    width, height = picture.sides
    whole = all(isinstance(side, int | float) and side >= 1 and side == int(side) for side in (width, height))
    if not whole:
        raise Undrawable(f"annotated at {width} x {height}; expected whole numbers of pixels")
    if width * height > MAX_PIXELS:
        raise Undrawable(f"too many pixels ({width} x {height}, at most {MAX_PIXELS})")
    return int(width), int(height)


def _drawn(picture: _Picture, height: int, width: int, fill: Fill) -> tuple[Mask, list[str]]:
    """(h, w) the objects one over the other, and the classes that its values mean."""
    mask, classes = np.zeros((height, width), np.uint8), [BACKGROUND]
    for number, (name, outline) in enumerate(picture.objects, start=1):
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
