"""The records that travel between the stages; all frozen, none knows torch.

Notation: n examples, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .exposure import AS_STORED, Exposure
from .targets import Targets
from .units import units_of

if TYPE_CHECKING:
    import pandas as pd

Part = TypeVar("Part")
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


class Frame(Protocol):
    """A table of a library: a DataFrame of pandas or polars, a `pyarrow.Table`, a `datasets.Dataset`."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    def __len__(self) -> int: ...


Data = str | PathLike[str] | Frame | Mapping[str, object] | Sequence[object]
"""What a person may name as data: a file or folder, a table, columns or splits by name, or rows."""
Named: TypeAlias = "str | PathLike[str] | pd.DataFrame"
"""The same as readers take it: a path, or a table in memory."""
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
    also: ClassVar = ("count",)

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
    targets: Targets
    groups: tuple[str, ...] | None = None
    folded: tuple[str, ...] | None = None
    """Equal for examples that say the same in other bytes, where the modality can tell."""
    exposure: Exposure = AS_STORED
    """How pictures are shown."""

    def __len__(self) -> int:
        return len(self.names)

    def only(self, rows: IntArray) -> Examples:
        """Those of some rows, in their order."""
        which = rows.tolist()

        def of(parts: tuple[Part, ...]) -> tuple[Part, ...]:
            return tuple(parts[row] for row in which)

        return replace(
            self,
            names=of(self.names),
            sources=of(self.sources),
            digests=of(self.digests),
            targets=self.targets.only(rows),
            groups=None if self.groups is None else of(self.groups),
            folded=None if self.folded is None else of(self.folded),
        )

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
        """(n,) what is right."""
        return self.targets.right

    @property
    def categories(self) -> tuple[str, ...]:
        """What a head has outputs for."""
        return self.targets.categories

    @property
    def strata(self) -> IntArray:
        """(n,) number of the kind that splits and folds take from."""
        return self.targets.strata


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
    unlabelled: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Rows of another domain, whose labels nobody knows; in none of the three."""

    def __repr__(self) -> str:
        sides = f"train={len(self.train)}, validation={len(self.validation)}, test={len(self.test)}"
        return f"Splits({self.layout!r}, {sides}, left out={len(self.dropped)})"

    def only(self, rows: IntArray) -> Splits:
        """Those of some rows, sorted, each on its side."""
        place = {row: number for number, row in enumerate(rows.tolist())}

        def moved(side: IntArray) -> IntArray:
            return np.array([place[row] for row in side.tolist() if row in place], dtype=np.int64)

        train, validation, test = (moved(side) for side in (self.train, self.validation, self.test))
        return replace(self, examples=self.examples.only(rows), train=train, validation=validation, test=test)

    def but(self, **changes: Any) -> Splits:
        """A copy with some fields changed."""
        return replace(self, **changes)


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
    layers: int = 1
    """Layers whose numbers stand side by side in a row, where it is one of a step of a recording."""


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
    renamed: str | None = None
    """Whose names the checkpoint had, in words, where a known rule made them the network's."""


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


Judgement = Literal["right", "missed", "false alarm", "duplicate", "other class"]
"""What became of something in a picture, or of what was found there."""


@dataclass(frozen=True)
class Outline:
    """Where something is in a picture, and whether it was found."""

    judgement: Judgement
    label: str
    """What it is, with the score of what was found; and where these differ what it should be."""
    path: str
    """Of an SVG, in pixels."""
    at: tuple[float, float] | None = None
    """Where there is room for its name, in pixels."""


@dataclass(frozen=True)
class Scene:
    """A picture, and what is right and what was found in it."""

    picture: str
    """A data URI; nothing is drawn into it."""
    size: tuple[int, int]
    """Width and height in pixels."""
    outlines: tuple[Outline, ...]
    said: str
    """How much of it is right, in words."""


@dataclass(frozen=True)
class Offered:
    """A base that one installation would bring, or that no task takes yet."""

    name: str
    modality: str
    source_data: str
    licence: str
    megabytes: float
    """Of its files."""
    install: str
    """The line that brings it."""


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


MOST_SEEDS = 6
"""Pairs of trainings of a run: six tell nearly as much as more would, where test examples are few."""

Ended = Literal["decided", "seeds", "time", "cut", "exact"]


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
    ended: Ended = "seeds"
    """Why no more pairs were trained: it was clear before, all that were planned are there, time ended, it
    ended early in the training of the arm that is behind (which decides nothing), or nothing is drawn in a
    fit, so that another pair would be the same."""

    @property
    def preliminary(self) -> bool:
        """One pair of trainings: nothing tells how much another would differ."""
        return self.seeds < 2 and self.ended != "exact"
