"""What an example is, whatever is asked about it: opened, shown, and made into what a network takes.

Notation: n examples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ...data.sent import Sending
from ...exposure import AS_STORED, Exposure
from ...options import Given, Option
from ...preprocessing.base import Preprocess
from ...types import Examples, Finding, IntArray, Source

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ...cache import Array, Cache
    from ...data.asked import Asked
    from ...data.reading import Reading


class Inputs(Protocol):
    """Examples as a network takes them. Decoded once, read many times, by several threads at once."""

    augments: bool
    """Is a view anything else than the example as it is?

    Where what is right moves with a view, inputs also have `answers(indices, view)`: a tensor of what is
    right for what `encoded(indices, view)` gives.
    """

    @property
    def preparation(self) -> nn.Module:
        """Encoded examples (as a tensor) to the network's inputs."""
        ...

    def encoded(self, indices: IntArray, view: int | None = None) -> Array:
        """These examples in few bytes; `view` is the seed of a random augmentation of each.

        A view depends on its seed and the example alone, not on the others of the batch.
        """
        ...

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """The network's inputs: what `encoded` gives, prepared."""
        ...

    def ordered(self, indices: IntArray) -> IntArray:
        """The order in which they are computed fastest."""
        ...

    def distorted(self) -> Inputs:
        """The same examples under stronger views, as self-taught learning compares them."""
        ...


class Modality:
    """Of a task's parts the one that knows what an example is; a modality answers what it does otherwise."""

    name: str
    """Which bases fit: `image`, `text`, …"""
    unseen = "{} new example", "{} new examples"
    """What a model is tested on, as people call it: of one of them, and of several."""
    together = 1
    """Batches of inputs to predict that are sorted by length together; 1 where all have one."""
    options: tuple[Option[object], ...] = ()
    """What may be set for how examples are opened."""
    exposure: Exposure = AS_STORED
    """How numbers of pictures become colours."""
    sent: Sending = Sending("file")
    """How examples are sent by somebody who has no files here."""
    timed = False
    """Is it measured how fast a bundle answers examples one by one?"""

    def seconds(self, sources: Sequence[Source]) -> list[float]:
        """(n,) how long each of n sources goes on; empty where they do not."""
        return []

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """What a person names to have it predicted, one input after another.

        Args:
            inputs: paths, and whatever an example may be in memory.
            reading: what tables call their columns.
            columns: what we call those of the task's tables; the first holds the example itself.

        Raises:
            DataError: something that is named does not exist.
        """
        raise NotImplementedError

    def examine(self, source: Source) -> str | None:
        """Open one source fully: None when it can be used, else the reason why not."""
        raise NotImplementedError

    def excess(self, content: bytes) -> str | None:
        """Why an example that a stranger sent is too large to be opened; None where its header says less."""
        return None

    def exposed(
        self, names: Sequence[str], sources: Sequence[Source], train: IntArray, options: Given
    ) -> tuple[Exposure, list[Finding]]:
        """How all examples of a set are shown, learned from training rows, and findings about that."""
        return AS_STORED, []

    @property
    def folded(self) -> Callable[[Source], str] | None:
        """A digest that is equal for sources that say the same in other bytes, where there is one."""
        return None

    def remarks(self, sources: Sequence[Source]) -> list[Finding]:
        """Findings about how the sources are written."""
        return []

    def store(
        self,
        sources: Sequence[Source],
        preprocess: Any,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> Inputs:
        """The sources as a base of this preprocessing takes them.

        What was decoded is kept in the cache, if there is one; `digests` spares it reading the sources.
        `answers` are what is right, where it is known and answers are examples themselves.
        """
        raise NotImplementedError

    def suited(self, preprocess: Any, examples: Examples, rows: Sequence[int]) -> Any:
        """A base's preprocessing for examples like those of the rows."""
        raise NotImplementedError

    def impressions(self, inputs: Any, indices: IntArray) -> NDArray[np.floating] | None:
        """(n, t) small impressions that tell a copy from another thing of the same kind, if there are any."""
        return None

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """What a report shows of an example: `{"picture": …}`, a data URI of that side, or `{"text": …}`.

        Beside a picture there may be `"sound"`, a data URI to listen to.
        """
        raise NotImplementedError

    def charted(self, source: Source) -> dict[str, object]:
        """What a page draws beside an answer in the example's own numbers, as plain JSON.

        A page knows `values`, the last ones, None for a gap, and their `stamps`; and a picture's `width` and
        `height`.
        """
        return {}

    def evidence(
        self, examples: Examples, train: IntArray, pool: IntArray, preprocess: Any
    ) -> dict[str, object]:
        """What a report shows of such examples and of no others, as plain JSON.

        A report knows `words` (telling words of each category) and `lengths` (of the examples).

        Args:
            examples: all of them.
            train: rows that models learn from.
            pool: rows of training and validation.
            preprocess: of the base.
        """
        return {}

    def kept(self, preprocess: Any, examples: Examples) -> Any:
        """A preprocessing with what a bundle keeps of all examples to look up; nothing learns any more."""
        return preprocess

    def shown_as(self, preprocess: Preprocess) -> Self:
        """The same that shows examples as this preprocessing does."""
        return self

    def shipped(self, preprocess: Preprocess) -> Self:
        """That of a bundle: what was found when it was made cannot be set again."""
        return self.shown_as(preprocess)
