"""Pictures with a label each, in any layout of `layouts.py`; and pictures without labels."""

from __future__ import annotations

from pathlib import Path

from ..errors import DataError
from ..types import Named
from . import layouts
from .boxes.layouts import looks_like_boxes
from .folders.seen import seen
from .images.decode import looks_like_image
from .listing import Listing
from .masks.layouts import looks_like_masks
from .reading import PLAIN, Reading
from .tables.records import suffix_of
from .tables.rows import has_all, names_pictures, read_metadata
from .tables.shards import read_shards, shards_of
from .tables.tars import Tars, read_tar_heap, read_tars, tars_of
from .texts.layouts import looks_like_texts

COLUMNS = ("file_name", "label")


def looks_like_pictures(data: Named, reading: Reading = PLAIN) -> bool:
    """A folder that holds images, or a table that names some."""
    if layouts.is_table(data):
        return has_all(data, COLUMNS, reading) or names_pictures(data, reading)
    path = layouts.existing(data)
    if path.is_file():
        return suffix_of(path) is not None and names_pictures(path, reading)
    if shards_of(path, reading) or _tars(path):
        return True
    placed = path.is_dir() and (looks_like_boxes(data, reading) or looks_like_masks(data, reading))
    return path.is_dir() and not placed and not looks_like_texts(path, reading) and _has_images(path)


def read_pictures(data: Named, reading: Reading = PLAIN) -> Listing:
    """Rows of any layout in `layouts.py`.

    Raises:
        DataError: no such layout, or a folder without a single image.
    """
    if layouts.is_table(data):
        return layouts.read(data, reading)
    path = layouts.existing(data)
    if path.is_file() and suffix_of(path) is not None:
        return read_metadata(path, path.parent, reading)
    if path.is_dir() and (shards := shards_of(path, reading)):
        return read_shards(shards, path, reading)
    if tars := _tars(path):
        return read_tars(tars, path, reading, looks_like_image)
    _require_images(data)
    return layouts.read(data, reading, looks_like_image)


def read_picture_heap(data: Named, reading: Reading = PLAIN) -> Listing:
    """Every image of a folder, or of the archives in it.

    Raises:
        DataError: there is none.
    """
    folder = layouts.existing_folder(data)
    if tars := _tars(folder):
        return read_tar_heap(tars, folder, looks_like_image)
    _require_images(data)
    return layouts.heap(data, looks_like_image)


def _require_images(data: Named) -> None:
    folder = layouts.existing_folder(data)
    if not _has_images(folder):
        raise DataError(
            f"expected images, but `{folder}` holds none: only {seen(folder)}",
            "give a folder of images, or name the task that fits the data with --task",
        )


def _tars(path: Path) -> Tars:
    """Archives of images, where no image lies beside them."""
    found = tars_of(path, looks_like_image) if path.is_dir() else []
    return [] if found and _has_images(path) else found


def _has_images(folder: Path) -> bool:
    return any(map(looks_like_image, layouts.inside(folder)))
