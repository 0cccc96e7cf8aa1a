"""Places on images in the XML of CVAT ("CVAT for images 1.1"): one file at the top, with boxes and polygons.

<annotations><image name="1.jpg" width="40" height="20" subset="train">
  <box label="cell" xtl="4" ytl="5" xbr="20" ybr="10"/>  <polygon label="cell" points="4,5;20,5;20,10"/>
</image></annotations>
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..types import Dropped
from .annotated import printable, split_written
from .coco_file import CocoPicture
from .found_images import FoundImages, near_top
from .listing import shown
from .xml_files import parsed_xml

_BOX = ("xtl", "ytl", "xbr", "ybr")
_HEAD = 2000
"""Bytes in which the first tag stands."""


def is_cvat(root: Path) -> bool:
    """Is there such a file?"""
    return bool(_sheets(root))


def read_cvat(root: Path) -> tuple[list[CocoPicture], list[Dropped]]:
    """The images that the files name, with what is marked on them, and what cannot be used."""
    images, pictures, dropped = FoundImages(root), dict[Path, CocoPicture](), list[Dropped]()
    for sheet in _sheets(root):
        tree = parsed_xml(sheet, "annotations")
        if isinstance(tree, str):
            dropped.append(Dropped(shown(sheet, root), tree))
            continue
        if tree.find("track") is not None:
            reason = "its tracks of a video are not read: export it as `CVAT for images`"
            dropped.append(Dropped(shown(sheet, root), reason))
        for element in tree.findall("image"):
            name = element.get("name") or ""
            path, reason = images.find(name, sheet.parent) if name else (None, "it has no name")
            if path is None:
                dropped.append(Dropped(printable(name) or shown(sheet, root), reason))
                continue
            split = split_written(element.get("subset") or "") or images.split(path, sheet)
            size = _number(element.get("width")), _number(element.get("height"))
            picture = pictures.setdefault(path, CocoPicture(path, images.name(path), split, size))
            picture.marks.extend((mark.get("label") or "", _place(mark)) for mark in element)
    return list(pictures.values()), dropped


def _sheets(root: Path) -> list[Path]:
    return [path for path in near_top(root, (".xml",)) if _starts(path)]


def _starts(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return b"<annotations" in stream.read(_HEAD)
    except OSError:
        return False


def _place(mark: ElementTree.Element) -> dict[str, Any]:
    """The outline of a mark; empty where it has none that is filled."""
    if mark.tag == "box":
        found = [_number(mark.get(side)) for side in _BOX]
        left, top, right, bottom = found
        if left is None or top is None or right is None or bottom is None:
            return {}
        return {"segmentation": [[left, top, right, top, right, bottom, left, bottom]]}
    if mark.tag == "polygon":
        numbers = [_number(one) for one in (mark.get("points") or "").replace(";", ",").split(",")]
        return {} if None in numbers else {"segmentation": [numbers]}
    return {}


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return int(found) if found.is_integer() else found
