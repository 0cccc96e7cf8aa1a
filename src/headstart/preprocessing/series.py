"""How a series becomes a base's input: numbers around its last season, for each step ahead.

`data/series/lags.py` computes them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar

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


@dataclass(frozen=True)
class SeriesPreprocess:
    """How a series becomes a base's input: `rows` numbers for each of the steps that are asked for."""

    modality: ClassVar[str] = "series"
    unit: ClassVar[str] = "steps"

    size: int = 1
    """Steps ahead."""
    window: int = FARTHEST
    """The same, at most."""
    past: int = 0
    """Last values that are shown beside, as many in a row as there are steps."""
    known: tuple[str, ...] = ()
    """Columns beside the values, whose future is known."""

    @property
    def rows(self) -> int:
        """Numbers for each step: those around its season, then of columns, then the last values."""
        return NUMBERS + BESIDE * len(self.known) - (-self.past // self.size)

    @property
    def identity(self) -> dict[str, object]:
        """Every field."""
        return asdict(self)

    @property
    def graph(self) -> tuple[object, ...]:
        """Nothing."""
        return ()

    @property
    def framing(self) -> str:
        """How much of a long history."""
        beside = f", and {', '.join(self.known)}" if self.known else ""
        return f"the last {max(RECENT, self.past)} values and {CYCLES} seasons{beside}"

    def framings(self) -> tuple[SeriesPreprocess, ...]:
        """There is one only."""
        return (self,)

    def at(self, size: int) -> SeriesPreprocess:
        """The same for another number of steps."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """None: as many steps are asked for as are asked for."""
        return ()

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, rows, steps)."""
        return (1, self.rows, self.size), None

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """Every field."""
        return asdict(self), {}

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> SeriesPreprocess:
        """What was written; bundles from before there was a field have none."""
        whole = {
            one.name: int(plain[one.name]) for one in fields(cls) if one.name in plain and one.name != "known"
        }
        return cls(**whole, known=tuple(str(name) for name in plain.get("known", ())))


plugin = SeriesPreprocess
