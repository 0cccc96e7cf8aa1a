"""How a recording becomes a base's input: columns of numbers, one every hundredth of a second.

A column is the loudness of bands of pitch, the numbers of Whisper's front end (Radford et al., ICML 2023): 16
kHz, windows of 25 ms every 10 ms, 80 bands on the mel scale. Or it is the samples of these 10 ms themselves.
`data/sound/fronts.py` computes them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

RATE = 16_000
"""Samples a second."""
HOP, WINDOW = 160, 400
"""Samples from one frame to the next, and of a frame."""
BANDS = 80
MEL, SAMPLES, UNIT_SAMPLES = "mel", "samples", "unit_samples"
"""What columns are: levels of bands; samples; samples with mean 0 and variance 1 over the recording."""
STEP = 2
"""Frames that a network takes together: all inputs are a whole number of steps long."""
LONGEST = 3000
"""Frames: half a minute."""
LENGTH = 13
"""Steps of a recording that costs are measured on; no layer is of such a width."""


@dataclass(frozen=True)
class SoundPreprocess:
    """How a recording becomes a base's input: its first columns."""

    modality: ClassVar[str] = "sound"
    unit: ClassVar[str] = "frames"

    size: int = LONGEST
    """Frames of one example at most, of 10 ms each: as long as the longest that models learn from."""
    window: int = LONGEST
    """Frames that the base takes at most."""
    bands: int = BANDS
    """Numbers of a column: of samples HOP."""
    front: str = MEL
    """MEL, SAMPLES or UNIT_SAMPLES."""
    margin: int = 0
    """Frames of silence that are put before and after a recording, a whole number of steps."""

    @property
    def identity(self) -> dict[str, object]:
        """Every field; levels of bands without silence were there first, and say nothing of that."""
        fields, usual = asdict(self), {"front": MEL, "margin": 0}
        return {name: value for name, value in fields.items() if usual.get(name) != value}

    @property
    def graph(self) -> tuple[object, ...]:
        """Nothing."""
        return ()

    @property
    def framing(self) -> str:
        """How much of a long recording."""
        return f"the first {self.window * HOP / RATE:g} seconds"

    def framings(self) -> tuple[SoundPreprocess, ...]:
        """There is one only."""
        return (self,)

    def at(self, size: int) -> SoundPreprocess:
        """The same for recordings of another length."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """None: recordings have the length that they have."""
        return ()

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, bands, frames) numbers."""
        return (1, self.bands, STEP * LENGTH), None

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """Every field."""
        return self.identity, {}

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> SoundPreprocess:
        """What was written."""
        front = plain.get("front", MEL)
        if front not in (MEL, SAMPLES, UNIT_SAMPLES):
            raise ValueError(f"no columns are made of `{front}`")
        return cls(**{name: int(value) for name, value in plain.items() if name != "front"}, front=front)

    def in_bands(self) -> SoundPreprocess:
        """As much of a recording alone as levels of bands, whatever the base takes."""
        bands = self.bands if self.front == MEL else BANDS
        return replace(self, bands=bands, front=MEL, margin=0)

    def within(self, margin: int) -> SoundPreprocess:
        """The same with so many frames of silence around each recording."""
        return replace(self, margin=margin)


plugin = SoundPreprocess
