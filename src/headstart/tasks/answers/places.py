"""What answers share that are places in a picture: boxes, or a class for every pixel.

Every picture is squeezed whole into the square that the base takes, so that places stay fractions of it.

Notation: n pictures, s input side in pixels, d numbers of all feature maps of a picture, k classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ... import registry
from ...bases.networks.maps import mapped
from ...data.checks import unlearned
from ...data.scenes.shown_masks import named_colours
from ...heads import head_for
from ...preprocessing.image import ImagePreprocess
from ...targets import Targets, of_one_kind
from ...types import NO_MAPS, Architecture, Finding, IntArray, Maps, Source
from .base import Answer, Correction, Judged
from .head_labels import labels_of_head
from .named import learned

if TYPE_CHECKING:
    from PIL import Image

    from ...bases.base import Base
    from ...cache import Cache
    from ...heads.base import Head
    from ...types import Examples
    from ..modalities.base import Inputs, Modality


class Kind(Protocol):
    """Boxes, or masks: what differs between them. Its methods are those of `Answer`."""

    task: str
    """As heads name it."""
    side: int
    """Of the input, pixels, whatever the base was trained with: things in a picture are small."""
    finest: int
    """Stride of the finest feature map, pixels."""
    stored: Any
    """Of `data/scenes/store.py`: pictures, and what is right for a view of each."""

    def names(self, answers: Sequence[str]) -> tuple[str, ...]:
        """Those in some answers, each once, sorted."""
        ...

    def certain(self, right: NDArray[np.object_]) -> NDArray[np.object_]: ...

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess, sources: Sequence[Source]
    ) -> NDArray[np.object_] | None:
        """None where answers have no size."""
        ...

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]: ...

    def draw(
        self, modality: Modality, source: Source, decoded: dict[str, object], categories: Sequence[str]
    ) -> dict[str, Image.Image]: ...

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, Any]: ...

    @property
    def correction(self) -> Correction | None: ...

    def cell(self, right: object, categories: Sequence[str]) -> str: ...


@dataclass(frozen=True)
class Places(Answer):
    """The answer of `tasks/answers/base.py` for pictures with places in them."""

    kind: Kind
    head_architecture: Architecture
    """Its head; a task's own is small and quick, and some bases bring another."""
    headed = "trained"
    moves = True
    drawable = True

    def targets(self, labels: Sequence[str]) -> Targets:
        """Places as texts."""
        return of_one_kind(labels)

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """The names that these rows have."""
        return learned(targets, rows, self.kind.names)

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Names that no training picture has."""
        return unlearned(targets, sides, self.kind.names)

    def store(
        self, modality: Modality, examples: Examples, preprocess: ImagePreprocess, cache: Cache | None
    ) -> Inputs:
        """The pictures as a base takes them, and what is right in them."""
        known = examples.answers.tolist(), examples.categories
        inputs: Inputs = self.kind.stored(examples.sources, preprocess, cache, examples.digests, *known)
        return inputs

    def framed(self, preprocess: ImagePreprocess) -> ImagePreprocess:
        """The whole picture in the answer's own square."""
        return replace(preprocess, size=self.kind.side, crop_mode="squash", crop_fraction=1.0)

    def read_by(self, base: Base) -> Base:
        """As a network that gives its feature maps."""
        return mapped(base, self.kind.finest)

    def with_head(self, architecture: Architecture) -> Self:
        """The same with another head.

        Raises:
            UnknownName: there is none of that name.
            SettingsError: it is for another task, or comes with a base only.
        """
        head_for(self.kind.task, architecture.name, architecture.args)
        return replace(self, head_architecture=architecture)

    def takes(self, architecture: Architecture) -> bool:
        """Is it one for this task?"""
        known = architecture.family == "heads"
        return known and bool(registry.get("heads", architecture.name).task == self.kind.task)

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, d) flattened feature maps to what `loss` takes."""
        return self._head.build(maps, categories, self.head_architecture.args)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) as the head says."""
        return self._head.loss(outputs, targets)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess) -> NDArray[np.object_]:
        """(n,) texts: boxes with scores, or masks of the input's size."""
        return np.array(self._head.answers(model(inputs), labels_of_head(model)), dtype=object)

    def certain(self, right: NDArray[np.object_]) -> NDArray[np.object_]:
        """(n,) right answers as a model would say them that is sure of them."""
        return self.kind.certain(right)

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: ImagePreprocess, sources: Sequence[Source]
    ) -> NDArray[np.object_]:
        """What `answers` gives, but of each picture's own size."""
        found = self.kind.whole(model, inputs, preprocess, sources)
        return self.answers(model, inputs, preprocess) if found is None else found

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """Places in the pictures' own pixels."""
        return self.kind.decode(outputs, categories, sources)

    def colours(self, categories: Sequence[str]) -> dict[str, str]:
        """Those that pictures of answers have."""
        return named_colours(categories)

    def draw(
        self, modality: Modality, source: Source, decoded: dict[str, object], categories: Sequence[str]
    ) -> dict[str, Image.Image]:
        """The picture with what was found in it."""
        return self.kind.draw(modality, source, decoded, categories)

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, Any]:
        """The picture, with what is right and what was found."""
        return self.kind.compared(modality, judged, side)

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """What a person says is there.

        Raises:
            DataError: nothing like that can be there.
        """
        return self.kind.cell(right, categories)

    @property
    def correction(self) -> Correction | None:  # type: ignore[override]
        """How a person says it."""
        return self.kind.correction

    @property
    def finest(self) -> int:  # type: ignore[override]
        """Stride of the finest feature map that the head reads, pixels."""
        return self.kind.finest

    @property
    def _head(self) -> Head:
        return head_for(self.kind.task, self.head_architecture.name, self.head_architecture.args)
