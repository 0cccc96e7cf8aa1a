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
from urllib.parse import unquote

from ...types import Dropped
from ..listing import NO_FILE, files, shown, unusable
from ..strings import lines
from .annotated import printable
from .coco_file import CocoPicture
from .found import FoundImages, near_top
from .shapes import Corner, ellipse, outlined, rectangle, turned

Mark = tuple[str | None, dict[str, Any]]
_LOOKED_AT = 20
"""JSON files that are opened to see what they are."""
_METADATA = "metadata.jsonl"
_CLASSES = ("categories", "category", "labels", "label", "class", "classes", "category_id", "name")
_BOXES = ("bbox", "bboxes", "boxes")
_PLACES = ("x", "points", "rle")
"""What a mark of Label Studio has that is a place in a picture."""


def is_labelled_json(root: Path) -> bool:
    """Is there a file of one of these tools?"""
    return any(_kind(content) for content in _some(root)) or bool(_metadata(root))


def read_labelled_json(root: Path) -> tuple[list[CocoPicture], list[Dropped]]:
    """The images that the files name, with what is marked on them, and what cannot be used."""
    images, pictures, dropped = FoundImages(root), dict[Path, CocoPicture](), list[Dropped]()
    for file, number, name, size, marks in _said(root):
        path, reason = images.find(name, file.parent) if name else (None, "it names no image")
        if path is None and not number and (not name or reason == NO_FILE):  # it was renamed with its file
            path = images.find(file.stem, file.parent)[0]
        if path is None or marks is None:
            reason = reason or "nobody has marked it yet"
            what = printable(name) if name else shown(file, root) + (f" entry {number}" if number else "")
            dropped.append(Dropped(what, reason))
            continue
        picture = CocoPicture(path, images.name(path), images.split(path, file), size)
        pictures.setdefault(path, picture).marks.extend(marks)
    return list(pictures.values()), dropped


_Said = tuple[str, tuple[Any, Any], list[Mark] | None]
"""The image's name, its size, and its marks; None where nobody has looked at it."""
_Entry = tuple[Path, int, str, tuple[Any, Any], list[Mark] | None]
"""The file, the number of the entry in it, from 1, or 0 where the file is for one image, and what it says."""


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
        if kind is None:
            continue
        entries = list(enumerate(content, start=1)) if isinstance(content, list) else [(0, content)]
        for number, entry in entries:
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
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if line.strip():
            yield number, row if isinstance(row, dict) else {}


def _kind(content: Any) -> Callable[[dict[str, Any]], _Said] | None:
    """What reads the entries of a file, or None where no tool of ours wrote it."""
    if isinstance(content, dict):
        return _labelme if isinstance(content.get("shapes"), list) and "imagePath" in content else None
    first = content[0] if isinstance(content, list) and content else None
    if not isinstance(first, dict):
        return None
    if isinstance(first.get("data"), dict):
        return _label_studio if any(map(_results, _dicts(content))) else None
    if isinstance(first.get("annotations"), list) and _image_of(first):
        return _create_ml
    return _short if _image_of(first) and any(map(_stated, _dicts(content))) else None


def _labelme(entry: dict[str, Any]) -> _Said:
    marks: list[Mark] = [(_text(one.get("label")), _shape(one)) for one in _dicts(entry["shapes"])]
    return _text(entry.get("imagePath")), (entry.get("imageWidth"), entry.get("imageHeight")), marks


def _shape(shape: dict[str, Any]) -> dict[str, Any]:
    """The outline of a shape, of a mask only its box; empty where it is a line or a point."""
    points = _points(shape.get("points"))
    kind = shape.get("shape_type") or "polygon"
    if kind in ("rectangle", "mask") and len(points) >= 2:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if kind == "mask":
            return {"bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]}
        return outlined(rectangle(min(xs), min(ys), max(xs), max(ys)))
    if kind == "circle" and len(points) == 2:
        radius = math.dist(*points)
        return outlined(ellipse(points[0], radius, radius))
    return outlined(points) if kind in ("polygon", "rotation", "oriented_rectangle") else {}


def _label_studio(entry: dict[str, Any]) -> _Said:
    said = entry.get("data")
    data = said if isinstance(said, dict) else {}
    name = _image_of(data) or next((one for one in data.values() if isinstance(one, str)), "")
    if not _done(entry):
        return _named(name), (None, None), None
    results = _results(entry)
    labelled = {str(one["id"]) for one in results if "id" in one and _label(one["value"])}
    # Where a shape and its label are two results, they have one id.
    found = [one for one in results if _label(one["value"]) or str(one.get("id")) not in labelled]
    return _percents(name, [(one["value"], one) for one in found])


def _done(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What people have finished; what a model has predicted is none of it."""
    every = _dicts(entry.get("annotations") or entry.get("completions"))
    return [one for one in every if not one.get("was_cancelled")]


def _results(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The places in the first annotation of a task; answers to questions and words of texts are none."""
    results = [one for done in _done(entry)[:1] for one in _dicts(done.get("result"))]
    values = [(one, one["value"]) for one in results if isinstance(one.get("value"), dict)]
    return [one for one, value in values if any(key in value for key in _PLACES)]


def _label(value: dict[str, Any]) -> str:
    labels = [_list(value[key]) for key in value if key.endswith("labels")]
    return next((_text(one[0]) for one in labels if one), "")


def _stated(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The places that stand in a task itself, under whatever name."""
    return [one for value in entry.values() for one in _dicts(value) if "original_width" in one]


def _short(entry: dict[str, Any]) -> _Said:
    """The short form of Label Studio: what is marked stands in the task."""
    return _percents(_image_of(entry), [(one, one) for one in _stated(entry)])


def _percents(name: str, found: list[tuple[dict[str, Any], dict[str, Any]]]) -> _Said:
    sizes = [(one.get("original_width"), one.get("original_height")) for _, one in found]
    width, height = next(iter(sizes), (None, None))
    marks = list[Mark]()
    for value, _ in found:
        corners = list[Corner]()
        if isinstance(width, int | float) and isinstance(height, int | float):
            corners = _in_pixels(value, width, height)
        marks.append((_label(value), outlined(corners)))
    return _named(name), (width, height), marks


def _in_pixels(value: dict[str, Any], width: float, height: float) -> list[Corner]:
    """The corners of a shape that is stated in percent of the sides; none where it is none."""
    if points := _points(value.get("points")):
        return [(x * width / 100, y * height / 100) for x, y in points]
    angle = value.get("rotation")
    degrees = float(angle) if isinstance(angle, int | float) else 0.0
    for keys in (("x", "y", "width", "height"), ("x", "y", "radiusX", "radiusY")):
        if not all(_is_number(value.get(key)) for key in keys):
            continue
        x, y, across, down = (
            value[key] * side / 100 for key, side in zip(keys, (width, height) * 2, strict=True)
        )
        corners = (
            ellipse((x, y), across, down) if "radiusX" in keys else rectangle(x, y, x + across, y + down)
        )
        return turned(corners, degrees, (x, y))  # a rectangle is turned about its first corner
    return []


def _named(name: str) -> str:
    """The name of an image in an address."""
    return unquote(name.partition("?d=")[2] or name.partition("?")[0])


def _create_ml(entry: dict[str, Any]) -> _Said:
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
        return [
            (_text(next((one[key] for key in _CLASSES if key in one), "")), {"bbox": one[box]})
            for one in _dicts(objects)
            if (box := next((key for key in _BOXES if key in one), None))
        ]
    if not isinstance(objects, dict):
        return []
    boxes = next((_list(objects[key]) for key in _BOXES if key in objects), [])
    names = next((_list(objects[key]) for key in _CLASSES if key in objects), [])
    names = names if len(names) == len(boxes) else [""] * len(boxes)
    return [(_text(name), {"bbox": box}) for name, box in zip(names, boxes, strict=True)]


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
