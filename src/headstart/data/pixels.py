"""Images as batches for a base: decoded once into a file of squares, read many times.

Notation: n images, b images of a batch, s input side, S stored side (s over the crop fraction).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..cache import key_of
from ..errors import DataError
from ..types import IntArray, Preprocess, Source
from .augment import policy
from .images import decode
from .items import digest
from .parallel import each

if TYPE_CHECKING:
    from ..cache import Cache

    Pixels = NDArray[np.uint8]

DECODER = 1
"""Raised whenever the stored pixels of some image change, so that old cache entries are not read."""
_LONGEST = 8
"""Sides beyond this ratio are cut before the resize."""


class PixelStore:
    """n images as a base of this preprocessing takes them."""

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: Preprocess,
        cache: Cache,
        digests: Sequence[str] | None = None,
    ) -> None:
        """Decodes what is not in the cache yet, in threads.

        Args:
            sources: Files, or bytes of files.
            preprocess: How a base takes images.
            cache: Where the squares are kept.
            digests: SHA-256 of each source, where they are known already.

        Raises:
            DataError: a source does not decode.
        """
        self.preprocess = preprocess
        self._sources = tuple(sources)
        self._cache = cache
        self._digests = tuple(digests) if digests is not None else tuple(each(digest, self._sources))
        side = stored_side(preprocess)
        shape = (len(self._sources), side, side, 3)
        self._pixels: Pixels = cache.array(self._key(), shape, "uint8", self._fill)

    def __len__(self) -> int:
        return len(self._sources)

    def at(self, size: int) -> PixelStore:
        """The same images for another input side, decoded into a store of their own."""
        return PixelStore(self._sources, self.preprocess.at(size), self._cache, self._digests)

    def batch(self, indices: IntArray, view: torch.Generator | None = None) -> Tensor:
        """(b, 3, s, s) float32, normalised, channels last.

        Without `view` the middle of each image, as the base was evaluated. With it a random view of
        each, drawn from that generator alone: the same seed gives the same views, bit for bit.
        """
        pixels = self._middle(indices) if view is None else self._views(indices, view)
        mean, std = (
            torch.tensor(values).view(1, 3, 1, 1) for values in (self.preprocess.mean, self.preprocess.std)
        )
        batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float32)
        # One multiplication and one addition, in place: this is as much work as the crop itself.
        return batch.mul_(1 / (255 * std)).sub_(mean / std)

    def thumbnails(self, indices: IntArray, side: int = 16) -> NDArray[np.float32]:
        """(b, side, side, 3) small pictures, 0..1."""
        small = np.empty((len(indices), side, side, 3), dtype=np.float32)
        for row, index in enumerate(indices):
            picture = Image.fromarray(np.asarray(self._pixels[index]))
            small[row] = np.asarray(picture.resize((side, side), Image.Resampling.BOX))
        return small / np.float32(255)

    def grey(self, indices: IntArray, side: int = 16) -> NDArray[np.float32]:
        """(b, side * side) small grey pictures, 0..1: what near-duplicates are confirmed with."""
        return np.asarray(self.thumbnails(indices, side).mean(-1).reshape(len(indices), side * side))

    def _key(self) -> str:
        preprocess = astuple(self.preprocess)
        size, *_, interpolation, crop_fraction, crop_mode = preprocess
        # Mean and standard deviation do not change the pixels: bases that differ in them share these.
        return key_of(
            kind="pixels",
            decoder=DECODER,
            preprocess=[size, interpolation, crop_fraction, crop_mode],
            digests=self._digests,
        )

    def _fill(self, pixels: NDArray[Any]) -> None:
        def store(index: int) -> None:
            pixels[index] = square(self._sources[index], self.preprocess)

        each(store, range(len(self._sources)))

    def _middle(self, indices: IntArray) -> Pixels:
        size, side = self.preprocess.size, stored_side(self.preprocess)
        start = _margin(side, size)
        pixels = np.empty((len(indices), size, size, 3), dtype=np.uint8)
        for row, index in enumerate(indices):
            pixels[row] = self._pixels[index, start : start + size, start : start + size]
        return pixels

    def _views(self, indices: IntArray, generator: torch.Generator) -> Pixels:
        size = self.preprocess.size
        # A seed of its own for each: no view depends on what another one needed.
        seeds = torch.randint(2**62, (len(indices),), generator=generator).tolist()
        red, green, blue = (round(255 * value) for value in self.preprocess.mean)
        view = policy(size, (red, green, blue))
        pixels = np.empty((len(indices), size, size, 3), dtype=np.uint8)
        with torch.random.fork_rng(devices=[]):
            for row, index in enumerate(indices):
                torch.manual_seed(seeds[row])
                pixels[row] = np.asarray(view(Image.fromarray(np.asarray(self._pixels[index]))))
        return pixels


def stored_side(preprocess: Preprocess) -> int:
    """Side of the stored square: what the base's evaluation resizes the short side to."""
    return max(preprocess.size, round(preprocess.size / preprocess.crop_fraction))


def square(source: Source, preprocess: Preprocess) -> Pixels:
    """(S, S, 3) an image resized and cut to its stored square.

    The middle s x s pixels of it are exactly those of "resize the short side to S, crop the middle".

    Raises:
        DataError: the source does not decode.
    """
    side = stored_side(preprocess)
    try:
        image = decode(source, at_least=side)
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
