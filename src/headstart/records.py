"""What a run tells: the tree of records that `result.json` is written from and read into.

Each field is a property of `shipping/report/result.schema.json`; a test holds the two to each other. How a
record becomes JSON and comes back is in `plain.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from . import types
from .types import Dropped, Finding, Interval, Receipt

Range = tuple[float | None, float | None]
"""The least and the most that something can be; None: no end."""


@dataclass(frozen=True)
class Counts:
    """Examples of each split."""

    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class LeftOut:
    """Every file or row that was left out."""

    items: tuple[Dropped, ...]
    also: ClassVar = ("count",)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.items)


@dataclass(frozen=True)
class Data:
    """What was learned from and tested on."""

    train: int
    validation: int
    test: int
    labels: tuple[str, ...]
    """The classes; none where every example has an answer of its own."""
    per_class: Mapping[str, Counts]
    dropped: LeftOut
    findings: tuple[Finding, ...]
    fingerprint: str

    @property
    def counted_by(self) -> tuple[str, str] | None:
        """One and several of what examples are counted by: classes, or other kinds; None: by nothing."""
        if self.labels and self.labels == tuple(self.per_class):
            return "class", "classes"
        return ("kind", "kinds") if len(self.per_class) > 1 else None

    @property
    def sides(self) -> dict[str, int]:
        """The examples of each split by its name."""
        return {one.name: getattr(self, one.name) for one in fields(Counts)}


@dataclass(frozen=True)
class Weights:
    """Which weights of the arm ship, and why."""

    what: Literal["refit", "seed"]
    why: str
    seed: int | None
    """Counted from 1; None where it was fitted again."""
    of: int
    """Seeds of the arm."""


@dataclass(frozen=True)
class Chosen:
    """What ships."""

    base: str
    strategy: str | None
    """None where the arm uses no pre-trained weights."""
    arm: str
    weights: Weights | None = None
    head: str | None = None
    """What stands on the base, where the task has a choice."""


@dataclass(frozen=True)
class Metric:
    """The bundle on the test split."""

    name: str
    value: float
    """A fraction, never a percentage; a loss as it is computed."""
    interval: Interval
    higher_is_better: bool
    n: int
    """Test examples."""
    range: Range | None = None
    folds: int | None = None
    """In so many the examples were tested, where they were."""


@dataclass(frozen=True)
class Arm:
    """One thing that was compared, on the test split."""

    name: str
    value: float
    """Mean over seeds."""
    interval: Interval
    validation: float | None
    seconds: float
    seeds: tuple[float, ...]
    """The value of each."""
    given: Mapping[str, object]
    """Size, epochs, steps and the like."""
    still_improving: bool
    note: str | None
    metrics: Mapping[str, float | None] | None = None
    """Mean over seeds; where metrics are of all answers together."""


@dataclass(frozen=True)
class Verdict(types.Verdict):
    """The same, and how it reads."""

    sentence: str | None = None
    """All of it in words; None: the report words it."""
    also: ClassVar = ("preliminary",)


@dataclass(frozen=True)
class Point:
    """One size of the training set."""

    labels: int
    value: float
    interval: Interval
    seeds: int


@dataclass(frozen=True)
class Needed:
    """How many labels a better result would take, extrapolated."""

    value: float
    """The metric that is wanted: half of the error that is left."""
    labels: int
    interval: tuple[int, int | None]
    """None: no end is in sight."""


@dataclass(frozen=True)
class Labels:
    """How many times the labels training from scratch needs to match."""

    multiplier: float | None
    """None where it was not measured."""
    interval: Range | None
    """An end is None where the curves end before it does."""
    reason: str | None
    """Why there is no multiplier."""


@dataclass(frozen=True)
class Curved(Labels):
    """The same where there are learning curves."""

    censored: Literal["at_least", "at_most"] | None
    """The curve ends before the other arm's result: the truth lies beyond the multiplier."""
    curve: Mapping[str, tuple[Point, ...]]
    """By arm, from few labels to all."""
    needed: Needed | None
    """None where the curve is flat or too short."""
    needed_reason: str | None
    """Why `needed` is None."""


@dataclass(frozen=True)
class Abstaining:
    """Below which probability the bundle abstains, so that it is wrong no more often than was asked."""

    max_error: float
    """Of the answers, wanted."""
    threshold: float | None
    """Chosen on validation; None: no threshold reaches it."""
    answered: float | None
    """Share of the test examples above it."""
    error: float | None
    """Share of those that are wrong."""


@dataclass(frozen=True)
class Speed:
    """Of the bundle on the machine of the run, one example at a time, from the file to its record."""

    milliseconds: float
    """Median."""
    frames_per_second: float
    """Pictures, or recordings, of that median."""
    size: int
    """Side of the input, pixels; of recordings its frames."""
    threads: int
    real_time_factor: float | None = None
    """Seconds of computing for each second of sound; None of pictures."""


@dataclass(frozen=True)
class Round:
    """One round of a finalist of the race."""

    round: str
    score: float
    behind: float
    """How probable it is that it will not catch up."""
    seconds: float


@dataclass(frozen=True)
class Candidate:
    """One base of a ranking; None of what an older Headstart did not write."""

    base: str
    score: float
    """Prior plus mean rank, in standard deviations."""
    deviation: float | None
    place: int | None
    tied: bool | None
    scores: Mapping[str, float] | None
    """Of each score that was computed."""
    ranks: Mapping[str, float] | None
    """By each score."""
    prior: float | None
    prior_sets: int | None
    """Data sets that the prior comes from."""
    by_size: float | None
    """Its rank where the biggest is first."""
    by_list: float | None
    """Its rank in the list that knows no data."""
    framing: str | None
    seconds: float | None
    engine: str | None
    parameters: int | None
    flops: int | None
    licence: str | None


@dataclass(frozen=True, kw_only=True)
class Raced(Candidate):
    """The same in a run, where the best race."""

    race: tuple[Round, ...] = ()
    """None but of a finalist."""
    dropped: str | None
    """The round after which it left the race."""


@dataclass(frozen=True)
class Picked:
    """The base that a run goes on with."""

    base: str
    framing: str
    """Of which view of an example."""


@dataclass(frozen=True)
class Choice:
    """How the base of a run was chosen."""

    rows: tuple[Raced, ...]
    left_out: tuple[Dropped, ...]


@dataclass(frozen=True)
class Base(types.BaseCard):
    """The facts about the base, and what its input size counts."""

    input_unit: str | None = None
    """px (the side of a square), tokens, …"""


@dataclass(frozen=True)
class OfKind:
    """One arm on the test examples of one kind, beside what is best there without transfer."""

    kind: str
    """Or `all`."""
    arm: str
    ships: bool
    """Is it what answers examples of this kind?"""
    value: float
    against: float
    """Of the arms without transfer."""
    delta: float
    interval: Interval
    call: Literal["helps", "hurts", "undecided"]
    tested: int
    """Examples of this kind."""


@dataclass(frozen=True)
class Outcome:
    """All of `result.json`."""

    schema: str
    headstart: str
    """The version that wrote it."""
    task: str
    data: Data
    chosen: Chosen
    metric: Metric
    metrics: Mapping[str, float | None]
    """All of the task, for the bundle on the test split."""
    ranges: Mapping[str, Range] | None
    """Of metrics that may decide."""
    arms: tuple[Arm, ...]
    verdict: Verdict | None
    labels: Curved | Labels
    abstain: Abstaining | None
    """None where answers have no probability."""
    ranking: tuple[Raced, ...]
    """Best first."""
    seconds: Mapping[str, float]
    """Of each stage, by the clock on the wall."""
    base: Base
    receipt: Receipt
    plan: Mapping[str, object]
    """What the run decided on."""
    notes: tuple[str, ...]
    """What a reader must know before believing the numbers."""
    speed: Speed | None = None
    """None of a bundle for texts."""
    kinds: tuple[OfKind, ...] = ()
    """Where the arm is chosen for each kind of examples."""


@dataclass(frozen=True)
class Target:
    """One of several targets on one backbone."""

    name: str
    bundle: str
    """Its folder in that of the run."""
    chosen: str
    """The arm that ships: `multi` or `single`."""
    metric: str
    train: int
    test: int
    fingerprint: str
    dropped: LeftOut
    arms: Mapping[str, float]
    """The metric of each, on the test split."""
    validation: Mapping[str, float]
    verdict: types.Verdict
    """Of sharing, against training alone."""


@dataclass(frozen=True)
class Shared:
    """All of the `result.json` of several targets."""

    task: str
    base: str
    strategy: str
    seeds: int
    epochs: int
    targets: tuple[Target, ...]
    mean_delta: float
