"""What a run across domains tells: the tree of records that its `result.json` is written from and read into.

Without labels of the target nothing here is an accuracy on it: those fields are None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .records import Data
from .types import Interval

SCHEMA = "headstart/domains/1"


@dataclass(frozen=True)
class Rate:
    """A share of labelled target examples that is right."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Arm:
    """One way across, or none."""

    name: str
    agreement: float
    """Share of the target on which it says what the shipped model says."""
    shares: Mapping[str, float]
    """By class, of the target."""
    target: Rate | None
    """On the labelled target; None without labels. Where it learned from them, each was left out in turn."""


@dataclass(frozen=True)
class Guard:
    """What was seen without labels, and why the adapted model is refused, if it is."""

    proportions: str
    """`same` or `unknown`: what was declared of the shares of classes."""
    rows: int
    apart: float
    consistency: float
    """How much oftener than by chance neighbours in the target have the same class, by the adapted model."""
    source_consistency: float
    """The same by the source's model."""
    agreement: float
    drift: float
    usual_drift: float
    least: float
    refused: tuple[str, ...]
    """A sentence each; none where it is not."""
    halves: float | None = None
    """How much oftener than by chance two models on half of the features each agree about the target."""
    source_halves: float | None = None
    """The same about source examples that neither has learned."""


@dataclass(frozen=True)
class Verdict:
    """The adapted model against the source-only one: of accuracy on the target, if labels tell."""

    call: Literal["helps", "hurts", "undecided"]
    adapted: str
    """The arm that is compared."""
    disagree: float
    """Share of the target on which the two say different classes."""
    labels: int
    """Labelled target examples."""
    disagreements: int
    """Of these, that the two disagree on."""
    delta: float | None
    """Adapted less source only; None without labels."""
    interval: Interval | None
    sentence: str


Place = tuple[float, float]
"""Of an example on a map."""


@dataclass(frozen=True)
class Example:
    """One example that the page shows."""

    name: str
    says: Mapping[str, str]
    """Its label, or that of each model."""
    picture: str | None = None
    text: str | None = None
    sound: str | None = None


@dataclass(frozen=True)
class Sides:
    """All of `evidence.json`: both domains side by side."""

    source: tuple[Example, ...]
    target: tuple[Example, ...]
    differ: tuple[Example, ...]
    """On which the two models disagree."""
    source_map: tuple[Place, ...]
    target_map: tuple[Place, ...]


@dataclass(frozen=True)
class Across:
    """All of `result.json` of a run across domains."""

    schema: str
    headstart: str
    task: str
    base: str
    data: Data
    """The source, and everything that was left out of both."""
    target: int
    """Examples of the target."""
    source_accuracy: Rate
    """Of the source-only model on the source's own test split: it says nothing of the target."""
    source_shares: Mapping[str, float]
    chosen: str
    """The arm that ships in `bundle/`."""
    beside: str
    """The arm of the other bundle, which lies in a folder of its name."""
    why: str
    """Why it is that one."""
    arms: tuple[Arm, ...]
    guard: Guard
    verdict: Verdict
    to_label: tuple[str, ...]
    """Target examples whose labels would tell the most."""
    needed: int | None
    """Labels that would decide a gain of five points; None: more than are worth the while."""
    notes: tuple[str, ...]
    seconds: Mapping[str, float]
    reinit: Rate | None = None
    """Of the source-only model on the same network with random weights, on the labelled target: what is above
    it is the base's doing. None without labels."""
