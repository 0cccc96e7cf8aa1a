"""What is asked about an example, whatever the example is: read, learned, said, shown.

Notation: n examples, k categories, d feature width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from ...data.label_names import Spoken
from ...errors import DataError, SettingsError
from ...targets import Targets
from ...types import NO_MAPS, Architecture, Finding, FloatArray, IntArray, Maps, Source
from ..solvers.base import LinearHead, as_state

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image
    from torch import Tensor, nn

    from ...bases.base import Base
    from ...cache import Array, Cache
    from ...types import Examples
    from ..modalities.base import Inputs, Modality
    from ..solvers.base import Solver


Correction = Literal["class", "classes", "number", "text", "boxes", "mask"]
"""One of the categories, some of them, a number, words, boxes around things, or a class for each pixel."""


LONGEST = 20_000
"""Characters of an answer that a person writes."""


def words_of(right: object) -> str:
    """What a person wrote, on one line.

    Raises:
        DataError: it is no text, an empty one, or a very long one.
    """
    told = " ".join(right.split()) if isinstance(right, str) else ""
    if not told or len(told) > LONGEST or "\0" in told:
        raise DataError("expected the right words", f"a text of 1 to {LONGEST} characters")
    return told


@dataclass(frozen=True)
class Judged:
    """One example, what is right for it, and what was given."""

    source: Source
    right: object
    given: object
    categories: tuple[str, ...] = ()
    """Those of the set: a class has the same colour wherever they are the same."""


class Answer:
    """Of a task's parts the one that knows what is right; an answer says what of it is otherwise."""

    classes = False
    """Has each example exactly one of a few classes? Then there are probabilities, and things to confuse."""
    probable = False
    """Have answers probabilities, so that `unsure` can be told?"""
    headed: Literal["solved", "trained", "none"]
    """Its head is solved on features, or trained by steps; or the base itself says the answer."""
    solver: Solver | None = None
    """What solves it."""
    probes = False
    """Where no head is solved: does `probed` say what frozen features should know?"""
    together = True
    """Have the outputs of all examples one shape, so that they can be looked at as a whole?"""
    one_pass: bool = True
    """Is it one pass of the network, so that a graph can give it? Else it is written word by word."""
    fewest: int | None = None
    """Epochs of a whole network at least, where an example has so many answers to learn from that few do."""
    moves = False
    """Does what is right move with a view of its example? Then the inputs say it for each."""
    head_architecture: Architecture | None = None
    """Which head of `heads/` it has; None where it has one output layer."""
    finest: int | None = None
    """Its head reads feature maps down to this stride, in pixels; None where it reads a row of features."""
    drawable = False
    """Can answers be drawn into the example?"""
    correction: Correction | None = None
    """How a person says what is right of one example; None where nobody says it in a few clicks."""
    spoken: Spoken | None = None
    """How answers are made of names whose spelling does not matter."""

    def targets(self, labels: Sequence[str]) -> Targets:
        """What is right for n examples, from their labels as a layout gives them."""
        raise NotImplementedError

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """With the categories that can be learned from these rows.

        Raises:
            DataError: there is none.
        """
        return targets

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Findings about what the rows of `train` do not teach, or hardly, of what the other sides have."""
        return []

    def doubts(self, sources: Sequence[Source], labels: Sequence[str]) -> list[Finding]:
        """Findings about answers that can hardly be those of their examples."""
        return []

    def known(self, labels: Sequence[str], categories: Sequence[str]) -> NDArray[Any]:
        """(n,) what is right for a model of these categories.

        Raises:
            DataError: a label is none that the model could know.
        """
        return self.targets(labels).right

    def remembered(self, examples: Examples, row: int) -> list[str]:
        """Digests of what a network that learned from an example may know by heart; most of them tell it."""
        return [examples.digests[row]]

    def widen(
        self, head: nn.Module, looks: Sequence[tuple[Any, IntArray]], right: NDArray[Any]
    ) -> dict[str, float]:
        """Make the intervals of a head hold as much as they say, in place; what was changed, if anything.

        Args:
            head: of the model that ships.
            looks: outputs of its like for examples that those have not learned from, and their rows.
            right: (n,) of all examples.
        """
        return {}

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n, …) what `loss` takes for each example; not asked where it moves with a view.

        What has to be learned of the answers for that is learned from the rows `train`.
        """
        raise NotImplementedError

    def certain(self, right: NDArray[Any]) -> NDArray[Any]:
        """(n,) right answers as a model would say them that is sure of them."""
        return right

    def store(self, modality: Modality, examples: Examples, preprocess: Any, cache: Cache | None) -> Inputs:
        """The examples as a base of this preprocessing takes them."""
        right = examples.answers.tolist() if self.headed == "none" else None
        return modality.store(examples.sources, preprocess, cache, examples.digests, right)

    def framed(self, preprocess: Any) -> Any:
        """A base's preprocessing that loses nothing of what the answer is about."""
        return preprocess

    def read_by(self, base: Base) -> Base:
        """The base as the head reads it."""
        return base

    def with_head(self, architecture: Architecture) -> Self:
        """The same with another head.

        Raises:
            UnknownName: there is none of that name.
            SettingsError: it is for another answer, or comes with a base only.
        """
        raise SettingsError(f"`{architecture.name}` is a head for places in pictures", "leave out --head")

    def takes(self, architecture: Architecture) -> bool:
        """Is this, which came with a base, a head for such answers?"""
        return False

    def probed(self, features: Array, rows: IntArray, right: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """What frozen features should know of r examples as wholes, to tell bases apart without a training.

        Args:
            features: (n, …) of all examples.
            rows: (r,) those that are looked at.
            right: (r,) what is right for them.

        Returns:
            (r, e) features of each as a whole, and (r, m) numbers that a regression should tell by them.
        """
        raise NotImplementedError

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """A new output layer: (n, d) -> (n, k), or whatever its loss takes.

        `maps` are the feature maps that make up a row of features, where they are maps.
        """
        raise NotImplementedError

    def begun(self, head: nn.Module, right: NDArray[Any]) -> None:
        """Tell a new head what the answers of training are like, (n,) of them."""

    def as_read(self, features: FloatArray) -> FloatArray:
        """(n, d) features as the weights of its head read them."""
        return features

    def as_state(self, head: nn.Module, solved: LinearHead) -> dict[str, Tensor]:
        """A solved head as the state of such a new one that was told of the same answers."""
        return as_state(solved)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) loss of each example; the loop reduces it."""
        raise NotImplementedError

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Any) -> NDArray[Any]:
        """What a whole model (backbone and head, in eval mode) answers to inputs; an array of n.

        Of a head that is solved the outputs (n, k); else what is compared with `Examples.answers`.
        """
        raise NotImplementedError

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: Any, sources: Sequence[Source]
    ) -> NDArray[Any]:
        """What `answers` gives, but of each source's own size, where answers have one."""
        return self.answers(model, inputs, preprocess)

    def decode(
        self, outputs: NDArray[Any], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """What `predict` prints for each example, e.g. `{"label": …, "probability": …}`.

        With `sources`, places in a picture are told in its own pixels.
        """
        raise NotImplementedError

    def unsure(self, outputs: NDArray[Any]) -> FloatArray:
        """(n,) how unsure answers are, from 0 to 1; only asked where they have probabilities."""
        raise NotImplementedError

    def draw(
        self, modality: Modality, source: Source, decoded: dict[str, object], categories: Sequence[str]
    ) -> dict[str, Image.Image]:
        """Pictures by name, of the source's own size; only asked where answers can be drawn.

        `picture` is for people; a name that `decoded` has too stands for that part of it.
        """
        raise NotImplementedError

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """What a person says is right of one example, as the cell of a table that `run` reads.

        Of boxes it is the JSON that stands as `objects` in a `metadata.jsonl`.

        Raises:
            DataError: it is nothing that could be right.
        """
        raise SettingsError("such answers are not corrected one by one", "correct the data themselves")

    def colours(self, categories: Sequence[str]) -> dict[str, str]:
        """The colour of each category, as `#rrggbb`, where answers have colours."""
        return {}

    def as_text(self, answer: object) -> str:
        """One answer, a right one or a model's, as a text."""
        return str(answer)

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, Any]:
        """What a report shows of an example beside its score: `text`, `label` and `predicted`.

        Or `scene`, a `Scene` of that side as plain JSON.
        """
        return {
            **modality.shown(judged.source, side),
            "label": self.as_text(judged.right),
            "predicted": self.as_text(judged.given),
        }

    def evidence(self, right: NDArray[Any], given: NDArray[Any]) -> dict[str, object]:
        """What a report shows of such answers and of no others, as plain JSON.

        A report knows `signatures` (how a metric was computed, by name).

        Args:
            right: (n,) of the tested examples.
            given: what the bundle answers to them.
        """
        return {}
