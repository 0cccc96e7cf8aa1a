"""What tasks share whose answers are places in a picture: boxes, or a class for every pixel.

Every picture is squeezed whole into the square that the base takes, so that places stay fractions of it.

Notation: n pictures, s input side in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.asked import Asked, files_asked
from ..data.images import examine, looks_like_image
from ..data.layouts import existing_folder, heap
from ..data.reading import PLAIN, Reading
from ..data.shown import data_uri
from ..types import FloatArray, ImagePreprocess, IntArray, Source

if TYPE_CHECKING:
    from ..data.listing import Listing
    from ..types import Splits
    from ._bench import Bench


class OfScenes:
    """A part of `tasks/base.py: Task`."""

    modality = "image"
    higher_is_better = True
    open_ended = True
    trained_head = True
    references = ("scratch",)
    strategies = ("frozen", "finetune")
    together = 1
    columns: tuple[str, ...] = ()
    side: int
    """Of the input, pixels, whatever the base was trained with: things in a picture are small."""

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Every image of a folder."""
        return heap(existing_folder(data), looks_like_image)

    def asked(self, inputs: Sequence[str | Path], reading: Reading = PLAIN) -> Asked:
        """Files, and folders of files."""
        return files_asked(inputs, reading)

    def examine(self, source: Source) -> str | None:
        """None when the image decodes fully, else the reason why not."""
        return examine(source)

    def fitted(self, preprocess: ImagePreprocess, sources: Sequence[Source]) -> ImagePreprocess:
        """The whole picture in the task's own square."""
        return replace(preprocess, size=self.side, crop_mode="squash", crop_fraction=1.0)

    def thumbnails(self, inputs: Any, indices: IntArray) -> FloatArray:
        """(n, 256) small grey pictures, which tell copies from things of the same kind."""
        return np.asarray(inputs.grey(indices), dtype=np.float64)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """A small picture."""
        return {"picture": data_uri(source, side)}

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """Nothing beside the answers."""
        return {}
