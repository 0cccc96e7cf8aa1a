"""How a series becomes a base's input: for each step ahead numbers around its last season, or its values.

`data/series/lags.py` computes the numbers, `data/series/store.py` lays out the values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
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


@dataclass(frozen=True)
class SeriesPreprocess(_Ahead):
    """How a series becomes a base's input: `NUMBERS` for each of the steps that are asked for."""

    context: ClassVar[int] = 0
    """Values that it is shown themselves."""

    window: int = FARTHEST
    """Steps ahead, at most."""

    @property
    def framing(self) -> str:
        """How much of a long history."""
        return f"the last {RECENT} values and {CYCLES} seasons"

    @property
    def numbers(self) -> SeriesPreprocess:
        """The numbers, as dull forecasts take them."""
        return self

    def holding(self, values: int) -> SeriesPreprocess:
        """The same where histories have so many values."""
        return self

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, numbers, steps)."""
        return (1, NUMBERS, self.size), None

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> SeriesPreprocess | HistoryPreprocess:
        """What was written, of either kind."""
        kind = HistoryPreprocess if "context" in plain else cls
        return kind(**{name: int(value) for name, value in plain.items()})


@dataclass(frozen=True)
class HistoryPreprocess(_Ahead):
    """How a series becomes a base's input: its last values themselves, and what answers are around.

    A matrix with a column for each step: the first row is the reference of each step, the others are the
    values in order, NaN where there is none, the last value last.
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
        return SeriesPreprocess(self.size)

    def holding(self, values: int) -> HistoryPreprocess:
        """The same, no longer than histories of so many values ask for; they may grow to twice of that."""
        return replace(self, context=min(self.context, 1 << (2 * values - 1).bit_length()))

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, rows, steps)."""
        return (1, 1 + -(-self.context // self.size), self.size), None

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> HistoryPreprocess:
        """What was written."""
        return cls(**{name: int(value) for name, value in plain.items()})


plugin = SeriesPreprocess
