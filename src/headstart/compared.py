"""What `compare` tells of two runs: the tree of records that its JSON and its page are made of.

The difference is that of the second run less the first, turned so that more is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from .measured import frame
from .records import Range
from .types import Interval, Scene

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "headstart/compared/1"


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    run: str
    """Its folder."""
    base: str
    arm: str
    """What ships of it."""
    value: float
    """The metric on the shared test examples."""
    interval: Interval
    trained: int
    """Examples that it may have learned from: training and validation."""
    fingerprint: str
    """Of its data."""


@dataclass(frozen=True)
class Told:
    """What one of the runs answers to an example."""

    answer: str
    score: float
    probability: float | None = None
    scene: Scene | None = None
    """Where answers are places in a picture."""


@dataclass(frozen=True)
class Flipped:
    """One test example on which the two differ."""

    file: str
    label: str
    first: Told
    second: Told
    picture: str | None = None
    """A data URI."""
    text: str | None = None
    sound: str | None = None


@dataclass(frozen=True)
class Counted:
    """Test examples by who is right; where answers are neither right nor wrong, by whose score is better."""

    second_only: int
    """The second run is right and the first is wrong; or it is better."""
    first_only: int
    both: int
    """Both are right; or equally good."""
    neither: int
    """Both are wrong; none where answers are neither right nor wrong."""


@dataclass(frozen=True)
class Compared:
    """All that is told of two runs."""

    schema: str
    headstart: str
    task: str
    metric: str
    title: str
    """What people call it."""
    higher_is_better: bool
    range: Range
    first: Side
    second: Side
    n: int
    """Shared test examples."""
    units: int
    """That are independent of each other."""
    delta: float
    """Of the metric: second less first, above 0 where the second is better."""
    interval: Interval
    call: Literal["better", "worse", "undecided"]
    """What the second run is."""
    classes: bool
    """Are answers right or wrong?"""
    counts: Counted
    gained: tuple[Flipped, ...]
    """On which the second is better, largest first; as many as are shown."""
    lost: tuple[Flipped, ...]
    """On which it is worse."""
    notes: tuple[str, ...]
    """What a reader must know before believing the numbers."""

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called: the names of their folders, or whole paths where those are equal."""
        first, second = (PurePath(side.run).name for side in (self.first, self.second))
        return (first, second) if first != second else (self.first.run, self.second.run)

    @property
    def sentence(self) -> str:
        """The difference in one sentence."""
        points = None not in self.range
        scale, unit = (100, f"points of {self.title}") if points else (1, f"in {self.title}")
        ends = "{:+.1f} to {:+.1f}" if points else "{:+.3g} to {:+.3g}"
        delta = f"{scale * self.delta:+.1f}" if points else f"{scale * self.delta:+.3g}"
        first, second = self.names
        says = {
            "better": f"{second} is better than {first}",
            "worse": f"{second} is worse than {first}",
            "undecided": f"Undecided whether {second} is better than {first}",
        }[self.call]
        span = ends.format(*(scale * end for end in self.interval))
        return f"{says}: {delta} {unit} (95 % interval {span})"

    def to_frame(self) -> pd.DataFrame:
        """The examples on which they differ as a table of pandas: as many as are shown, `gained` first."""
        rows = [
            (one.file, one.label, one.first.answer, one.second.answer, one.first.score, one.second.score)
            for one in (*self.gained, *self.lost)
        ]
        return frame(("file_name", "label", "first", "second", "first_score", "second_score"), rows)

    def __repr__(self) -> str:
        return f"Compared({self.sentence!r})"

    def _repr_html_(self) -> str:
        return f"<p><b>{escape(self.sentence)}</b></p>"
