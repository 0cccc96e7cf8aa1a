"""What tasks share whose answers are places in a picture: boxes, or a class for every pixel.

Every picture is squeezed whole into the square that the base takes, so that places stay fractions of it.

Notation: n pictures, s input side in pixels, d numbers of all feature maps of a picture, k classes.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ...data.images.decode import looks_like_image
from ...data.layouts import existing_folder, heap
from ...data.links import FOLLOW_LINKS
from ...data.reading import PLAIN, Reading
from ...heads import head_for
from ...options import Option
from ...types import NO_MAPS, Architecture, FloatArray, ImagePreprocess, IntArray, Maps, Source
from ..modalities.pictures import OPTIONS
from ..scores.base import Score
from .head_labels import labels_of_head

if TYPE_CHECKING:
    from ...bench import Bench
    from ...data.listing import Listing
    from ...heads.base import Head
    from ...types import Splits


class OfScenes:
    """A part of `tasks/base.py: Task`."""

    modality = "image"
    score: Score
    measures: tuple[Score, ...]
    uneven: str | None = None
    open_ended = True
    trained_head = True
    references = ("scratch",)
    strategies = ("frozen", "finetune")
    together = 1
    columns: tuple[str, ...] = ()
    options: tuple[Option[Any], ...] = (*OPTIONS, FOLLOW_LINKS)
    name: str
    """Of its file."""
    head_architecture: Architecture
    """Its head; a task's own is small and quick, and some bases bring another."""
    side: int
    """Of the input, pixels, whatever the base was trained with: things in a picture are small."""

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Every image of a folder."""
        return heap(existing_folder(data), looks_like_image)

    def fitted(self, preprocess: ImagePreprocess, sources: Sequence[Source]) -> ImagePreprocess:
        """The whole picture in the task's own square."""
        return replace(preprocess, size=self.side, crop_mode="squash", crop_fraction=1.0)

    def with_head(self, architecture: Architecture) -> Self:
        """The same with another head.

        Raises:
            UnknownName: there is none of that name.
            SettingsError: it is for another task, or comes with a base only.
        """
        head_for(self.name, architecture.name, architecture.args)
        other = copy.copy(self)
        other.head_architecture = architecture
        return other

    def head(self, width: int, labels: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, d) flattened feature maps to what `loss` takes."""
        return self._head.build(maps, labels, self.head_architecture.args)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) as the head says."""
        return self._head.loss(outputs, targets)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess) -> NDArray[Any]:
        """(n,) texts: boxes with scores, or masks of the input's size."""
        return np.array(self._head.answers(model(inputs), labels_of_head(model)), dtype=object)

    @property
    def _head(self) -> Head:
        return head_for(self.name, self.head_architecture.name, self.head_architecture.args)

    def thumbnails(self, inputs: Any, indices: IntArray) -> FloatArray:
        """(n, 256) small grey pictures, which tell copies from things of the same kind."""
        return np.asarray(inputs.grey(indices), dtype=np.float64)

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """Nothing beside the answers."""
        return {}
