"""Which format of boxes a folder has, and its rows.

COCO        coco.py      JSON files named `_annotations.coco.json` or `instances_<split>.json`
VOC         voc.py       `Annotations/*.xml` and `JPEGImages`, or each `.xml` beside its image
YOLO        yolo.py      `data.yaml`, or `images` and `labels` side by side

CVAT        cvat.py      `annotations.xml` of "CVAT for images"
JSON        places/labelled_json.py   of LabelMe, Label Studio, Create ML, or `objects` in a metadata.jsonl
tables      tables.py    a row for each box

Where a folder has several formats, the first of this list is read. `Row.label` is an answer of
`data/answers/boxes.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...errors import DataError
from ...types import Dropped, Named
from .. import layouts
from ..listing import Listing, joined, within
from ..places.annotated import Annotated, listed
from ..places.coco_file import CocoPicture
from ..places.labelled_json import is_labelled_json, read_labelled_json
from ..reading import PLAIN, Reading
from ..tables.records import is_table
from .coco import boxed, is_coco, read_coco
from .cvat import is_cvat, read_cvat
from .tables import is_box_table, read_box_tables
from .voc import is_voc, read_voc
from .yolo import is_yolo, read_yolo

_Found = tuple[list[Annotated], list[Dropped]]


def _boxed(read: Callable[[Path], tuple[list[CocoPicture], list[Dropped]]]) -> Callable[[Path], _Found]:
    """The same reader, giving boxes."""

    def boxes(root: Path) -> _Found:
        pictures, dropped = read(root)
        return [boxed(one) for one in pictures], dropped

    return boxes


_FORMATS = (
    (is_coco, read_coco),
    (is_voc, read_voc),
    (is_yolo, read_yolo),
    (is_cvat, _boxed(read_cvat)),
    (is_labelled_json, _boxed(read_labelled_json)),
    (is_box_table, _boxed(read_box_tables)),
)
_WANTED = (
    "give COCO (coco/instances_train.json), VOC (JPEGImages and Annotations), YOLO (images and labels), the "
    "files of CVAT, LabelMe, Label Studio or Create ML, or a table (filename,class,xmin,ymin,xmax,ymax)"
)


def read_boxes(data: Named, reading: Reading = PLAIN) -> Listing:
    """The images of a folder with their boxes; `Row.label` is the answer that `boxes.as_answer` writes.

    Boxes that cannot be used are dropped one by one, as `photo.jpg box 3`; names of classes that differ in
    case or outer spaces only are merged, which is a finding.

    Raises:
        DataError: there is no such layout here, or a file of annotations cannot be used at all.
    """
    if is_table(data):
        raise DataError("expected a folder of images and boxes, but got a table", _WANTED)
    root = within(layouts.existing_folder(data), _is_here)
    if reading.group is not None:
        raise DataError(
            f"there is no column `{reading.group}`: annotations of boxes have no columns",
            "leave the group out",
        )
    for recognised, read in _FORMATS:
        if recognised(root):
            return _listing(*read(root))
    kinds = ", ".join(layouts.suffixes(root))
    raise DataError(f"expected images with boxes, but `{root}` has no annotations: only {kinds}", _WANTED)


def looks_like_boxes(data: Named, reading: Reading = PLAIN) -> bool:
    """Is this a folder of images with boxes? Reads names of files, and a `data.yaml`, only."""
    if reading.columns or is_table(data):
        return False
    path = layouts.existing(data)
    return path.is_dir() and _is_here(within(path, _is_here))


def _is_here(root: Path) -> bool:
    return any(recognised(root) for recognised, _ in _FORMATS)


def _listing(pictures: list[Annotated], dropped: list[Dropped]) -> Listing:
    return joined([Listing(dropped=tuple(dropped)), listed(pictures)])
