"""Series: how they are asked about, examined and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from ...data.asked import Asked
from ...data.reading import Reading
from ...data.sent import Sending
from ...data.series.asked import series_asked
from ...data.series.histories import decoded, examined
from ...data.series.shown import picture
from ...data.series.store import SeriesStore
from ...preprocessing.series import HistoryPreprocess, SeriesPreprocess
from ...types import Examples, Source
from .base import Inputs, Modality

if TYPE_CHECKING:
    from ...cache import Cache

CHARTED = 120
"""Last values that a page draws."""
UNASKED = 12
"""Steps ahead that a base is shown where nobody asks for any."""


@dataclass(frozen=True)
class Series(Modality):
    """The modality of `tasks/modalities/base.py` for windows of series."""

    name: str = "series"
    together = 32
    sent = Sending("table", files=False, rows=True)

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """Tables of series."""
        reading.require_known(columns)
        return series_asked(inputs, reading)

    def examine(self, source: Source) -> str | None:
        """None when something can be forecast, else the reason why not."""
        return examined(source)

    def store(
        self,
        sources: Sequence[Source],
        preprocess: SeriesPreprocess | HistoryPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> Inputs:
        """The windows as a base takes them; nothing is kept, for computing them again is as quick."""
        return SeriesStore(sources, preprocess)

    def suited(
        self, preprocess: SeriesPreprocess | HistoryPreprocess, examples: Examples, rows: Sequence[int]
    ) -> SeriesPreprocess | HistoryPreprocess:
        """As many steps as the answers have, or some where nothing is asked; as many values as histories."""
        longest = max((len(decoded(examples.sources[row]).values) for row in rows), default=1)
        return preprocess.at(len(examples.categories) or UNASKED).holding(longest)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its last values."""
        return {"picture": picture(decoded(source).values, side=2 * side)}

    def charted(self, source: Source) -> dict[str, object]:
        """Its last values and their stamps."""
        history = decoded(source)
        values = history.values[-CHARTED:].tolist()
        stamps = [history.stamp(step - len(values)) for step in range(1, len(values) + 1)]
        return {"values": [value if isfinite(value) else None for value in values], "stamps": stamps}
