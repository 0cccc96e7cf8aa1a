"""Places on images in the JSON of tools: LabelMe, Label Studio, Create ML, and `objects` of a metadata.jsonl.

LabelMe        1.json beside 1.jpg      {"imagePath": "1.jpg", "shapes": [{"label", "points", "shape_type"}]}
Label Studio   one list of tasks        [{"data": {"image": …}, "annotations": [{"result": […]}]}], in percent
Create ML      one list of images       [{"image": "1.jpg", "annotations": [{"label", "coordinates"}]}]
metadata.jsonl beside the images        {"file_name": "1.jpg", "objects": {"bbox": […], "categories": […]}}

Each becomes images with outlines or boxes as `coco_file.py` has them, so what follows is the same for all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..types import Dropped
from .annotated import printable
from .coco_file import CocoPicture
from .found_images import FoundImages, near_top
from .listing import files, shown, unusable
from .texts import lines

Mark = tuple[str | None, dict[str, Any]]
_LOOKED_AT = 20
"""JSON files that are opened to see what they are."""
_CORNERS = 32
"""Of a circle."""
_METADATA = "metadata.jsonl"
_CLASSES = ("categories", "category", "labels", "label", "class", "classes", "category_id", "name")


def is_labelled_json(root: Path) -> bool:
    """Is there a file of one of these tools?"""
    return any(_kind(content) for content in _some(root)) or bool(_metadata(root))


def read_labelled_json(root: Path) -> tuple[list[CocoPicture], list[Dropped]]:
    """The images that the files name, with what is marked on them, and what cannot be used."""
    images, pictures, dropped = FoundImages(root), dict[Path, CocoPicture](), list[Dropped]()
    for file, number, name, size, marks in _said(root):
        path, reason = images.find(name, file.parent) if name else (None, "it names no image")
        if path is None:
            what = printable(name) if name else shown(file, root) + (f" entry {number}" if number else "")
            dropped.append(Dropped(what, reason))
            continue
        picture = CocoPicture(path, images.name(path), images.split(path, file), size)
        pictures.setdefault(path, picture).marks.extend(marks)
    return list(pictures.values()), dropped


_Entry = tuple[Path, int, str, tuple[Any, Any], list[Mark]]
"""The file and the number of the entry in it, from 1; the image's name, its size, and its marks."""


def _said(root: Path) -> Iterator[_Entry]:
    """What all files say of each image."""
    metadata = _metadata(root)
    for file in metadata:
        for number, row in _json_lines(file):
            yield file, number, _text(row.get("file_name")), (None, None), _objects(row.get("objects"))
    for file in [] if metadata else files(root):
        if file.suffix.lower() != ".json" or unusable(file, root):
            continue
        content = _loaded(file)
        kind = _kind(content)
        entries = content if isinstance(content, list) else [content]
        if kind is None:
            continue
        for number, entry in enumerate(entries, start=1):
            name, size, marks = kind(entry) if isinstance(entry, dict) else ("", (None, None), [])
            yield file, number, name, size, marks


def _some(root: Path) -> Iterator[Any]:
    """The content of the first JSON files."""
    for number, file in enumerate(near_top(root, (".json",))):
        if number == _LOOKED_AT:
            return
        yield _loaded(file)


def _loaded(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _metadata(root: Path) -> list[Path]:
    """The metadata files whose lines have objects with boxes."""
    found = [path for path in near_top(root, (".jsonl",)) if path.name == _METADATA]
    return [path for path in found if any(_objects(row.get("objects")) for _, row in _json_lines(path))]


def _json_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in lines(file):
        try:
            row = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield number, row


def _kind(content: Any) -> Callable[[dict[str, Any]], tuple[str, tuple[Any, Any], list[Mark]]] | None:
    """What reads the entries of a file, or None where no tool of ours wrote it."""
    if isinstance(content, dict):
        return _labelme if isinstance(content.get("shapes"), list) and "imagePath" in content else None
    first = content[0] if isinstance(content, list) and content else None
    if not isinstance(first, dict):
        return None
    if isinstance(first.get("data"), dict) and isinstance(first.get("annotations"), list):
        return _label_studio
    if isinstance(first.get("annotations"), list) and _image_of(first):
        return _create_ml
    return _short if _image_of(first) and any(_percent(one) for one in _list(first.get("label"))) else None


def _labelme(entry: dict[str, Any]) -> tuple[str, tuple[Any, Any], list[Mark]]:
    marks: list[Mark] = [(_text(one.get("label")), _outlined(_shape(one))) for one in _dicts(entry["shapes"])]
    return _text(entry.get("imagePath")), (entry.get("imageWidth"), entry.get("imageHeight")), marks


def _shape(shape: dict[str, Any]) -> list[tuple[float, float]]:
    """The corners of a shape; none where it is a line or a point."""
    points = _points(shape.get("points"))
    kind = shape.get("shape_type") or "polygon"
    if kind == "rectangle" and len(points) >= 2:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return _box(min(xs), min(ys), max(xs), max(ys))
    if kind == "circle" and len(points) == 2:
        (x, y), edge = points
        radius = math.dist((x, y), edge)
        turns = [2 * math.pi * step / _CORNERS for step in range(_CORNERS)]
        return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]
    return points if kind in ("polygon", "rotation") else []


def _label_studio(entry: dict[str, Any]) -> tuple[str, tuple[Any, Any], list[Mark]]:
    data = entry.get("data") or {}
    name = _image_of(data) or next((one for one in data.values() if isinstance(one, str)), "")
    done = [one for one in _dicts(entry.get("annotations")) if not one.get("was_cancelled")]
    results = [one for one in _dicts(done[0].get("result") if done else []) if "value" in one]
    found = [(one.get("value"), one) for one in results]
    return _percents(name, [(value, one) for value, one in found if isinstance(value, dict)])


def _short(entry: dict[str, Any]) -> tuple[str, tuple[Any, Any], list[Mark]]:
    """The short form of Label Studio: what is marked stands in the task."""
    return _percents(_image_of(entry), [(one, one) for one in _dicts(entry.get("label"))])


def _percents(
    name: str, found: list[tuple[dict[str, Any], dict[str, Any]]]
) -> tuple[str, tuple[Any, Any], list[Mark]]:
    sizes = [(one.get("original_width"), one.get("original_height")) for _, one in found]
    width, height = next(iter(sizes), (None, None))
    marks = list[Mark]()
    for value, _ in found:
        labels = [_list(value[key]) for key in value if key.endswith("labels")]
        label = next((_text(one[0]) for one in labels if one), "")
        corners = _percent(value)
        if corners and isinstance(width, int | float) and isinstance(height, int | float):
            corners = [(x * width / 100, y * height / 100) for x, y in corners]
            marks.append((label, _outlined(corners)))
        elif label:
            marks.append((label, {}))
    return name.partition("?d=")[2] or name, (width, height), marks


def _percent(value: Any) -> list[tuple[float, float]]:
    """The corners of a rectangle or polygon, in percent of the sides."""
    if not isinstance(value, dict):
        return []
    if points := _points(value.get("points")):
        return points
    numbers = [value.get(key) for key in ("x", "y", "width", "height")]
    if not all(_is_number(one) for one in numbers):
        return []
    x, y, width, height = (float(one) for one in numbers if one is not None)
    return _box(x, y, x + width, y + height)


def _create_ml(entry: dict[str, Any]) -> tuple[str, tuple[Any, Any], list[Mark]]:
    marks = list[Mark]()
    for one in _dicts(entry.get("annotations")):
        at = one.get("coordinates") or {}
        numbers = [at.get(key) for key in ("x", "y", "width", "height")] if isinstance(at, dict) else [None]
        found: dict[str, Any] = {}
        if all(_is_number(number) for number in numbers):
            x, y, width, height = (float(number) for number in numbers if number is not None)
            found = {"bbox": [x - width / 2, y - height / 2, width, height]}
        marks.append((_text(one.get("label")), found))
    return _image_of(entry), (None, None), marks


def _objects(objects: Any) -> list[Mark]:
    """Boxes, left, top, width and height, of a line of metadata, as lists beside each other or one by one."""
    if isinstance(objects, list):
        named = [(next((one[key] for key in _CLASSES if key in one), ""), one) for one in _dicts(objects)]
        return [(_text(name), {"bbox": one.get("bbox")}) for name, one in named if "bbox" in one]
    if not isinstance(objects, dict) or not isinstance(objects.get("bbox"), list):
        return []
    names = next((_list(objects[key]) for key in _CLASSES if key in objects), [])
    boxes = objects["bbox"]
    names = names if len(names) == len(boxes) else [""] * len(boxes)
    return [(_text(name), {"bbox": box}) for name, box in zip(names, boxes, strict=True)]


def _outlined(corners: list[tuple[float, float]]) -> dict[str, Any]:
    """An annotation of COCO with this outline; empty where there is none."""
    return {"segmentation": [[number for corner in corners for number in corner]]} if len(corners) > 2 else {}


def _box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _points(points: Any) -> list[tuple[float, float]]:
    found = [tuple(one) for one in _list(points) if isinstance(one, list | tuple)]
    if not all(len(one) == 2 and all(map(_is_number, one)) for one in found):
        return []
    return [(float(x), float(y)) for x, y in found]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _image_of(entry: dict[str, Any]) -> str:
    keys = ("image", "imagefilename", "img", "file_name", "filename")
    return next((entry[key] for key in keys if isinstance(entry.get(key), str)), "")


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]
