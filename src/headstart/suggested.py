"""What `suggest` tells: what to label next, and which labels are in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .records import LeftOut

SCHEMA = "headstart/suggested/1"


@dataclass(frozen=True)
class ToLabel:
    """One example that is worth a label."""

    file: str
    likely: tuple[str, ...]
    """What the model says it is."""
    probability: float
    """Of that; of several labels the least sure one's."""
    unsure: float
    """0 where the model is sure, 1 where it cannot tell."""


@dataclass(frozen=True)
class Doubt:
    """One label that is likely wrong."""

    file: str
    label: str
    probability: float
    """Of its label, as models say that did not learn from it."""
    likely: str
    likely_probability: float


@dataclass(frozen=True)
class Doubts:
    """Labels in doubt among those that a run learned from."""

    examples: int
    """Those that were looked at."""
    count: int
    """Those in doubt."""
    items: tuple[Doubt, ...]
    """The most doubtful first; the first of them, where there are many."""


@dataclass(frozen=True)
class Suggested:
    """All that is suggested."""

    schema: str
    headstart: str
    run: str
    examples: int
    """Unlabelled ones that may be suggested."""
    known: int
    """Left out because they, or near copies of them, have a label already."""
    twice: int
    """Left out because a near copy of them stays."""
    to_label: tuple[ToLabel, ...]
    """In the order in which to label them: any beginning is a good choice of that many."""
    doubts: Doubts | None
    """None where the run keeps none."""
    dropped: LeftOut
    """What could not be used."""
    notes: tuple[str, ...]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.file)}</td><td>{escape(', '.join(one.likely))}</td>"
            f"<td>{one.probability:.3f}</td></tr>"
            for one in self.to_label
        )
        return f"<table><tr><th>label next</th><th>likely</th><th>probability</th></tr>{rows}</table>"
