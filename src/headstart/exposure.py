"""How the numbers in a picture become red, green and blue of 8 bits: the same way for a whole set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Exposure:
    """What is black, what is white, and which bands are shown; found once, on training pictures."""

    window: tuple[float, float] | None = None
    """Values that are shown as black and as white; None: the full scale of the file's kind of number.

    Of pictures of more than 8 bits; those of 8 bits are shown as they are.
    """
    every: bool = False
    """The window is for pictures of 8 bits too."""
    stated: bool = False
    """Where a file states a window of its own, that is taken instead."""
    bands: tuple[int, ...] = ()
    """Numbers, from 1, of the three bands that are red, green and blue, or of the one that is grey.

    None: the first three, or of fewer the first.
    """

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> Exposure:
        """What a bundle's JSON holds; one from before there were exposures holds nothing."""
        about = dict(plain or {})
        window = about.get("window")
        return cls(
            window=None if window is None else (float(window[0]), float(window[1])),
            every=bool(about.get("every", False)),
            stated=bool(about.get("stated", False)),
            bands=tuple(int(band) for band in about.get("bands", ())),
        )


AS_STORED = Exposure()
"""Nothing is changed: what 8-bit pictures get."""


def shared(exposures: Sequence[Exposure]) -> Exposure:
    """One for several sets at once: the widest window, and the first choice of everything else."""
    windows = [one.window for one in exposures if one.window is not None]
    if not exposures:
        return AS_STORED
    first = next((one for one in exposures if one != AS_STORED), AS_STORED)
    widest = (min(low for low, _ in windows), max(high for _, high in windows)) if windows else None
    return Exposure(widest, all(one.every for one in exposures), first.stated, first.bands)
