"""A class for every pixel of each picture.

Notation: n pictures, k classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ...data.answers import masks
from ...data.images.decode import decode, size_of
from ...data.scenes.judged_masks import judged_masks
from ...data.scenes.shown_masks import coloured, palette_image
from ...data.scenes.store import MaskStore
from ...errors import DataError
from ...plain import plain
from ...preprocessing.image import ImagePreprocess
from ...types import Source
from .base import Correction, Judged
from .enlarged import largest
from .head_labels import labels_of_head

if TYPE_CHECKING:
    from ..modalities.base import Modality


class Masks:
    """What `places.py: Kind` asks of masks: texts of `data/answers/masks.py`."""

    task = "segmentation"
    side = 256
    finest = 4
    stored = MaskStore
    correction: Correction = "mask"

    def names(self, answers: Sequence[str]) -> tuple[str, ...]:
        """The classes of pixels."""
        return masks.names_in(answers)

    def certain(self, right: NDArray[np.object_]) -> NDArray[np.object_]:
        """The same masks."""
        return right

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess, sources: Sequence[Source]
    ) -> NDArray[np.object_] | None:
        """(n,) masks of each picture's own size."""
        categories, sizes = labels_of_head(model), [size_of(source) for source in sources]
        found = [
            masks.as_answer(largest(outputs, height, width), categories)
            for outputs, (width, height) in zip(model(inputs), sizes, strict=True)
        ]
        return np.array(found, dtype=object)

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The share of each class in each image, and its mask."""
        return [_plain(said, categories) for said in outputs]

    def draw(
        self, modality: Modality, source: Source, decoded: dict[str, object], categories: Sequence[str]
    ) -> dict[str, Image.Image]:
        """The image under the colours of its mask, and the mask: value i of the palette is the i-th label."""
        mask = masks.indexed(str(decoded["mask"]), categories)
        return {
            "picture": coloured(decode(source, exposure=modality.exposure), mask, categories),
            "mask": palette_image(mask, categories),
        }

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """A mask as `decode` tells it: the names of its values, and a PNG of grey, coded by base64."""
        told = right if isinstance(right, dict) else {}
        classes, png = told.get("classes"), told.get("png")
        if not isinstance(classes, list) or not isinstance(png, str) or not _named(classes, categories):
            hint = '{"classes": […], "png": "…"}: value i of the grey picture is the i-th class, 255 unknown'
            raise DataError(f"expected a mask of {', '.join(categories)}", hint)
        return masks.as_answer(masks.read(png), classes)

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, Any]:
        """The image, and outlines of what is right and what was found."""
        answers = str(judged.right), str(judged.given)
        classes = judged.categories or masks.names_in(answers)
        right, found = (masks.indexed(answer, classes) for answer in answers)
        scene = judged_masks(judged.source, right, found, classes, side, modality.exposure)
        return {"scene": plain(scene)}


def _named(classes: Sequence[object], categories: Sequence[str]) -> bool:
    return all(one in categories for one in classes)


def _plain(said: str, categories: Sequence[str]) -> dict[str, Any]:
    mask = masks.indexed(said, categories)
    shares = {name: float((mask == number).mean()) for number, name in enumerate(categories)}
    return {"shares": shares, "mask": said}
