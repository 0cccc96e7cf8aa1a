"""Boxes with a class and a score in each picture.

Notation: n pictures, k classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ...data.answers import boxes
from ...data.images.decode import decode, size_of
from ...data.scenes.judged_boxes import judged_boxes
from ...data.scenes.shown_boxes import framed
from ...data.scenes.store import BoxStore
from ...plain import plain
from ...preprocessing.image import ImagePreprocess
from ...types import Source
from .base import Judged

if TYPE_CHECKING:
    from ..modalities.base import Modality

SHOWN = 0.3
"""Score from which on a box is an answer to a person; metrics look at all of them."""


class Boxes:
    """What `places.py: Kind` asks of boxes: texts of `data/answers/boxes.py`."""

    task = "object_detection"
    side = 320
    finest = 8
    stored = BoxStore

    def names(self, answers: Sequence[str]) -> tuple[str, ...]:
        """The names of boxes."""
        return boxes.names_in(answers)

    def certain(self, right: NDArray[np.object_]) -> NDArray[np.object_]:
        """The same boxes, each with the score 1."""
        sure = [boxes.as_answer((*box[:5], 1.0) for box in boxes.boxes_of(answer)) for answer in right]
        return np.array(sure, dtype=object)

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess, sources: Sequence[Source]
    ) -> NDArray[np.object_] | None:
        """Boxes are fractions of any size."""
        return None

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The boxes of each image in its own pixels: left, top, right, bottom; the surest first."""
        sizes = [size_of(source) for source in sources] or [(1, 1)] * len(outputs)
        return [
            {"boxes": [_plain(box, size) for box in boxes.boxes_of(said) if (box.score or 0.0) >= SHOWN]}
            for said, size in zip(outputs, sizes, strict=True)
        ]

    def draw(
        self, modality: Modality, source: Source, decoded: dict[str, object], categories: Sequence[str]
    ) -> dict[str, Image.Image]:
        """The image with the boxes that were found."""
        picture = decode(source, exposure=modality.exposure)
        found = [_fractions(one, picture.size) for one in _listed(decoded)]
        return {"picture": framed(picture, found, categories)}

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, Any]:
        """The image, and frames of what is right and what was found."""
        right = boxes.boxes_of(str(judged.right))
        found = [box for box in boxes.boxes_of(str(judged.given)) if (box.score or 0.0) >= SHOWN]
        return {"scene": plain(judged_boxes(judged.source, right, found, side, modality.exposure))}


def _plain(box: boxes.Box, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    places = box.left * width, box.top * height, box.right * width, box.bottom * height
    return {"label": box.name, "score": box.score, "box": [round(place, 2) for place in places]}


def _listed(decoded: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = decoded["boxes"]
    return found


def _fractions(one: dict[str, Any], size: tuple[int, int]) -> boxes.Box:
    """What `_plain` tells, as parts of the sides again."""
    left, top, right, bottom = (place / side for place, side in zip(one["box"], (*size, *size), strict=True))
    return boxes.Box(one["label"], left, top, right, bottom, one["score"])
