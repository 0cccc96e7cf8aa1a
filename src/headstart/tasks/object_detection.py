"""Object detection: boxes with a class and a score in each image.

Notation: n images, k classes, m boxes of an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PIL import Image

from ..data.answers import boxes
from ..data.boxes.layouts import looks_like_boxes, read_boxes
from ..data.images.decode import decode, size_of
from ..data.reading import PLAIN, Reading
from ..data.scenes.shown_boxes import drawn, framed
from ..data.scenes.store import BoxStore
from ..types import Architecture, ImagePreprocess, Source
from .answers.places import OfScenes
from .baselines.nearest import MeanBox, Nearest
from .modalities.pictures import OfPictures
from .scores.average_precision import matched
from .scores.base import Score

if TYPE_CHECKING:
    from ..bench import Bench
    from ..cache import Cache
    from ..data.listing import Listing
    from ..types import IntArray
    from .baselines.base import Dull

SHOWN = 0.3
"""Score from which on a box is an answer to a person; metrics look at all of them."""
Answers = NDArray[Any]
"""(n,) texts of boxes (`data/answers/boxes.py`)."""
MAP = Score("map", lambda outputs, right: matched(outputs.tolist(), right.tolist()).scores())


class ObjectDetection(OfPictures, OfScenes):
    """The task of `tasks/base.py` for images with boxes."""

    name = "object_detection"
    head_architecture = Architecture("heads", "fcos_lite")
    score = MAP
    measures = (MAP,)
    baselines = ("mean_box", "nearest")
    side = 320
    finest = 8

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A folder in COCO, VOC or YOLO format."""
        return looks_like_boxes(data, reading)

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Images and boxes of any layout in `data/boxes/layouts.py`."""
        return read_boxes(data, reading)

    def vocabulary(self, answers: Sequence[str]) -> tuple[str, ...]:
        """The names of boxes."""
        return boxes.names_in(answers)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: ImagePreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
        labels: Sequence[str] = (),
    ) -> BoxStore:
        """The images as a base of this preprocessing takes them, and their boxes."""
        return BoxStore(sources, preprocess, cache, digests, answers, labels)

    def dull(self, name: str, bench: Bench, train: IntArray) -> Dull:
        """One box for each class, or the boxes of the most similar training image."""
        return MeanBox(bench, train) if name == "mean_box" else Nearest(bench, train, sure=True)

    def metrics(self, outputs: Answers, targets: Answers) -> dict[str, float]:
        """COCO's mean average precision, that at an overlap of one half, and this of each class."""
        found = matched(outputs.tolist(), targets.tolist()).precision()
        classes = {f"ap50 {name}": value for name, value in found.per_class.items()}
        return {"map": found.map, "ap50": found.ap50, **classes}

    def decode(
        self, outputs: Answers, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """The boxes of each image in its own pixels: left, top, right, bottom; the surest first."""
        sizes = [size_of(source) for source in sources] or [(1, 1)] * len(outputs)
        return [
            {"boxes": [_plain(box, size) for box in boxes.boxes_of(said) if (box.score or 0.0) >= SHOWN]}
            for said, size in zip(outputs, sizes, strict=True)
        ]

    def draw(self, source: Source, decoded: dict[str, Any], labels: Sequence[str]) -> dict[str, Image.Image]:
        """The image with the boxes that were found."""
        picture = decode(source, exposure=self.exposure)
        found = [_fractions(one, picture.size) for one in decoded["boxes"]]
        return {"picture": framed(picture, found, labels)}

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """The image with the right boxes, and with those that were found."""
        found = [box for box in boxes.boxes_of(given) if (box.score or 0.0) >= SHOWN]
        return {
            "picture": drawn(source, boxes.boxes_of(right), side, labels, self.exposure),
            "predicted_picture": drawn(source, found, side, labels, self.exposure),
        }


def _plain(box: boxes.Box, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    places = box.left * width, box.top * height, box.right * width, box.bottom * height
    return {"label": box.name, "score": box.score, "box": [round(place, 2) for place in places]}


def _fractions(one: dict[str, Any], size: tuple[int, int]) -> boxes.Box:
    """What `_plain` tells, as parts of the sides again."""
    left, top, right, bottom = (place / side for place, side in zip(one["box"], (*size, *size), strict=True))
    return boxes.Box(one["label"], left, top, right, bottom, one["score"])


plugin = ObjectDetection()
