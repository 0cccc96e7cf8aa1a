"""Segmentation: a class for every pixel of an image.

Notation: n images, k classes, s input side in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ..data.answers import masks
from ..data.images.decode import decode, size_of
from ..data.masks.layouts import looks_like_masks, read_masks
from ..data.masks.objects import MASKS
from ..data.masks.places import FOLDER
from ..data.reading import PLAIN, Reading
from ..data.scenes.shown_masks import coloured, overlaid, palette_image
from ..data.scenes.store import MaskStore
from ..types import Architecture, ImagePreprocess, Source
from .answers.enlarged import largest
from .answers.head_labels import labels_of_head
from .answers.places import OfScenes
from .baselines.nearest import MajorityMask, Nearest
from .modalities.pictures import OfPictures
from .scores.base import Score
from .scores.overlap import overlap, scores

if TYPE_CHECKING:
    from ..bench import Bench
    from ..cache import Cache
    from ..data.listing import Listing
    from ..types import IntArray
    from .baselines.base import Dull

Answers = NDArray[Any]
"""(n,) texts of masks (`data/answers/masks.py`)."""
MEAN_IOU = Score(
    "mean_iou", lambda outputs, right: scores(outputs.tolist(), right.tolist(), _classes(outputs, right))
)


class Segmentation(OfPictures, OfScenes):
    """The task of `tasks/base.py` for images with masks."""

    name = "segmentation"
    head_architecture = Architecture("heads", "unet")
    score = MEAN_IOU
    measures = (MEAN_IOU,)
    baselines = ("majority_mask", "nearest")
    side = 256
    finest = 4
    options = (*OfScenes.options, MASKS, FOLDER)

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A folder of images and masks, or of images with outlines."""
        return looks_like_masks(data, reading)

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Images and masks of any layout in `data/masks/layouts.py`."""
        return read_masks(data, reading)

    def vocabulary(self, answers: Sequence[str]) -> tuple[str, ...]:
        """The classes of pixels."""
        return masks.names_in(answers)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: ImagePreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
        labels: Sequence[str] = (),
    ) -> MaskStore:
        """The images as a base of this preprocessing takes them, and their masks."""
        return MaskStore(sources, preprocess, cache, digests, answers, labels)

    def dull(self, name: str, bench: Bench, train: IntArray) -> Dull:
        """The commonest class at each place, or the mask of the most similar training image."""
        return MajorityMask(bench, train) if name == "majority_mask" else Nearest(bench, train, sure=False)

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess, sources: Sequence[Source]
    ) -> Answers:
        """(n,) masks of each picture's own size."""
        labels, sizes = labels_of_head(model), [size_of(source) for source in sources]
        found = [
            masks.as_answer(largest(outputs, height, width), labels)
            for outputs, (width, height) in zip(model(inputs), sizes, strict=True)
        ]
        return np.array(found, dtype=object)

    def metrics(self, outputs: Answers, targets: Answers) -> dict[str, float]:
        """Mean IoU, Dice and boundary F-score, then IoU and Dice of each class."""
        found = overlap(outputs.tolist(), targets.tolist(), _classes(outputs, targets))
        edges = {} if found.boundary is None else {"boundary_f": found.boundary}
        ious = {f"iou {name}": value for name, value in found.per_class_iou.items()}
        dices = {f"dice {name}": value for name, value in found.per_class_dice.items()}
        return {"mean_iou": found.iou, "dice": found.dice, **edges, **ious, **dices}

    def decode(
        self, outputs: Answers, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """The share of each class in each image, and its mask."""
        return [_plain(said, labels) for said in outputs]

    def draw(self, source: Source, decoded: dict[str, Any], labels: Sequence[str]) -> dict[str, Image.Image]:
        """The image under the colours of its mask, and the mask: value i of the palette is the i-th label."""
        mask = masks.indexed(decoded["mask"], labels)
        return {
            "picture": coloured(decode(source, exposure=self.exposure), mask, labels),
            "mask": palette_image(mask, labels),
        }

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """The image under the right mask, and under the one that was found."""
        classes = labels or masks.names_in([right, given])
        return {
            "picture": overlaid(source, masks.indexed(right, classes), classes, side, self.exposure),
            "predicted_picture": overlaid(
                source, masks.indexed(given, classes), classes, side, self.exposure
            ),
        }


def _classes(outputs: Answers, targets: Answers) -> tuple[str, ...]:
    return masks.names_in([*outputs.tolist(), *targets.tolist()])


def _plain(said: str, labels: Sequence[str]) -> dict[str, Any]:
    mask = masks.indexed(said, labels)
    shares = {label: float((mask == number).mean()) for number, label in enumerate(labels)}
    return {"shares": shares, "mask": said}


plugin = Segmentation()
