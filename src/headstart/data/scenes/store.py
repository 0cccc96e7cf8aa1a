"""Pictures whose answer has places in it, as batches: what is right moves with the picture.

Each answer is a text. Of boxes `{"boxes":[["name",x1,y1,x2,y2],...]}`, left, top, right and bottom as
fractions of the upright picture. Of a mask `{"classes":["name",...],"png":"…"}`, a grey PNG in base64
whose pixel i means classes[i], and 255 means that it is not known. The whole picture is squeezed into
the square that a base takes, so fractions stay what they are.

Notation: n pictures, b of a batch, s input side, k labels, m boxes of a picture, M of the fullest of a batch.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ...errors import ContractError, DataError
from ...preprocessing.image import ImagePreprocess
from ...types import IntArray, Source
from ..answers.masks import IGNORED
from ..images.decode import decode
from ..images.store import Pixels, PixelStore, outside
from .views import drawn, moved_boxes, moved_mask, moved_picture, recoloured

if TYPE_CHECKING:
    from ...cache import Cache

_Read = TypeVar("_Read")

ABSENT = -1
"""Fills the rows of a batch's boxes that a picture does not have."""
_HINT = "read the data anew: answers are written when a folder is read, and not by hand"


class _SceneStore:
    """Pictures under views that move what is in them. Threads may read at once."""

    augments = True
    down = False
    """May a view be upside down?"""
    most_labels = 2**24
    """How many can be told apart in what `answers` gives."""

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: ImagePreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
        labels: Sequence[str] = (),
    ) -> None:
        """Decodes nothing yet.

        Args:
            sources: Files, or bytes of files.
            preprocess: How a base takes images; all of a picture, squeezed into its square.
            cache: Where the squares are kept; without one they are decoded each time.
            digests: SHA-256 of each source, where they are known already.
            answers: What is right for each; without them there is nothing to train on.
            labels: The k class names that are numbered; all others are left out.

        Raises:
            ContractError: the preprocessing cuts something off: the answers would not fit to it.
            DataError: there are more labels than the answers can tell apart.
        """
        if preprocess.crop_mode != "squash" or preprocess.crop_fraction != 1:
            raise ContractError(
                f"pictures with places need all of the picture, not {preprocess}",
                "give the preprocessing crop_mode='squash' and crop_fraction=1.0",
            )
        if len(labels) > self.most_labels:
            raise DataError(
                f"at most {self.most_labels} classes can be told apart here, not {len(labels)}",
                "join classes that are alike",
            )
        self.preprocess = preprocess
        self._pictures = PixelStore(sources, preprocess, cache, digests)
        self.preparation = self._pictures.preparation
        self._said = None if answers is None else tuple(answers)
        self._numbers = {name: number for number, name in enumerate(labels)}
        self._read: dict[int, Any] = {}  # answers, once they were asked for

    def __len__(self) -> int:
        return len(self._pictures)

    def encoded(self, indices: IntArray, view: int | None = None) -> Pixels:
        """(b, s, s, 3) the pictures before normalisation; with `view` a random view of each.

        Raises:
            DataError: a source does not decode any more.
        """
        pixels = self._pictures.encoded(indices)
        if view is None:
            return pixels
        side, fill = self.preprocess.size, outside(self.preprocess)
        for row, index in enumerate(indices.tolist()):
            draws = _draws(view, index)
            move = drawn(side, draws, self.down)
            # Colours first, so that the canvas is what normalising makes 0.
            pixels[row] = moved_picture(recoloured(pixels[row], draws), move, fill)
        return pixels

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, 3, s, s) float32, normalised, channels last: what `encoded` gives, prepared."""
        prepared: Tensor = self.preparation(torch.from_numpy(self.encoded(indices, view)))
        return prepared

    def ordered(self, indices: IntArray) -> IntArray:
        """As they come: squares of one side all cost the same."""
        return indices

    def distorted(self) -> PixelStore:
        """The same pictures, their views distorted strongly; they have no answers."""
        return self._pictures.distorted()

    def thumbnails(self, indices: IntArray, side: int = 16) -> NDArray[np.float32]:
        """(b, side, side, 3) small pictures, 0..1."""
        return self._pictures.thumbnails(indices, side)

    def grey(self, indices: IntArray, side: int = 16) -> NDArray[np.float32]:
        """(b, side * side) small grey pictures, 0..1: what near-duplicates are confirmed with."""
        return self._pictures.grey(indices, side)


class BoxStore(_SceneStore):
    """n pictures with boxes. Views are mirrored, never upside down: most things have a top."""

    def answers(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, M, 5) float32: class number, left, top, right, bottom, as fractions of the view.

        Rows of -1 fill up to the most boxes of the batch, at least one.

        Raises:
            DataError: an answer is none of boxes.
        """
        found = [self._boxes(index, view) for index in indices.tolist()]
        most = max([1, *map(len, found)])
        rows = torch.full((len(found), most, 5), float(ABSENT))
        for row, boxes in zip(rows, found, strict=True):
            row[: len(boxes)] = boxes
        return rows

    def _boxes(self, index: int, view: int | None) -> Tensor:
        """(m, 5)."""
        if self._said is None:
            return torch.empty(0, 5)
        if index not in self._read:  # two threads may both read it: they find the same
            self._read[index] = _parsed(_boxes_of, self._said[index], self._numbers)
        boxes: Tensor = self._read[index]
        if view is None or not len(boxes):
            return boxes
        moved, kept = moved_boxes(boxes[:, 1:], drawn(self.preprocess.size, _draws(view, index), self.down))
        return torch.cat([boxes[kept, :1], moved], 1)


class MaskStore(_SceneStore):
    """n pictures with a mask. Views are mirrored both ways.

    Upside down too, as pictures that are cut into regions are often seen from above or through a
    microscope, and few of them are labelled. They are not turned: streets and rooms keep their uprights.
    """

    down = True
    most_labels = IGNORED

    def answers(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, s, s) int64 class numbers; 255 where it is not known, or outside of the picture.

        Raises:
            DataError: an answer is no mask.
        """
        side = self.preprocess.size
        masks = np.full((len(indices), side, side), IGNORED, dtype=np.uint8)
        if self._said is not None:
            for row, index in enumerate(indices.tolist()):
                masks[row] = self._mask(index, view)
        return torch.from_numpy(masks).long()

    def _mask(self, index: int, view: int | None) -> Pixels:
        """(s, s)."""
        assert self._said is not None
        side = self.preprocess.size
        if index not in self._read:  # two threads may both read it: they find the same
            mask = _parsed(_mask_of, self._said[index], self._numbers, side)
            self._read[index] = zlib.compress(mask.tobytes(), 1)  # a tenth or less: regions are large
        mask = np.frombuffer(bytearray(zlib.decompress(self._read[index])), dtype=np.uint8)
        mask = mask.reshape(side, side)
        return mask if view is None else moved_mask(mask, drawn(side, _draws(view, index), self.down))


def _draws(view: int, index: int) -> np.random.Generator:
    """The move is drawn first: `encoded` and `answers` draw the same."""
    return np.random.default_rng([view, index])


def _parsed(read: Callable[..., _Read], answer: str, *how: Any) -> _Read:
    try:
        return read(json.loads(answer), *how)
    except (ValueError, TypeError, KeyError) as error:
        shown = answer if len(answer) <= 80 else f"{answer[:80]}…"
        raise DataError(f"not an answer with places: {shown}", _HINT) from error


def _boxes_of(answer: dict[str, Any], numbers: dict[str, int]) -> Tensor:
    """(m, 5) of those whose names have a number."""
    found = [[numbers[name], *place] for name, *place in answer["boxes"] if name in numbers]
    if any(len(box) != 5 for box in found):
        raise ValueError("a place is four numbers")
    return torch.tensor(found, dtype=torch.float32).reshape(-1, 5)


def _mask_of(answer: dict[str, Any], numbers: dict[str, int], side: int) -> Pixels:
    """(s, s) with the numbers of the labels."""
    meaning = np.full(256, IGNORED, dtype=np.uint8)
    for level, name in enumerate(answer["classes"]):
        meaning[level] = numbers.get(name, IGNORED)
    picture = decode(base64.b64decode(answer["png"], validate=True)).getchannel(0)
    return np.asarray(meaning[np.asarray(picture.resize((side, side), Image.Resampling.NEAREST))])
