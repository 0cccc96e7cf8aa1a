"""Pictures: how their numbers become colours, and the squares that bases take.

Notation: n pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from ...data.asked import Asked, files_asked
from ...data.images import exposures
from ...data.images.decode import examine, size_of
from ...data.images.shown import data_uri
from ...data.images.store import PixelStore
from ...data.reading import Reading
from ...data.sent import Sending
from ...errors import DataError
from ...exposure import AS_STORED, Exposure
from ...options import Given, Option
from ...preprocessing.base import Preprocess
from ...preprocessing.image import ImagePreprocess
from ...types import Examples, Finding, IntArray, Source
from .base import Modality

if TYPE_CHECKING:
    from ...cache import Cache

MOST_SENT = 40_000_000
"""Pixels of a picture that a stranger sent: more than most cameras make."""
OPTIONS: tuple[Option[object], ...] = (exposures.WINDOW, exposures.BANDS)


@dataclass(frozen=True)
class Pictures(Modality):
    """The modality of `tasks/modalities/base.py` for pictures."""

    name = "image"
    unseen = "{} new picture", "{} new pictures"
    timed = True
    exposure: Exposure = AS_STORED
    """How they are shown; `shown_as` gives the same with another one."""
    bundled: bool = False
    """Is it that of a bundle, whose exposure is given?"""
    options: tuple[Option[object], ...] = OPTIONS
    sent = Sending("picture")

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """Files, and folders of files."""
        return files_asked(inputs, reading)

    def examine(self, source: Source) -> str | None:
        """None when the image decodes fully, else the reason why not."""
        reason = examine(source, self.exposure)
        return exposures.unseen(source, self.exposure) if reason is None and self.bundled else reason

    def excess(self, content: bytes) -> str | None:
        """That it has too many pixels, or a header that says none."""
        try:
            width, height = size_of(content)
        except DataError as error:
            return error.message
        except Exception:  # a decoder meets arbitrary bytes, and raises whatever they lead to
            return "truncated or damaged"
        return f"{width} x {height} pixels, more than {MOST_SENT}" if width * height > MOST_SENT else None

    def exposed(
        self, names: Sequence[str], sources: Sequence[Source], train: IntArray, options: Given
    ) -> tuple[Exposure, list[Finding]]:
        """How all pictures of a set are shown, measured on training rows, and findings about that."""
        return exposures.exposed(names, sources, train, options)

    def store(
        self,
        sources: Sequence[Source],
        preprocess: ImagePreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> PixelStore:
        """The images as a base of this preprocessing takes them."""
        return PixelStore(sources, preprocess, cache, digests)

    def suited(self, preprocess: ImagePreprocess, examples: Examples, rows: Sequence[int]) -> ImagePreprocess:
        """Any image fits any input, shown as the others are."""
        return replace(preprocess, exposure=examples.exposure)

    def impressions(self, inputs: PixelStore, indices: IntArray) -> NDArray[np.float32]:
        """(n, 256) small grey pictures, which tell copies from things of the same kind."""
        return inputs.grey(indices)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """A small picture."""
        return {"picture": data_uri(source, side, self.exposure)}

    def charted(self, source: Source) -> dict[str, object]:
        """Its own width and height, in which places in it are told."""
        return dict(zip(("width", "height"), size_of(source), strict=True))

    def shown_as(self, preprocess: Preprocess) -> Self:
        """The same for pictures shown as this preprocessing does; that of another modality says nothing."""
        if not isinstance(preprocess, ImagePreprocess):
            return self
        return replace(self, exposure=preprocess.exposure)

    def shipped(self, preprocess: Preprocess) -> Self:
        """The exposure was found when the bundle was made."""
        return replace(self.shown_as(preprocess), bundled=True, options=())
