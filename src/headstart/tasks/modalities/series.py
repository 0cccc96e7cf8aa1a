"""Series: how they are asked about, examined and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

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
    unseen = "the unseen end of {} series", "the unseen ends of {} series"
    together = 32
    sent = Sending("table", files=False, rows=True)
    known: tuple[str, ...] = ()
    """Columns beside the values that a model takes."""
    steps: int = 0
    """Ahead, that it tells."""
    learned: tuple[str, ...] = ()
    """Frequencies of what it has learned from; empty where it tells any alike."""

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """Tables of series."""
        reading.require_known(columns)
        return series_asked(inputs, reading, self.known, self.steps, self.learned)

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
        """As many steps as the answers have, or some where nothing is asked; as many values as histories.

        And the columns that there are beside the values.
        """
        histories = [decoded(examples.sources[row]) for row in rows]
        longest = max((len(one.values) for one in histories), default=1)
        known = decoded(examples.sources[0]).known
        steps = len(examples.categories) or UNASKED
        return replace(preprocess, size=steps, known=known, learned=()).holding(longest)

    def kept(
        self, preprocess: SeriesPreprocess | HistoryPreprocess, examples: Examples
    ) -> SeriesPreprocess | HistoryPreprocess:
        """With the frequencies of the series."""
        learned = dict.fromkeys(decoded(source).frequency for source in examples.sources)
        return replace(preprocess, learned=tuple(learned))

    def shipped(self, preprocess: Any) -> Series:
        """That of a bundle, which takes its columns beside the values, unless it reads values only."""
        known = preprocess.known if isinstance(preprocess, SeriesPreprocess) else ()
        return replace(self, known=known, steps=preprocess.size, learned=preprocess.learned)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its last values."""
        return {"picture": picture(decoded(source).values, side=2 * side)}

    def charted(self, source: Source) -> dict[str, object]:
        """Its last values and their stamps."""
        history = decoded(source)
        values = history.values[-CHARTED:].tolist()
        stamps = [history.stamp(step - len(values)) for step in range(1, len(values) + 1)]
        return {"values": [value if isfinite(value) else None for value in values], "stamps": stamps}
