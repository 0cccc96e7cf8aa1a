"""What `rank` and `evaluate` give, as records that show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from .records import Candidate, Metric
from .types import Dropped

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Costed(Candidate):
    """A base that was ranked alone, with what it costs here."""

    latency_ms: float
    """Of one prediction."""
    memory_mb: float | None
    """At most, of a process that predicts; None where nobody asked."""


@dataclass(frozen=True)
class Ranking:
    """Bases on one data set, best first, beside the lists that know no data."""

    ranking: tuple[Costed, ...]
    biggest: str
    static_list: tuple[str, ...]
    """None where nothing is known of these bases from other data sets."""
    left_out: tuple[Dropped, ...]

    def __repr__(self) -> str:
        best = self.ranking[0].base if self.ranking else None
        return f"Ranking({len(self.ranking)} bases, best={best!r})"

    def to_frame(self) -> pd.DataFrame:
        """The bases as a table of pandas, best first."""
        rows = [
            (one.base, one.place, one.score, one.parameters, one.latency_ms, one.licence)
            for one in self.ranking
        ]
        return frame(("base", "place", "score", "parameters", "latency_ms", "licence"), rows)

    def _repr_html_(self) -> str:
        heads = ("base", "place", "score", "parameters", "latency", "licence")
        rows = [
            (
                one.base,
                f"{one.place}{'=' if one.tied else ''}",
                f"{one.score:+.2f}",
                f"{one.parameters or 0:,}",
                f"{one.latency_ms:.1f} ms",
                one.licence or "unknown",
            )
            for one in self.ranking
        ]
        return html_table(heads, rows)


@dataclass(frozen=True)
class Evaluation:
    """A bundle on labelled data."""

    metric: Metric
    metrics: Mapping[str, float]
    """All of the task."""
    split: str | None
    """Which one it was measured on; None of data without splits."""
    dropped: tuple[Dropped, ...]
    learned: int = 0
    """How many of the examples the bundle, or its base, was trained on, by their content."""

    @property
    def doubt(self) -> str | None:
        """What makes the numbers say little; None where nothing does."""
        if not self.learned:
            return None
        return (
            f"the bundle was trained on {self.learned} of the {self.metric.n} examples: of new ones these "
            "numbers say little"
        )

    def __repr__(self) -> str:
        where = self.split or "all"
        return f"Evaluation({self.metric.name}={self.metric.value:.3f}, n={self.metric.n}, split={where!r})"

    def to_frame(self) -> pd.DataFrame:
        """The metrics as a table of pandas."""
        return frame(("metric", "value"), list(self.metrics.items()))

    def _repr_html_(self) -> str:
        low, high = self.metric.interval
        own = (self.metric.name, f"{self.metric.value:.3f}", f"{low:.3f} to {high:.3f}")
        others = [
            (name, f"{value:.3f}", "") for name, value in self.metrics.items() if name != self.metric.name
        ]
        where = f"the {self.split} split" if self.split else "all of it"
        doubt = f"<p>{self.doubt}</p>" if self.doubt else ""
        return f"<p>{self.metric.n} examples, {where}</p>{doubt}" + html_table(
            ("metric", "value", "95 % interval"), [own, *others]
        )


def frame(names: Sequence[str], rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """A table of pandas."""
    import pandas as pd

    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows], columns=list(names))


def html_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table for notebooks; whatever a cell holds is text."""
    cells = [("th", heads), *(("td", row) for row in rows)]
    lines = ("".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in row) for kind, row in cells)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
