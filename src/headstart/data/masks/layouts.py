"""Which layout of images with masks a data set has: mask files beside the images, or polygons in JSON."""

from __future__ import annotations

from pathlib import Path

from ...errors import DataError
from ...types import Named
from .. import layouts
from ..listing import Listing, within
from ..reading import PLAIN, Reading
from ..tables.rows import is_table
from .beside import has_masks_beside, read_masks_beside
from .folders import has_mask_folders, names_mask_folders, read_mask_folders
from .places import FOLDER
from .polygons import has_annotations, has_polygons, read_polygons

_WANTED = (
    "give a folder with images/ and masks/, or 1.jpg and 1_mask.png beside each other, Pascal VOC's"
    " SegmentationClass/, or polygons of COCO, CVAT or LabelMe"
)


def read_masks(data: Named, reading: Reading = PLAIN) -> Listing:
    """The rows of a folder of images with masks; `Row.label` is an answer of `data/answers/masks.py`.

    Where a folder has mask files and polygons, the files are read: they say each pixel.

    Raises:
        DataError: there is no such layout here, a mask was saved with loss, `classes.txt` or the annotations
            cannot be read, or a group is asked for.
        MissingExtra: polygons need pycocotools.
    """
    if is_table(data):
        raise DataError("expected a folder of images with masks, but got a table", _WANTED)
    root = within(layouts.existing_folder(data), _is_here)
    if reading.group is not None:
        raise DataError(
            f"there is no column `{reading.group}`: images with masks have no columns",
            "leave the group out, or put what belongs together into one split",
        )
    if FOLDER.of(reading.options) or has_mask_folders(root):
        return read_mask_folders(root, reading)
    if has_annotations(root):
        return read_polygons(root)
    if has_masks_beside(root):
        return read_masks_beside(root, reading)
    if names_mask_folders(root):
        return read_mask_folders(root, reading)  # which says what is missing
    raise DataError(f"`{root}` has no images with masks", _WANTED)


def looks_like_masks(data: Named, reading: Reading = PLAIN) -> bool:
    """Is this a folder of images with masks? Opens the JSON of polygons, and few masks.

    Masks beside images in other folders than splits do not say so: these folders may be classes.
    """
    if is_table(data) or reading.columns:
        return False
    path = layouts.existing(data)
    if not path.is_dir():
        return False
    root = within(path, _is_here)
    return has_mask_folders(root) or has_polygons(root) or has_masks_beside(root, deep=False)


def _is_here(root: Path) -> bool:
    return names_mask_folders(root) or has_annotations(root)
