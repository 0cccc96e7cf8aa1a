"""Image classification: one label for each image.

Notation: n images, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data import layouts
from ..data.boxes.layouts import looks_like_boxes
from ..data.folders.roles import FOLDERS, SPLIT_FOLDERS
from ..data.folders.seen import seen
from ..data.images.decode import looks_like_image
from ..data.images.store import PixelStore
from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.masks.layouts import looks_like_masks
from ..data.reading import PLAIN, Reading
from ..data.tables.records import suffix_of
from ..data.tables.rows import has_all, names_pictures, read_metadata
from ..data.tables.shards import read_shards, shards_of
from ..data.texts.layouts import looks_like_texts
from ..errors import DataError
from ..options import Option
from ..types import FloatArray, ImagePreprocess, IntArray, Source, Splits
from .answers.one_label import OneLabel
from .baselines.base import RawPixels
from .modalities.pictures import OPTIONS, OfPictures

if TYPE_CHECKING:
    from pathlib import Path

    from ..bench import Bench
    from ..cache import Cache


class ImageClassification(OfPictures, OneLabel):
    """The task of `tasks/base.py` for images with one label each."""

    modality = "image"
    raw = "raw_pixels"
    strategies = ("frozen", "finetune", "refine")
    together = 1
    columns = ("file_name", "label")
    options: tuple[Option[Any], ...] = (
        *OPTIONS,
        FOLDERS,
        SPLIT_FOLDERS,
        FOLLOW_LINKS,
        MERGE_LABELS,
        NAMES,
    )

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A folder that holds images, or a table that names some."""
        if layouts.is_table(data):
            return has_all(data, self.columns, reading) or names_pictures(data, reading)
        path = layouts.existing(data)
        if path.is_file():
            return suffix_of(path) is not None and names_pictures(path, reading)
        if shards_of(path, reading):
            return True
        placed = path.is_dir() and (looks_like_boxes(data, reading) or looks_like_masks(data, reading))
        return path.is_dir() and not placed and not looks_like_texts(path, reading) and _has_images(path)

    def read(self, data: Any, reading: Reading = PLAIN) -> layouts.Listing:
        """Rows of any layout in `data/layouts.py`.

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
        _require_images(data)
        return layouts.read(data, reading, looks_like_image)

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> layouts.Listing:
        """Every image of a folder.

        Raises:
            DataError: there is none.
        """
        _require_images(data)
        return layouts.heap(data, looks_like_image)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: ImagePreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
    ) -> PixelStore:
        """The images as a base of this preprocessing takes them."""
        return PixelStore(sources, preprocess, cache, digests)

    def fitted(self, preprocess: ImagePreprocess, sources: Sequence[Source]) -> ImagePreprocess:
        """Any image fits any input."""
        return preprocess

    def fitted_raw(self, bench: Bench, train: IntArray) -> RawPixels:
        """Logistic regression on shrunken pixels."""
        return RawPixels(bench, train)

    def thumbnails(self, inputs: Any, indices: IntArray) -> FloatArray:
        """(n, 256) small grey pictures, which tell copies from things of the same kind."""
        return np.asarray(inputs.grey(indices), dtype=np.float64)

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """Pictures speak for themselves."""
        return {}


def _require_images(data: Any) -> None:
    folder = layouts.existing_folder(data)
    if not _has_images(folder):
        raise DataError(
            f"expected images, but `{folder}` holds none: only {seen(folder)}",
            "give a folder of images, or name the task that fits the data with --task",
        )


def _has_images(folder: Path) -> bool:
    return any(map(looks_like_image, layouts.inside(folder)))


plugin = ImageClassification()
