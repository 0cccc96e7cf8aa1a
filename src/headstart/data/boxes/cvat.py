"""Places on images in the XML of CVAT ("CVAT for images 1.1"): one file at the top.

Boxes and ellipses, which may be turned, polygons and masks:

<annotations><image name="1.jpg" width="40" height="20" subset="train">
  <box label="cell" xtl="4" ytl="5" xbr="20" ybr="10" rotation="30"/>
  <polygon label="cell" points="4,5;20,5;20,10"/>
</image></annotations>
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from ...types import Dropped
from ..images.decode import MAX_PIXELS
from ..listing import shown
from ..places.annotated import printable, split_written
from ..places.coco_file import CocoPicture
from ..places.found import FoundImages, near_top
from ..places.shapes import ellipse, outlined, rectangle, turned
from ..places.xml_files import parsed_xml

_BOX = ("xtl", "ytl", "xbr", "ybr")
_ELLIPSE = ("cx", "cy", "rx", "ry")
_NO_PLACES = ("tag", "attribute")
"""They say something of the whole picture."""
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
            marks = [mark for mark in element if mark.tag not in _NO_PLACES]
            picture.marks.extend((mark.get("label") or "", _place(mark, size)) for mark in marks)
    return list(pictures.values()), dropped


def _sheets(root: Path) -> list[Path]:
    return [path for path in near_top(root, (".xml",)) if _starts(path)]


def _starts(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return b"<annotations" in stream.read(_HEAD)
    except OSError:
        return False


def _place(mark: ElementTree.Element, size: tuple[float | None, float | None]) -> dict[str, Any]:
    """The outline of a mark; empty where it has none that is filled."""
    if mark.tag == "mask":
        return _runs(mark, size)
    angle = _number(mark.get("rotation")) or 0.0
    if mark.tag == "box":
        left, top, right, bottom = (_number(mark.get(side)) for side in _BOX)
        if left is None or top is None or right is None or bottom is None:
            return {}
        middle = (left + right) / 2, (top + bottom) / 2
        return outlined(turned(rectangle(left, top, right, bottom), angle, middle))
    if mark.tag == "ellipse":
        x, y, across, down = (_number(mark.get(key)) for key in _ELLIPSE)
        if x is None or y is None or across is None or down is None:
            return {}
        return outlined(turned(ellipse((x, y), across, down), angle, (x, y)))
    if mark.tag == "polygon":
        numbers = [_number(one) for one in (mark.get("points") or "").replace(";", ",").split(",")]
        return {} if None in numbers else {"segmentation": [numbers]}
    return {}


def _runs(mark: ElementTree.Element, size: tuple[float | None, float | None]) -> dict[str, Any]:
    """A mask, which CVAT writes row by row within its box, as COCO's runs of the whole picture."""
    across, down, left, top = (_whole(mark.get(key)) for key in ("width", "height", "left", "top"))
    counts = [_whole(one) for one in (mark.get("rle") or "").split(",")]
    width, height = (_whole(str(side)) for side in size)
    if None in counts or across is None or down is None or left is None or top is None:
        return {}
    if width is None or height is None or left + across > width or top + down > height:
        return {}
    known = [count for count in counts if count is not None]
    if not 0 < width * height <= MAX_PIXELS or sum(known) != across * down:
        return {}
    inner = np.repeat(np.arange(len(known)) % 2 == 1, known).reshape(down, across)
    whole = np.zeros((height, width), bool)
    whole[top : top + down, left : left + across] = inner
    column = whole.T.ravel()
    changes = np.flatnonzero(column[1:] != column[:-1]) + 1
    lengths = np.diff([0, *changes.tolist(), len(column)]).tolist()
    return {"segmentation": {"size": [height, width], "counts": [0, *lengths] if column[0] else lengths}}


def _whole(text: str | None) -> int | None:
    """A count of pixels; None where it is none."""
    found = _number(text)
    return int(found) if found is not None and found >= 0 and float(found).is_integer() else None


def _number(text: str | None) -> float | None:
    """A finite number; None where it is none."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    if not math.isfinite(found):
        return None
    return int(found) if found.is_integer() else found
