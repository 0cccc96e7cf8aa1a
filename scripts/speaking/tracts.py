"""Voices that no program has: the same speech out of a longer or a shorter mouth.

Frequencies are stretched, as N. Jaitly & G. E. Hinton do ("Vocal tract length perturbation (VTLP) improves
speech recognition", ICML workshop 2013). We stretch the bands of the spectrogram; what would come from above
the last band is as that band is.

Notation: B bands, T frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BEND, MELS, TOP = 1000.0, 15.0, 8000.0
"""Hertz up to which mels are even, so many mels, and the hertz of the end of the last band."""
STEEP = 27 / np.log(6.4)
"""Mels of each factor of e above the bend (Slaney's Auditory Toolbox, 1998)."""
FARTHEST = 0.17
"""A mouth is longer or shorter by a factor of at most e to this."""

Levels = NDArray[np.float32]


def through_another_mouth(levels: Levels, random: np.random.Generator) -> Levels:
    """(B, T) of (B, T)."""
    return stretched(levels, float(np.exp(random.uniform(-FARTHEST, FARTHEST))))


def stretched(levels: Levels, factor: float) -> Levels:
    """(B, T): what was heard at a frequency is heard at `factor` times that."""
    bands = len(levels)
    each = _mels(np.array(TOP)) / (bands + 1)
    middles = _hertz(np.arange(1, bands + 1) * each)
    places = np.clip(_mels(middles / factor) / each - 1, 0, bands - 1)
    low = np.minimum(places.astype(int), bands - 2)
    above = (places - low).astype(np.float32)[:, None]
    return levels[low] * (1 - above) + levels[low + 1] * above


def _mels(hertz: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(hertz < BEND, MELS * hertz / BEND, MELS + STEEP * np.log(np.maximum(hertz, BEND) / BEND))


def _hertz(mels: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(mels < MELS, BEND * mels / MELS, BEND * np.exp(np.maximum(mels - MELS, 0) / STEEP))
