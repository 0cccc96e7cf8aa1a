"""The records that travel between the stages; all frozen, none knows torch.

Notation: n examples, k classes, d feature width.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .exposure import AS_STORED, Exposure
from .units import units_of

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

Source = Path | bytes
"""Where an example's bytes are: a file, or the bytes themselves."""


@dataclass(frozen=True)
class Row:
    """One example as its layout gives it, before anything is opened."""

    name: str
    """Path relative to the data folder, with forward slashes: what the user is shown."""
    source: Source
    label: str
    split: str | None = None
    """`train`, `validation`, `test`, or None where the data has no splits."""
    group: str | None = None


@dataclass(frozen=True)
class Dropped:
    """One file that is left out, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Finding:
    """Something that the user should know about the data."""

    kind: str
    """One word for the kind, e.g. `imbalance`, `duplicates`, `leak`, `few_examples`."""
    message: str
    items: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Examples:
    """n usable examples, sorted by (content hash, label, name): the layout leaves no trace."""

    names: tuple[str, ...]
    sources: tuple[Source, ...]
    digests: tuple[str, ...]
    """SHA-256 of each example's bytes."""
    targets: IntArray
    """(n,) what the task predicts; for classification the index into `labels`."""
    labels: tuple[str, ...]
    """The k class names, sorted; of an open-ended task, the different answers."""
    groups: tuple[str, ...] | None = None
    folded: tuple[str, ...] | None = None
    """Equal for examples that say the same in other bytes, where the task can tell."""
    open_ended: bool = False
    """Each example has an answer of its own: there are no classes to balance or to stratify by."""
    vocabulary: tuple[str, ...] = ()
    """What the answers of an open-ended task are made of, sorted: names of boxes, labels of a set.

    Those of training and validation: a model cannot learn others, and must not know them.
    """
    members: tuple[tuple[int, ...], ...] = ()
    """(n,) the numbers of the vocabulary's names that each answer has, where there is a vocabulary."""
    exposure: Exposure = AS_STORED
    """How pictures are shown."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def copies(self) -> tuple[str, ...]:
        """(n,) equal for examples that must not be on two sides of a split."""
        return self.digests if self.folded is None else self.folded

    @property
    def units(self) -> IntArray:
        """(n,) the number of each example's unit: what is independent of the others, and counts as one.

        A unit is a group where there are groups, else the examples that say the same; an example in no group
        and with no copy is one of its own.
        """
        return units_of(self.groups, self.copies)

    @property
    def answers(self) -> NDArray[Any]:
        """(n,) what is right: the targets, or each one's own answer where the task is open-ended."""
        return np.array(self.labels, dtype=object)[self.targets] if self.open_ended else self.targets

    @property
    def categories(self) -> tuple[str, ...]:
        """What a head has outputs for: the classes, or what open-ended answers are made of."""
        return self.vocabulary if self.open_ended else self.labels

    @property
    def classes(self) -> tuple[str, ...]:
        """The k classes to stratify by: one, of everything, where the task is open-ended."""
        return ("examples",) if self.open_ended else self.labels

    @property
    def strata(self) -> IntArray:
        """(n,) index into `classes`."""
        return np.zeros(len(self), dtype=np.int64) if self.open_ended else self.targets


@dataclass(frozen=True)
class Splits:
    """Examples and which of them are for training, validation and test (indices into them).

    Only `verify` may read `test`; a test of the layers holds that.
    """

    examples: Examples
    train: IntArray
    validation: IntArray
    test: IntArray
    dropped: tuple[Dropped, ...]
    findings: tuple[Finding, ...]
    fingerprint: str
    """Over the sorted (content hash, label, split, group) of the rows, never over paths."""
    brought_validation: bool
    """The data came with its own validation split (else it was cut from training)."""
    brought_test: bool = False
    """The same of the test split."""
    layout: str = ""
    """As what the data were read, in a few words."""

    def but(self, **changes: Any) -> Splits:
        """A copy with some fields changed."""
        return replace(self, **changes)


class Preprocess(Protocol):
    """How an example becomes a base's input; one record for each modality."""

    @property
    def modality(self) -> str:
        """`image`, `text`, …: which tasks it fits."""
        ...

    @property
    def size(self) -> int:
        """Extent of one input in `unit`s."""
        ...

    @property
    def unit(self) -> str:
        """What `size` counts."""
        ...

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that the inputs depend on, as plain JSON."""
        ...

    @property
    def graph(self) -> tuple[Any, ...]:
        """What of it is computed by the network that runs: not the framing of a picture, for instance."""
        ...

    @property
    def framing(self) -> str:
        """In words: what of an example the base sees."""
        ...

    def framings(self) -> tuple[Self, ...]:
        """This one first, then others that may suit the examples better."""
        ...

    def at(self, size: int) -> Self:
        """The same for another input size."""
        ...

    def smaller(self) -> tuple[int, ...]:
        """Sizes below this one that a network from scratch may be given instead."""
        ...


@dataclass(frozen=True)
class ImagePreprocess:
    """How an image becomes a base's input: resize, crop, scale to 0..1, normalise."""

    modality: ClassVar[str] = "image"
    unit: ClassVar[str] = "px"
    SIDES: ClassVar[tuple[int, ...]] = (224, 160, 128, 96, 64)

    size: int
    """Side of the square input, pixels."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: Literal["nearest", "bilinear", "bicubic"] = "bicubic"
    crop_fraction: float = 0.875
    """Input size over the size that the short side is resized to."""
    crop_mode: Literal["center", "squash"] = "center"
    """`center` keeps the aspect ratio and crops; `squash` does not keep it."""
    exposure: Exposure = AS_STORED
    """How its numbers become 8-bit colours."""

    @property
    def identity(self) -> dict[str, Any]:
        """Every field; the exposure only where there is one: caches of plain pictures stay valid."""
        plain = asdict(self)
        if self.exposure == AS_STORED:
            del plain["exposure"]
        return plain

    @property
    def graph(self) -> tuple[Any, ...]:
        """Scaling and normalising."""
        return self.mean, self.std

    @property
    def framing(self) -> str:
        """The middle, or all of it."""
        return "whole picture" if self.crop_mode == "squash" else "middle of the picture"

    def framings(self) -> tuple[ImagePreprocess, ...]:
        """As its makers evaluated it, and all of a picture, squeezed into a square."""
        return self, replace(self, crop_mode="squash", crop_fraction=1.0)

    def at(self, size: int) -> ImagePreprocess:
        """The same for another input side."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """Usual sides below this one."""
        return tuple(side for side in self.SIDES if side < self.size)


@dataclass(frozen=True)
class TextPreprocess:
    """How a text becomes a base's input: token numbers, in chunks where it is longer than the base takes."""

    modality: ClassVar[str] = "text"
    unit: ClassVar[str] = "tokens"

    tokenizer: str = field(repr=False)
    """The content of a `tokenizer.json`, as Hugging Face's tokenizers library writes it."""
    window: int
    """Tokens that the base takes at once, special ones included."""
    size: int
    """Tokens of one example at most; above `window` a whole number of chunks."""

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The tokenizer by its hash."""
        digest = hashlib.sha256(self.tokenizer.encode()).hexdigest()
        return {"tokenizer": digest, "window": self.window, "size": self.size}

    @property
    def graph(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()

    @property
    def framing(self) -> str:
        """How much of a long text."""
        return f"the first {self.size} tokens"

    def framings(self) -> tuple[Self, ...]:
        """There is one only."""
        return (self,)

    def at(self, size: int) -> Self:
        """The same for texts of another length."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """None: texts have the length that they have."""
        return ()


@dataclass(frozen=True)
class PairPreprocess(TextPreprocess):
    """How a sentence and its translation become a translator's input: token numbers of both."""

    modality: ClassVar[str] = "translation"


@dataclass(frozen=True)
class Architecture:
    """What is needed to build a network again without its weights."""

    family: str
    """The file in `bases/` that builds it; `heads` of a head."""
    name: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Maps:
    """The feature maps that make up a row of features."""

    shapes: tuple[tuple[int, int, int], ...] = ()
    """Channels, height and width of each, finest first; none where a row is of other things."""
    side: int = 0
    """Of the input that they are made of, pixels."""


NO_MAPS = Maps()
"""Of a row of features that is made of other things."""


@dataclass(frozen=True)
class Receipt:
    """What became of every weight: (name, shape) of the loaded, adapted, fresh and unused ones.

    Each weight of the network is in exactly one of `loaded`, `adapted` and `fresh`.
    """

    loaded: tuple[tuple[str, tuple[int, ...]], ...]
    fresh: tuple[tuple[str, tuple[int, ...]], ...]
    """In the network, not in the checkpoint (or of another shape): initialised at random."""
    unused: tuple[tuple[str, tuple[int, ...]], ...]
    """In the checkpoint, not in the network: the old output layer, for instance."""
    fraction: float
    """Share of the network's numbers that come from the checkpoint, 0..1."""
    adapted: tuple[tuple[str, tuple[int, ...], str], ...] = ()
    """Made to fit, and how, in words: `sliced from (64, 32, 3, 3)`; the shape is the network's."""


@dataclass(frozen=True)
class BaseCard:
    """The facts about a base that every family answers; None where its source does not say."""

    name: str
    modality: str
    source_data: str | None
    licence: str | None
    sha256: str
    parameters: int
    flops: int
    """Multiply-adds × 2 of one example of `input_size`."""
    width: int
    input_size: int
    stages: tuple[str, ...]
    """Exact cuts through the backbone, stem first."""
    stage_numbers: tuple[int, ...] = ()
    """How many numbers the activation of one example has at each stage."""
    stage_flops: tuple[int, ...] = ()
    """What lies below each stage, of `flops`."""


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """Did the pre-trained weights help? The paired difference to the reference, on the test split."""

    call: Literal["helps", "hurts", "undecided"]
    delta: float
    interval: Interval
    seeds: int
    transfer: str
    """The transfer arm."""
    baseline: str
    """The reference arm: the better of `scratch` and `reinit` on validation."""
    p: float
    """Two-sided, of a sign-flip test over the seeds."""
    margin: float
    """A difference below this is none in practice."""
    equivalent: bool
    """The whole interval lies within the margin."""

    @property
    def preliminary(self) -> bool:
        """Fewer than six seeds: a sign-flip test could not reach p < 0.05."""
        return self.seeds < 6
