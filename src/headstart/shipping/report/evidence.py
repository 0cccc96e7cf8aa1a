"""What the report shows of single examples: the tree of records that `evidence.json` is read into.

A part that the task of a run has not is empty, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ... import suggested
from ...suggested import Doubt
from ...types import Scene


@dataclass(frozen=True)
class Curve:
    """The losses of one seed by epoch; None where one is no number."""

    train: tuple[float | None, ...]
    validation: tuple[float | None, ...]
    kept: int | None
    """Index of the epoch whose weights were kept."""


@dataclass(frozen=True)
class Confusion:
    """Of k classes."""

    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    """(k, k) examples of a true class (row) that were given a class (column)."""


@dataclass(frozen=True)
class Shown:
    """One example, as a picture or as a text; a picture of a sound may have that beside it."""

    picture: str | None = None
    """A data URI."""
    text: str | None = None
    sound: str | None = None
    """A data URI of its beginning."""


@dataclass(frozen=True, kw_only=True)
class Mistake(Shown):
    """One that was given a wrong class."""

    file: str
    label: str
    predicted: str
    probability: float | None


@dataclass(frozen=True)
class Doubted(Shown, Doubt):
    """A label that is likely wrong, with its example; only the first are shown."""


@dataclass(frozen=True)
class Doubts(suggested.Doubts):
    """Labels in doubt among training and validation."""

    items: tuple[Doubted, ...]


@dataclass(frozen=True, kw_only=True)
class Answered(Shown):
    """One beside the answer and what is right."""

    file: str
    score: float | None
    label: str | None = None
    predicted: str | None = None
    scene: Scene | None = None
    """Where answers are places in a picture."""


@dataclass(frozen=True)
class Reliability:
    """Of predictions in bins of confidence."""

    confidence: tuple[float | None, ...]
    accuracy: tuple[float | None, ...]
    count: tuple[int, ...]


@dataclass(frozen=True)
class Word:
    """In which share of the texts of a class a word is, and of the others."""

    word: str
    share: float
    elsewhere: float


@dataclass(frozen=True)
class Telling:
    """The words that tell a class."""

    label: str
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Lengths:
    """Of texts, in tokens."""

    texts: int
    takes: int | None
    """The base is shown so many."""
    median: float
    longest: int
    texts_cut: float
    """Share of the texts that are longer."""
    tokens_cut: float
    counts: tuple[int, ...]
    """(n,) texts in each bin."""
    edges: tuple[float, ...]
    """(n + 1,)."""


@dataclass(frozen=True)
class Misheard:
    """A word that was heard in the place of another; nothing where it was put in or left out."""

    said: str
    heard: str
    times: int


@dataclass(frozen=True)
class Pair:
    """A value that was given, beside the right one."""

    right: float | None
    given: float | None


@dataclass(frozen=True)
class Taken:
    """How much of something are the items that were taken most before."""

    of: str
    """What was taken `before`, what was taken `next`, or what is `recommended`."""
    shares: tuple[float, ...]
    """Of so many items as `Popularity.items` says."""
    half: int
    """Items that are half of it."""


@dataclass(frozen=True)
class Popularity:
    """Of items that users take."""

    items: tuple[int, ...]
    """So many of those that were taken most."""
    rows: tuple[Taken, ...]


@dataclass(frozen=True)
class Evidence:
    """All of it but the list of predictions, which the report does not show."""

    curves: Mapping[str, tuple[Curve, ...]] | None
    """By arm, of each seed."""
    confusion: Confusion | None
    samples: Mapping[str, tuple[Shown, ...]] | None
    """By class."""
    wrong: tuple[Mistake, ...] | None
    """The surest first."""
    reliability: Reliability | None
    doubts: Doubts | None
    """Of labels to learn from."""
    answers: tuple[Answered, ...] | None
    """The worst first."""
    words: tuple[Telling, ...] | None
    lengths: Lengths | None
    values: tuple[Pair, ...] | None
    misheard: tuple[Misheard, ...] | None
    """The most frequent first."""
    popularity: Popularity | None
    signatures: Mapping[str, str] | None
    """How a metric was computed, by its name."""
