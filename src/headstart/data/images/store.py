"""Images as batches for a base: each is decoded once, when it is first asked for, and read many times.

Notation: n images, b images of a batch, s input side, S stored side (s over the crop fraction).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ...cache import key_of
from ...errors import DataError
from ...parallel import each
from ...preprocessing.image import ImagePreprocess
from ...types import IntArray, Source
from ..items import digest
from .decode import decode
from .views import View, distortion, policy

if TYPE_CHECKING:
    from ...cache import Cache, Rows

Pixels = NDArray[np.uint8]

DECODER = 1
"""Raised whenever the stored pixels of some image change, so that old cache entries are not read."""
_LONGEST = 8
"""Sides beyond this ratio are cut before the resize."""

_GREY = 4096
"""Small pictures that are in colour at a time."""


class Normalise(nn.Module):
    """Pixels as they are encoded, (b, s, s, 3) uint8, to what a base takes, (b, 3, s, s) float32."""

    scale: Tensor
    shift: Tensor

    def __init__(self, preprocess: ImagePreprocess) -> None:
        super().__init__()
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preprocess.mean, preprocess.std))
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("shift", mean / std)

    def forward(self, pixels: Tensor) -> Tensor:
        # one multiplication and one addition: this is as much work as the crop itself
        return pixels.permute(0, 3, 1, 2).to(torch.float32) * self.scale - self.shift


class PixelStore:
    """n images as a base of this preprocessing takes them. Threads may read at once."""

    augments = True

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: ImagePreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
    ) -> None:
        """Decodes nothing yet.

        Args:
            sources: Files, or bytes of files.
            preprocess: How a base takes images.
            cache: Where the squares are kept; without one, or where they do not fit, images are decoded
                each time.
            digests: SHA-256 of each source, where they are known already.
        """
        self.preprocess = preprocess
        self.preparation = Normalise(preprocess)
        self._sources = tuple(sources)
        self._view: View = policy(preprocess.size, outside(preprocess))
        self._stored = None if cache is None else self._store(cache, digests)

    def __len__(self) -> int:
        return len(self._sources)

    def encoded(self, indices: IntArray, view: int | None = None) -> Pixels:
        """(b, s, s, 3) the images before normalisation.

        Without `view` the middle of each image, as the base was evaluated. With it a random view of
        each, which depends on that seed and the image's own number alone.

        Raises:
            DataError: a source does not decode any more.
        """
        squares = self._squares(indices)
        size = self.preprocess.size
        if view is None:
            start = _margin(squares.shape[1], size)
            return np.ascontiguousarray(squares[:, start : start + size, start : start + size])
        pixels = np.empty((len(indices), size, size, 3), dtype=np.uint8)
        for row, index in enumerate(indices.tolist()):
            drawn = self._view(Image.fromarray(squares[row]), np.random.default_rng([view, index]))
            pixels[row] = np.asarray(drawn)
        return pixels

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, 3, s, s) float32, normalised, channels last: what `encoded` gives, prepared."""
        prepared: Tensor = self.preparation(torch.from_numpy(self.encoded(indices, view)))
        return prepared

    def ordered(self, indices: IntArray) -> IntArray:
        """As they come: squares of one side all cost the same."""
        return indices

    def distorted(self) -> PixelStore:
        """The same images, their views distorted strongly."""
        other = copy.copy(self)
        other._view = distortion(self.preprocess.size)
        return other

    def thumbnails(self, indices: IntArray, side: int = 16) -> NDArray[np.float32]:
        """(b, side, side, 3) small pictures, 0..1."""
        box = Image.Resampling.BOX

        def small(index: int) -> Pixels:
            picture = Image.fromarray(self._squares(np.array([index]))[0])
            return np.asarray(picture.resize((side, side), box))

        found = np.asarray(each(small, indices.tolist()), dtype=np.float32)
        return found.reshape(len(indices), side, side, 3) / np.float32(255)

    def grey(self, indices: IntArray, side: int = 16) -> NDArray[np.float32]:
        """(b, side * side) small grey pictures, 0..1: what near-duplicates are confirmed with."""
        grey = np.empty((len(indices), side * side), np.float32)
        for start in range(0, len(indices), _GREY):
            some = self.thumbnails(indices[start : start + _GREY], side)
            grey[start : start + _GREY] = some.mean(-1).reshape(len(some), side * side)
        return grey

    def _squares(self, indices: IntArray) -> Pixels:
        """(b, S, S, 3) from the store; what is not in it yet is decoded and put there."""
        side = stored_side(self.preprocess)
        if self._stored is None:
            squares = [square(self._sources[index], self.preprocess) for index in indices.tolist()]
            return np.asarray(squares, dtype=np.uint8).reshape(-1, side, side, 3)
        for index in self._stored.missing(np.unique(indices)):
            self._stored.write(np.array([index]), square(self._sources[index], self.preprocess)[None])
        return self._stored.read(indices).astype(np.uint8, copy=False)

    def _store(self, cache: Cache, digests: Sequence[str] | None) -> Rows | None:
        side = stored_side(self.preprocess)
        # mean and standard deviation do not change the pixels: bases that differ in them share these
        how = replace(self.preprocess, mean=(0, 0, 0), std=(1, 1, 1))
        known = each(digest, self._sources) if digests is None else list(digests)
        key = key_of(kind="pixels", decoder=DECODER, preprocess=how.identity, digests=known)
        return cache.here.rows(key, (len(self._sources), side, side, 3), "uint8")


def outside(preprocess: ImagePreprocess) -> tuple[int, int, int]:
    """The colour that becomes 0: what a view shows of the outside of a picture."""
    red, green, blue = (round(255 * value) for value in preprocess.mean)
    return red, green, blue


def stored_side(preprocess: ImagePreprocess) -> int:
    """Side of the stored square: what the base's evaluation resizes the short side to."""
    return max(preprocess.size, round(preprocess.size / preprocess.crop_fraction))


def square(source: Source, preprocess: ImagePreprocess) -> Pixels:
    """(S, S, 3) an image resized and cut to its stored square.

    The middle s x s pixels of it are exactly those of "resize the short side to S, crop the middle".

    Raises:
        DataError: the source does not decode.
    """
    side = stored_side(preprocess)
    try:
        image = decode(source, side, preprocess.exposure)
    except DataError as error:
        name = "image" if isinstance(source, bytes) else source.name
        raise DataError(f"{name}: {error.message}", error.hint) from error
    method = Image.Resampling[preprocess.interpolation.upper()]
    if preprocess.crop_mode == "squash":
        return np.asarray(image.resize((side, side), method))
    image = _without_ends(image)
    width, height = (int(side * length / min(image.size)) for length in image.size)
    # Not the middle of the resized image but what has the same middle: rounding can differ by a pixel.
    left, top = (
        _margin(length, preprocess.size) - _margin(side, preprocess.size) for length in (width, height)
    )
    return np.asarray(image.resize((width, height), method).crop((left, top, left + side, top + side)))


def _without_ends(image: Image.Image) -> Image.Image:
    """The middle of a very long image: enlarged whole, it would not fit into memory."""
    longest = _LONGEST * min(image.size)
    left, top = (max(0, (length - longest) // 2) for length in image.size)
    box = (left, top, left + min(image.width, longest), top + min(image.height, longest))
    return image if box[2:] == image.size else image.crop(box)


def _margin(side: int, size: int) -> int:
    """Where the middle `size` pixels of `side` begin."""
    return round((side - size) / 2)
