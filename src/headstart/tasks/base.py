"""The contract of a task: everything that differs between classifying images and, say, translating.

Notation: n examples, k classes (or whatever width the head has), d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..data.reading import PLAIN, Reading
from ..options import Option
from ..types import NO_MAPS, Architecture, FloatArray, IntArray, Maps, Preprocess, Source, Splits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from ..bench import Bench
    from ..cache import Cache
    from ..data.asked import Asked
    from ..data.layouts import Listing
    from .baselines.base import Dull
    from .scores.base import Score


class Inputs(Protocol):
    """Examples as a network takes them. Decoded once, read many times, by several threads at once."""

    augments: bool
    """Is a view anything else than the example as it is?

    Where a task's head is trained, inputs also have `answers(indices, view)`: a tensor of what is right for
    what `encoded(indices, view)` gives.
    """
    preparation: nn.Module
    """Encoded examples (as a tensor) to the network's inputs."""

    def encoded(self, indices: IntArray, view: int | None = None) -> NDArray[Any]:
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


class Task(Protocol):
    """One file of `tasks/`."""

    modality: str
    """Which bases fit: `image`, `text`, …"""
    score: Score
    """The metric that everything goes by."""
    measures: tuple[Score, ...]
    """Those that may be chosen, the usual one first."""
    uneven: str | None
    """Name of the one that is usual where classes are very uneven; None: the same."""
    open_ended: bool
    """Has every example an answer of its own? Then there are no classes, and no head to solve."""
    trained_head: bool
    """Is its head trained by steps, on what its inputs say is right? Else it is solved, or there is none."""
    head_architecture: Architecture | None
    """Which head of `heads/` it has; None where it has one output layer.

    A task with a choice also has a `name`, that of its file, and `with_head(architecture)`: a copy of it.
    """
    finest: int | None
    """Its head reads feature maps down to this stride, in pixels; None where it reads a row of features."""
    references: tuple[str, ...]
    """Arms without transfer, of which the better one on validation is what transfer is compared with."""
    baselines: tuple[str, ...]
    """The dull baselines by their standard names."""
    strategies: tuple[str, ...]
    """Those that are compared where none is named."""
    together: int
    """Batches of inputs to predict that are sorted by length together; 1 where all have one."""
    columns: tuple[str, ...]
    """What we call the columns of a table that it reads: users may map them to their own names."""

    options: tuple[Option[Any], ...]
    """What may be set for it: how its data are read."""

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """Does the layout of this folder, file or DataFrame look like this task's?"""
        ...

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Rows of a folder, file or DataFrame, and what was left out; no example is opened yet.

        Raises DataError when the layout is not this task's.
        """
        ...

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Rows of a folder's files without their labels: what self-taught learning takes."""
        ...

    def asked(self, inputs: Sequence[Any], reading: Reading = PLAIN) -> Asked:
        """What a person names to have it predicted, one input after another.

        Raises DataError when something that is named does not exist.
        """
        ...

    def examine(self, source: Source) -> str | None:
        """Open one source fully: None when it can be used, else the reason why not."""
        ...

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: Preprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        **answers: Any,
    ) -> Inputs:
        """The sources as a base of this preprocessing takes them.

        What was decoded is kept in the cache, if there is one; `digests` spares it reading the sources.
        An open-ended task is also given `answers`, where they are known: networks train on them; and the
        `labels` that those are made of, where it has some.
        """
        ...

    def fitted(self, preprocess: Any, sources: Sequence[Source]) -> Any:
        """A base's preprocessing for examples like these: texts decide how many tokens are looked at."""
        ...

    def dull(self, name: str, bench: Bench, train: IntArray) -> Dull:
        """A dull baseline, fitted on these rows."""
        ...

    def thumbnails(self, inputs: Inputs, indices: IntArray) -> FloatArray | None:
        """(n, t) small impressions that tell a copy from another thing of the same kind, if there are any."""
        ...

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """What a report shows of an example: `{"picture": …}`, a data URI of that side, or `{"text": …}`."""
        ...

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """What a report shows of an example of an open-ended task, beside its score.

        `text`, `label` and `predicted`; or `picture` and `predicted_picture`, data URIs of that side. A class
        has the same colour wherever the same `labels` are given.
        """
        ...

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """What a report shows of this kind of data and of no other, as plain JSON; read from training rows.

        A report knows `words` (telling words of each class), `lengths` (of the examples) and `signatures`
        (how a metric was computed, by name); nothing where a task has none of them.
        """
        ...

    def head(self, width: int, labels: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """A new output layer: (n, d) -> (n, k), or whatever its loss takes.

        `maps` are the feature maps that make up a row of features, where they are maps.
        """
        ...

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Any) -> Any:
        """What a whole model (backbone and head, in eval mode) answers to inputs; an array of n.

        Of classes the outputs (n, k); of an open-ended task what is compared with `Examples.answers`.
        """
        ...

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) loss of each example; the loop reduces it. Of a trained head, `targets` are its answers."""
        ...

    def metrics(self, outputs: FloatArray, targets: IntArray) -> dict[str, float]:
        """The usual metric first, others beside it."""
        ...

    def decode(
        self, outputs: FloatArray, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """What `predict` prints for each example, e.g. `{"label": …, "probability": …}`.

        With `sources`, places in a picture are told in its own pixels.

        A task whose answers have the size of a picture also has `whole(model, inputs, preprocess, sources)`:
        what `answers` gives, but of each source's own size; `predict` decodes that. A task whose answers can
        be drawn also has `draw(source, decoded, labels)`: pictures by name, of the source's own size.
        `picture` is for people; a name that `decoded` has too stands for that part of it.
        """
        ...
