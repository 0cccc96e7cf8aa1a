"""Boxes with a class and a score in each picture.

Notation: n pictures, k classes.
"""

from __future__ import annotations

import json
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
from ...errors import DataError
from ...plain import plain
from ...preprocessing.image import ImagePreprocess
from ...types import Source
from .base import Correction, Judged

if TYPE_CHECKING:
    from ..modalities.base import Modality

MOST = 1000
"""Boxes that a person draws into one picture."""
SHOWN = 0.3
"""Score from which on a box is an answer to a person; metrics look at all of them."""


class Boxes:
    """What `places.py: Kind` asks of boxes: texts of `data/answers/boxes.py`."""

    task = "object_detection"
    side = 320
    finest = 8
    stored = BoxStore
    correction: Correction = "boxes"

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

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """Boxes as `decode` tells them, in pixels: left, top, right, bottom; maybe none."""
        told = [_drawn(one, categories) for one in right] if isinstance(right, list) else [None]
        known = [one for one in told if one is not None]
        if len(known) != len(told) or len(told) > MOST:
            hint = f'at most {MOST} as {{"label": …, "box": [left, top, right, bottom]}}, in pixels'
            raise DataError(f"expected boxes around {', '.join(categories)}", hint)
        corners = [[left, top, right - left, bottom - top] for _, (left, top, right, bottom) in known]
        found = {"bbox": corners, "categories": [label for label, _ in known]}
        return json.dumps(found, ensure_ascii=False)

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, Any]:
        """The image, and frames of what is right and what was found."""
        right = boxes.boxes_of(str(judged.right))
        found = [box for box in boxes.boxes_of(str(judged.given)) if (box.score or 0.0) >= SHOWN]
        return {"scene": plain(judged_boxes(judged.source, right, found, side, modality.exposure))}


def _drawn(one: object, categories: Sequence[str]) -> tuple[str, boxes.Corners] | None:
    """A box as a person gives it; None where it is none."""
    if not isinstance(one, dict) or one.get("label") not in categories:
        return None
    places = one.get("box")
    corners = boxes.corners_of(places) if isinstance(places, list) and len(places) == 4 else None
    if corners is None or corners[0] >= corners[2] or corners[1] >= corners[3]:
        return None
    return one["label"], corners


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
