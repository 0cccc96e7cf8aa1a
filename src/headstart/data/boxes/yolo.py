"""Boxes in the text files of YOLO: one for an image, a line for a box.

data.yaml                                names of classes; train, val, test: folders or lists of images
images/train/1.jpg  labels/train/1.txt   without a data.yaml; or
train/images/1.jpg  train/labels/1.txt
images/1.jpg        labels/1.txt         no splits
1.jpg  1.txt                             beside each other, in one folder or in split folders

A line is `class centre-x centre-y width height` in fractions of the upright image, or `class` and the corners
of a polygon, which has a box. The text file of an image is where the last folder `images` of its path is
called `labels`, or beside the image where there is none (`yolo_texts.py`). An image without a text file has
no boxes; but where one may be meant that is called a little otherwise, or the whole folder is missing, the
image is left out. Names are those of the `data.yaml` or any other YAML file beside it, of `classes.txt` or
`obj.names`, else the numbers.
Folders may be written in any case.
Source of the format: docs.ultralytics.com, "Object Detection Datasets Overview".

Notation: n images, k classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml  # type: ignore[import-untyped]

from ...errors import DataError
from ...types import Dropped
from ..answers.boxes import Mark, corners_of
from ..images.decode import looks_like_image
from ..listing import NO_FILE, entries, files, is_inside, shown, split_of, unusable
from ..places.annotated import FRACTIONS, Annotated, placed, printable, split_written
from ..strings import lines
from .yolo_texts import IMAGES, Texts, below, called, is_text, subfolders, usual

_CONFIGS = ("data.yaml", "data.yml", "dataset.yaml")
_NAMES = ("classes.txt", "obj.names", "labels/classes.txt", "images/classes.txt", "_darknet.labels")
_TRAIN_NAMES = tuple(f"train/{name}" for name in _NAMES)
_LOOKED_AT = 20
"""Text files beside images that are opened to see what they are."""
_COLUMNS = "class, centre x, centre y, width, height"
_Images = dict[tuple[str, str | None], None]
"""Places of images relative to the root with their splits, each once, in order."""


def is_yolo(root: Path) -> bool:
    """Are there images with text files beside them, or a `data.yaml` that names classes and images?"""
    try:
        config = _config(root)
    except DataError:  # it is told when the data are read, if they are what we read
        config = {}
    if "names" in config and "train" in config:
        return True
    folders = [usual(root, f"{place}/1.jpg").parent for place, _ in _folders(root)]
    there = any(is_text(path) for folder in folders for path in below(root, folder.as_posix()))
    return there or bool(_beside(root))


def read_yolo(root: Path) -> tuple[list[Annotated], list[Dropped]]:
    """The images, and what cannot be used.

    Raises:
        DataError: the `data.yaml` cannot be read, or names its classes in another way.
    """
    config = _config(root)
    names = _names(root, config)
    images, dropped = _images(root, config)
    posed = "kpt_shape" in config  # points follow each box
    texts = Texts(root, (place for place, _ in images))
    found = [_picture(texts, place, split, names, posed) for place, split in images]
    dropped += [one for one in found if isinstance(one, Dropped)]
    dropped += texts.alone()
    return [one for one in found if isinstance(one, Annotated)], dropped


def _config(root: Path) -> dict[str, Any]:
    """What a `data.yaml` says; nothing where there is none."""
    path = next((root / name for name in _CONFIGS if unusable(root / name, root) is None), None)
    own = {} if path is None else _loaded(path)
    if "names" in own:
        return own
    others = list(filter(None, map(_other_config, _other_yaml(root))))
    best = max(others, key=lambda one: "train" in one, default={})
    return {**best, **own}


def _other_yaml(root: Path) -> list[Path]:
    return [path for path in entries(root) if path.suffix in (".yaml", ".yml") and not unusable(path, root)]


def _other_config(path: Path) -> dict[str, Any]:
    """What a YAML file of any name says, where it names classes; else nothing."""
    try:
        found = _loaded(path)
    except DataError:
        return {}
    names = found.get("names")
    return found if isinstance(names, list | dict) or (names and {"train", "path"} & found.keys()) else {}


def _loaded(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise DataError(f"`{path.name}` cannot be read: {error.strerror}", "check its rights") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataError(f"`{path.name}` is not YAML: {error}", "check it line by line") from error
    if not isinstance(found, dict):
        raise DataError(f"`{path.name}` has no keys", "it needs names, train and val")
    return found


def _names(root: Path, config: dict[str, Any]) -> dict[int, str] | None:
    """The name of each number; None where no file says it."""
    given = config.get("names")
    if given is None:
        others = [path for path in entries(root) if path.suffix == ".names"]
        said = [*(root / name for name in (*_NAMES, *_TRAIN_NAMES)), *others]
        path = next((path for path in said if unusable(path, root) is None), None)
        if path is None:
            return None
        return {number - 1: line.strip() for number, line in lines(path) if line.strip()}
    names = dict(enumerate(given)) if isinstance(given, list) else given
    if isinstance(names, dict) and all(isinstance(one, str) and one.isdecimal() for one in names):
        names = {int(one): name for one, name in names.items()}
    # Nothing is shown of what stands there instead: a few lines of YAML can spell a text without end.
    if not isinstance(names, dict) or not all(type(number) is int for number in names):
        raise DataError(
            f"the names of the data.yaml are of the type {type(given).__name__}",
            "write a list of names, or a mapping from 0, 1, ... to names",
        )
    for number, name in names.items():
        if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
            raise DataError(
                f"the data.yaml gives class {number} a name that is no text, but {type(name).__name__}",
                "put it in quotes: without them, YAML reads `no` as false",
            )
    return {number: str(name) for number, name in names.items()}


def _images(root: Path, config: dict[str, Any]) -> tuple[_Images, list[Dropped]]:
    """The images that the `data.yaml` asks for, or where it does not, those of the usual folders."""
    found, dropped = _Images(), list[Dropped]()
    for key, value in config.items():
        split = split_of(key) if isinstance(key, str) else None
        for text in value if isinstance(value, list) else [value]:
            if split is None or not text:
                continue
            place = _asked(root, config, text) if isinstance(text, str) else None
            if not isinstance(text, str):
                dropped.append(Dropped(f"data.yaml {key}", "it is no text"))
            elif place is None:
                dropped.append(Dropped(f"data.yaml {key}", f"there is no `{text}` in the data folder"))
            else:
                found |= dict.fromkeys((image, split) for image in _at(root, place))
    learned = {image for image, split in found if split == "train"}
    chosen = {image for image, split in found if split == "validation"}
    if chosen and chosen == learned:  # small examples name one folder twice
        dropped.append(Dropped("data.yaml val", "it names the same images as train: they are for training"))
        found = dict.fromkeys(one for one in found if one[1] != "validation")
    if not found:
        for folder, split in _folders(root):
            found |= dict.fromkeys((image, split) for image in _at(root, folder))
    return found, dropped


def _asked(root: Path, config: dict[str, Any], text: str) -> str | None:
    """The folder or list of a `data.yaml`, relative to the root; tools write it from several places."""
    bare = text.replace("\\", "/")
    while bare.startswith(("../", "./")):
        bare = bare.split("/", 1)[1]
    base = config.get("path")
    for folder, name in ((base if isinstance(base, str) else ".", text), (".", text), (".", bare)):
        place = placed(folder, name)
        if place is not None and is_inside(root / place, root) and (root / place).exists():
            return place
    return None


def _at(root: Path, place: str) -> Iterator[str]:
    """The images of a folder, however deep, or of a list."""
    if (root / place).is_dir():
        for path in files(root / place):
            # What leads outside is told later; it is not opened to see what it is.
            if unusable(path, root) or (not is_text(path) and looks_like_image(path)):
                yield path.relative_to(root).as_posix()
        return
    for _, line in lines(root / place):
        if name := line.strip():
            folder = str(PurePosixPath(place).parent) if name.startswith("./") else "."
            yield placed(folder, name) or name


def _folders(root: Path) -> list[tuple[str, str | None]]:
    """The usual folders of images, and their splits."""
    tops = subfolders(root, ".")
    homes = called(root, ".", IMAGES)
    inner = [(f"{home}/{name}", split_written(name)) for home in homes for name in subfolders(root, home)]
    outer = [(f"{top}/{name}", split_written(top)) for top in tops for name in called(root, top, IMAGES)]
    for found in (inner, outer):
        splits = [(place, split) for place, split in found if split and (root / place).is_dir()]
        if splits:
            return list(splits)
    return [(home, None) for home in homes] or _beside(root)


def _beside(root: Path) -> list[tuple[str, str | None]]:
    """Folders where text files of YOLO lie beside images of their names: those of splits, or any."""
    inner = [(name, split_written(name)) for name in subfolders(root, ".")]
    splits = [(name, split) for name, split in inner if split and _has_pairs(root / name, root)]
    if splits:
        return list(splits)
    return [(name, None) for name in (".", *(name for name, _ in inner)) if _has_pairs(root / name, root)]


def _has_pairs(folder: Path, root: Path) -> bool:
    """Are there images with text files beside them whose lines are YOLO's?"""
    images = [path for path in entries(folder) if path.is_file() and not is_text(path)]
    stems = {name.lower() for path in images for name in (path.stem, path.name)}
    texts = [
        path
        for path in entries(folder)
        if is_text(path) and path.stem.lower() in stems and unusable(path, root) is None
    ][:_LOOKED_AT]
    said = [line.split() for path in texts for _, line in lines(path) if line.strip()]
    return 2 * sum(_is_line(columns) for columns in said) > len(said)


def _is_line(columns: list[str]) -> bool:
    return len(columns) >= 5 and columns[0].removesuffix(".0").isdecimal() and bool(_numbers(columns[1:]))


def _numbers(columns: list[str]) -> list[float] | None:
    """Finite numbers, or None where one is none."""
    try:
        found = [float(one) for one in columns]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None


def _picture(
    texts: Texts, place: str, split: str | None, names: dict[int, str] | None, posed: bool
) -> Annotated | Dropped:
    root = texts.root
    path, labels = root / place, texts.of(place)
    if reason := unusable(path, root):
        return Dropped(printable(place), reason)
    name = shown(path, root)
    reason = unusable(labels, root)
    if reason not in (None, NO_FILE):
        return Dropped(name, f"its text file {shown(labels, root)}: {reason}")
    if not labels.parent.is_dir():
        return Dropped(name, f"there is no folder {shown(labels.parent, root)}")
    if reason is not None and (other := texts.other(place)) is not None:  # it may well have boxes
        return Dropped(
            name, f"no text file of its name; {shown(other, root)} may be it, but no image is called so"
        )
    marks = list[Mark]()
    for number, line in lines(labels) if reason is None else ():
        columns = line.split()
        if posed:
            columns = columns[:5]
        if columns and len(columns) != 5 and not _is_polygon(columns):
            where = f"{shown(labels, root)} line {number}"
            return Dropped(name, f"{where} has {len(columns)} columns, expected 5: {_COLUMNS}")
        if columns:
            marks.append(_mark(columns, names))
    return Annotated(path, name, split, FRACTIONS, tuple(marks))


def _is_polygon(columns: list[str]) -> bool:
    """A class and at least three corners."""
    return len(columns) >= 7 and len(columns) % 2 == 1


def _mark(columns: list[str], names: dict[int, str] | None) -> Mark:
    try:
        number = int(columns[0].removesuffix(".0"))
    except ValueError:
        return Mark("", None, f"class {columns[0]!r} is not a number")
    if names is not None and number not in names:
        return Mark("", None, f"class {number} is not declared")
    name = str(number) if names is None else names[number]
    if _is_polygon(columns):
        corners = _numbers(columns[1:])
        if corners is None:
            return Mark(name, None)
        xs, ys = corners[0::2], corners[1::2]
        return Mark(name, (min(xs), min(ys), max(xs), max(ys)))
    found = corners_of(columns[1:])
    if found is None:
        return Mark(name, None)
    x, y, width, height = found
    return Mark(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
