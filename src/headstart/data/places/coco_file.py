"""COCO's JSON files, for boxes and outlines: where they lie, and their images with what is marked on them.

train/_annotations.coco.json  train/1.jpg         split folders with their file (Roboflow)
annotations/instances_train.json                  or in `coco/`, or at the top; `instances_train2017`; `train`
instances.json  _annotations.coco.json            one file at the top: no splits
result.json, labels.json, ...                     any other JSON in these places that holds such lists

Folders may be written in any case. Ids may be numbers or texts: 1, 1.0 and "1" are one. A `file_name` may
have folders, of another machine too: then the image of that name is taken. Source of the format: Lin et al.,
"Microsoft COCO: Common Objects in Context" (2014), and cocodataset.org, "Data format".

Notation: n images, m annotations; all is read once, in O(n + m).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...types import Dropped
from ..listing import NO_FILE, OUTSIDE, SPLITS, entries, is_inside, shown, split_of, unusable
from .annotated import placed, printable, split_written

_ROBOFLOW = "_annotations.coco.json"
_FOLDERS = ("coco", "annotations", "")
_TOP = (_ROBOFLOW, "instances.json", "annotations.json")
_INSTANCES = re.compile(r"instances(?:_(?P<name>.+))?\.json")
_LISTS = ("images", "annotations", "categories")
_SHAPE = "a COCO file is an object with the lists images, annotations and categories"
_OTHER_TASKS = ("captions", "person_keypoints", "panoptic", "stuff")
_WORD = re.compile(r"[A-Za-z]+")
Key = int | str


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


@dataclass(frozen=True)
class CocoPicture:
    """One image of a file that may be opened, and what is marked on it, in the file's order."""

    path: Path
    name: str
    """What the user is shown."""
    split: str | None
    size: tuple[Any, Any]
    """Width and height as the file has them; None where it has none."""
    marks: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    """The class of each, None where the file does not declare it, and the annotation."""


def coco_files(root: Path) -> list[CocoFile]:
    """The files of annotations of a folder in this layout; none where it has another layout."""
    folders = [path for path in entries(root) if path.is_dir() and is_inside(path, root)]
    splits = [path for path in folders if split_of(path.name)]
    if beside := [CocoFile(path / _ROBOFLOW, path.name) for path in splits if (path / _ROBOFLOW).is_file()]:
        return beside
    homes = [path for name in _FOLDERS[:-1] for path in folders if path.name.lower() == name] + [root]
    for home in homes:
        if found := _instances(home, root):
            return found
    if top := [root / name for name in _TOP if (root / name).is_file()]:
        return [CocoFile(top[0], "")]
    for places in (splits, *([home] for home in homes)):
        if found := [file for place in places for file in _others(place, root)]:
            return found
    return []


def read_files(root: Path) -> tuple[list[CocoPicture], list[Dropped]]:
    """The images of all files, test first, and what cannot be used; an image in two files stays in the first.

    Raises:
        DataError: a file cannot be read, or is not COCO's JSON.
    """
    home, pictures, dropped = dict[Path, str](), list[CocoPicture](), list[Dropped]()
    for file in sorted(coco_files(root), key=lambda one: -SPLITS.index(one.split or SPLITS[0])):
        if reason := unusable(file.path, root):
            dropped.append(Dropped(shown(file.path, root), reason))
        else:
            pictures += _pictures(root, file, home, dropped)
    return pictures, dropped


def load(path: Path) -> dict[str, list[Any]]:
    """What a file holds.

    Raises:
        DataError: it cannot be read, or is not COCO's JSON.
    """
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
            keys = ", ".join(map(printable, list(content)[:8])) or "nothing"
            raise DataError(f"`{path.name}` has no list `{name}`; it has {keys}", _SHAPE)
    return content


def _instances(folder: Path, root: Path) -> list[CocoFile]:
    """The files whose names are COCO's own, or those of a split."""
    found = list[CocoFile]()
    for path in entries(folder):
        named = _INSTANCES.fullmatch(path.name)
        written = path.name.removesuffix(".json").removesuffix(".coco")
        if named:
            found.append(CocoFile(path, named["name"] or ""))
        elif folder != root and path.suffix == ".json" and split_written(written):
            found.append(CocoFile(path, written))
    return found


def _others(folder: Path, root: Path) -> list[CocoFile]:
    """Any other JSON that holds images and places on them; its split is in its name, or the folder's."""
    found = list[CocoFile]()
    for path in entries(folder):
        if path.suffix.lower() != ".json" or path.stem.lower().startswith(_OTHER_TASKS):
            continue
        if unusable(path, root) is None and _holds_places(path):
            words = [word for word in _WORD.findall(path.stem) if split_of(word)]
            own = folder.name if folder != root and split_of(folder.name) else ""
            found.append(CocoFile(path, words[0] if words else own))
    return found


def _holds_places(path: Path) -> bool:
    try:
        content = load(path)
    except DataError:
        return False
    marked = any(
        isinstance(one, dict) and (one.get("bbox") or one.get("segmentation"))
        for one in content["annotations"]
    )
    return marked and bool(content["images"])


def _pictures(root: Path, file: CocoFile, home: dict[Path, str], dropped: list[Dropped]) -> list[CocoPicture]:
    """The images of one file; `home` says which file an image was seen in, and is filled."""
    content = load(file.path)
    names = _names(file.path, content["categories"])
    by_id, pictures = _images(root, file, content["images"], home, dropped)
    by_name = {one.path.name: one for one in pictures} | {one.path.stem: one for one in pictures}
    for number, entry in enumerate(content["annotations"], start=1):
        image = key_of(entry.get("image_id")) if isinstance(entry, dict) else None
        if image is None:
            reason = "it has no image_id"
        elif image in by_id or image in by_name:
            if owner := by_id[image] if image in by_id else by_name[str(image)]:
                category = key_of(entry.get("category_id"))
                owner.marks.append((None if category is None else names.get(category), entry))
            continue
        else:
            reason = f"image {image!r} is not declared"
        dropped.append(Dropped(f"{shown(file.path, root)} annotation {number}", reason))
    return pictures


def key_of(value: object) -> Key | None:
    """An id, the same for 1, 1.0 and "1"; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        text = value.strip().removesuffix(".0")
        return int(text) if text.isdecimal() and str(int(text[:18])) == text else value.strip() or None
    return value


def _names(path: Path, categories: list[Any]) -> dict[Key, str]:
    """The name of each category's id."""
    names: dict[Key, str] = {}
    for number, entry in enumerate(categories, start=1):
        found = entry if isinstance(entry, dict) else {}
        key, name = key_of(found.get("id")), found.get("name")
        said = isinstance(name, int | str) and not isinstance(name, bool) and bool(str(name).strip())
        if key is None or not said:
            what = "id" if said else "name"
            raise DataError(f"`{path.name}`: category {number} has no {what}", "give each an id and a name")
        if names.setdefault(key, str(name)) != str(name):
            raise DataError(
                f"`{path.name}`: `{names[key]}` and `{name}` are both category {key!r}",
                "give each its own id",
            )
    return names


def _images(
    root: Path, file: CocoFile, images: list[Any], home: dict[Path, str], dropped: list[Dropped]
) -> tuple[dict[Key, CocoPicture | None], list[CocoPicture]]:
    """The image of each id, None where it cannot be used; and the images, each once."""
    owners: dict[Key, CocoPicture | None] = {}
    found: dict[Path, CocoPicture] = {}
    folders, name = _image_folders(root, file), shown(file.path, root)
    for number, entry in enumerate(images, start=1):
        image = entry if isinstance(entry, dict) else {}
        key, stated = key_of(image.get("id")), image.get("file_name")
        if key is None or not isinstance(stated, str) or not stated.strip():
            what = "id" if key is None else "file_name"
            dropped.append(Dropped(f"{name} image {number}", f"it has no {what}"))
            continue
        place, reason = _find(root, folders, stated)
        picture = None
        if place is None:
            dropped.append(Dropped(printable(stated), reason))
        elif home.setdefault(place, name) != name:
            reason = f"{shown(place, root)} is in {home[place]} already"
            dropped.append(Dropped(f"{name} image {number}", reason))
        else:
            size = image.get("width"), image.get("height")
            # Some tools write an entry for each box: they are one image.
            picture = found.setdefault(place, CocoPicture(place, shown(place, root), file.split, size))
        other = owners.setdefault(key, picture)
        if other is not picture:
            # Nobody can tell whose the marks are.
            dropped += [
                Dropped(one.name, f"several images have its id {key!r}")
                for one in (other, picture)
                if one is not None and found.pop(one.path, None) is not None
            ]
            owners[key] = None
    return owners, list(found.values())


def _image_folders(root: Path, file: CocoFile) -> list[str]:
    """Where the images may be, relative to the root, the likeliest first."""
    beside = file.path.parent.relative_to(root).as_posix()
    written = [name for name in (file.written, file.split) if name]
    alike = [path for path in entries(root) if path.is_dir() and not path.is_symlink()]
    pictures = [path.name for path in alike if path.name.lower() in ("images", "jpegimages", "data")]
    splits = [path.name for path in alike if file.split and split_written(path.name) == file.split]
    for folder in [root / name for name in pictures]:
        inner = [path for path in entries(folder) if path.is_dir() and not path.is_symlink()]
        splits += [
            path.relative_to(root).as_posix()
            for path in inner
            if path.name in written or (file.split and split_written(path.name) == file.split)
        ]
    within = [f"{place}/images" for place in splits]
    places = [beside, f"{beside}/images", *written, *splits, *within, *pictures, "."]
    return [place for place in dict.fromkeys(places) if is_inside(root / place, root)]


def _find(root: Path, folders: Sequence[str], name: str) -> tuple[Path | None, str]:
    """The place of an image, or None and why it cannot be used.

    Where folders of another machine stand before the name, the image of that name is taken.
    """
    base = name.replace("\\", "/").rpartition("/")[2]
    found = [placed(folder, name) for folder in folders]
    places = [place for place in found if place is not None]
    places += [place for folder in folders if base and (place := placed(folder, base)) is not None]
    reasons = list[str]()
    for place in dict.fromkeys(places):
        if _is_there(root / place):
            reason = unusable(root / place, root)
            if reason is None:
                return root / place, ""
            reasons.append(reason)
    return None, reasons[0] if reasons else OUTSIDE if None in found else NO_FILE


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a name that no file can have
        return False
