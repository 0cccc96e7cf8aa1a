"""What `suggest` tells: what to label next, and which labels are in doubt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import RunError
from .measured import frame
from .plain import read
from .records import LeftOut

if TYPE_CHECKING:
    import pandas as pd

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

    def __repr__(self) -> str:
        return f"Doubts({self.count} of {self.examples} labels)"

    def to_frame(self) -> pd.DataFrame:
        """The labels in doubt as a table of pandas."""
        rows = [tuple(vars(one).values()) for one in self.items]
        return frame(("file_name", "label", "probability", "likely", "likely_probability"), rows)


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

    def __repr__(self) -> str:
        return f"Suggested({len(self.to_label)} of {self.examples} to label, run={self.run!r})"

    def to_frame(self) -> pd.DataFrame:
        """What to label as a table of pandas, in order."""
        rows = [(one.file, ", ".join(one.likely), one.probability, one.unsure) for one in self.to_label]
        return frame(("file_name", "likely", "probability", "unsure"), rows)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.file)}</td><td>{escape(', '.join(one.likely))}</td>"
            f"<td>{one.probability:.3f}</td></tr>"
            for one in self.to_label
        )
        return f"<table><tr><th>label next</th><th>likely</th><th>probability</th></tr>{rows}</table>"


def doubts_of(run: Path) -> Doubts | None:
    """The labels in doubt that a run keeps; None where it keeps none."""
    try:
        found = json.loads((run / "evidence.json").read_text(encoding="utf-8")).get("doubts")
        return None if found is None else read(Doubts, found)
    except (OSError, ValueError, AttributeError):
        return None


def require_doubts(run: Path) -> Doubts:
    """The same of a run that has to keep them.

    Raises:
        RunError: it keeps none.
    """
    found = doubts_of(run)
    if found is None:
        raise RunError(
            f"{run} keeps no labels in doubt: it is no finished run of classes, or of an older Headstart",
            "give a run of classes, made anew; or name unlabelled examples: headstart suggest RUN UNLABELLED",
        )
    return found
