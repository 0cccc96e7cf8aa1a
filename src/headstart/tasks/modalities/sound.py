"""Recordings: how they are asked about, examined, compared and shown.

Notation: n recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...data.asked import Asked
from ...data.reading import Reading
from ...data.sent import Sending
from ...data.sound.asked import sounds_asked
from ...data.sound.decode import examine, read
from ...data.sound.remarks import remarks
from ...data.sound.shown import data_uri, heard
from ...data.sound.store import MelStore, fitted
from ...preprocessing.sound import SoundPreprocess
from ...types import Examples, Finding, FloatArray, IntArray, Source
from .base import Modality

if TYPE_CHECKING:
    from ...cache import Cache


@dataclass(frozen=True)
class Recordings(Modality):
    """The modality of `tasks/modalities/base.py` for sound."""

    name: str = "sound"
    unseen = "{} new recording", "{} new recordings"
    together = 8
    timed = True
    sent = Sending("sound")

    def seconds(self, sources: Sequence[Source]) -> list[float]:
        """(n,) of the whole recordings."""
        return [read(source).seconds for source in sources]

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """Files, and folders of files."""
        return sounds_asked(inputs, reading)

    def examine(self, source: Source) -> str | None:
        """None when the recording can be used, else the reason why not."""
        return examine(source)

    def remarks(self, sources: Sequence[Source]) -> list[Finding]:
        """Long and clipped ones, and sampling rates that differ."""
        return remarks(sources)

    def store(
        self,
        sources: Sequence[Source],
        preprocess: SoundPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> MelStore:
        """The recordings as a base of this preprocessing takes them."""
        return MelStore(sources, preprocess, cache, digests)

    def suited(self, preprocess: SoundPreprocess, examples: Examples, rows: Sequence[int]) -> SoundPreprocess:
        """As many frames as the longest of all recordings has: none is cut that the base takes whole."""
        return fitted(preprocess, examples.sources)

    def impressions(self, inputs: MelStore, indices: IntArray) -> FloatArray:
        """(n, t) spectrograms of one length, which tell copies from recordings of the same kind."""
        return inputs.impressions(indices)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its spectrogram, and its beginning to listen to."""
        return {"picture": data_uri(source, side), "sound": heard(source)}
