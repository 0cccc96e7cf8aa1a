"""How a series becomes a base's input: for each step ahead numbers around its last season, or its values.

`data/series/lags.py` computes the numbers, `data/series/store.py` lays out the values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

RECENT, CHANGES, CYCLES = 24, 12, 4
"""Last values, last changes over a season, and last cycles that a base looks at."""
NAIVE = 0
SEASONAL = RECENT + CHANGES + 4 * CYCLES + 1
DRIFT = SEASONAL + 1
"""Rows of the numbers that dull forecasts are: the last value, that of a season before, and the drift."""
NUMBERS = DRIFT + 6
"""For each step: distances up to `DRIFT`, then numbers about the step, the season and the length."""
BESIDE = 4
"""Numbers that a base is shown of a column beside the values, for each step."""
FARTHEST = 1000
"""Steps ahead, at most."""


LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""The quantiles that a base tells of each step itself: the last numbers of the step's features."""


@dataclass(frozen=True)
class _Ahead:
    """What is the same however a base looks at a series: it is asked for as many steps as people ask for."""

    modality: ClassVar[str] = "series"
    unit: ClassVar[str] = "steps"

    size: int = 1
    """Steps ahead."""
    known: tuple[str, ...] = ()
    """Columns beside the values, whose future is known."""
    learned: tuple[str, ...] = ()
    """Frequencies of the series that a model has learned from; none of one that has not, or of a base."""

    @property
    def identity(self) -> dict[str, object]:
        """Every field."""
        return asdict(self)

    @property
    def graph(self) -> tuple[object, ...]:
        """Nothing."""
        return ()

    def framings(self) -> tuple[Self, ...]:
        """There is one only."""
        return (self,)

    def at(self, size: int) -> Self:
        """The same for another number of steps."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """None."""
        return ()

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """Every field."""
        return self.identity, {}

    @classmethod
    def _written(cls, plain: dict[str, Any]) -> Self:
        """What was written; bundles from before there was a field have none."""
        written = {one.name: plain[one.name] for one in fields(cls) if one.name in plain}
        known, learned = (tuple(map(str, written.pop(part, ()))) for part in ("known", "learned"))
        return cls(known=known, learned=learned, **{name: int(value) for name, value in written.items()})


@dataclass(frozen=True)
class SeriesPreprocess(_Ahead):
    """How a series becomes a base's input: `rows` numbers for each of the steps that are asked for."""

    window: int = FARTHEST
    """Steps ahead, at most."""
    past: int = 0
    """Last values that are shown beside, as many in a row as there are steps."""

    @property
    def rows(self) -> int:
        """Numbers for each step: those around its season, then of columns, then the last values."""
        return NUMBERS + BESIDE * len(self.known) - (-self.past // self.size)

    @property
    def framing(self) -> str:
        """How much of a long history."""
        beside = f", and {', '.join(self.known)}" if self.known else ""
        return f"the last {max(RECENT, self.past)} values and {CYCLES} seasons{beside}"

    @property
    def numbers(self) -> SeriesPreprocess:
        """The numbers, as dull forecasts take them."""
        return self

    def holding(self, values: int) -> SeriesPreprocess:
        """The same where histories have so many values."""
        return self

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, rows, steps)."""
        return (1, self.rows, self.size), None

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> Any:
        """What was written, of either kind."""
        return (HistoryPreprocess if "context" in plain else cls)._written(plain)


@dataclass(frozen=True)
class HistoryPreprocess(_Ahead):
    """How a series becomes a base's input: its last values themselves, and what answers are around.

    A matrix with a column for each step: the first row is the reference of each step, the others are the
    values in order, NaN where there is none, the last value last. Columns beside are not looked at.
    """

    context: int = FARTHEST
    """Last values that it is shown, at most."""

    @property
    def framing(self) -> str:
        """How much of a long history."""
        return f"the last {self.context} values"

    @property
    def numbers(self) -> SeriesPreprocess:
        """The numbers for as many steps, as dull forecasts take them."""
        return SeriesPreprocess(self.size, self.known)

    def holding(self, values: int) -> HistoryPreprocess:
        """The same, no longer than histories of so many values ask for; they may grow to twice of that."""
        return replace(self, context=min(self.context, 1 << (2 * values - 1).bit_length()))

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, rows, steps)."""
        return (1, 1 + -(-self.context // self.size), self.size), None

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> HistoryPreprocess:
        """What was written."""
        return cls._written(plain)


plugin = SeriesPreprocess
