"""Random views of a spectrogram or of samples: moved a little in time, and with stripes of it hidden.

The stripes are SpecAugment's (Park et al., Interspeech 2019) without its warping. We hide with the faintest
value of the recording, where the paper hides with the mean: a frame of zeros is the end of a recording here.
Samples have no stripes of pitch; they are made louder or quieter where a base hears that.

Notation: B bands, or samples of a frame, T frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.floating]


@dataclass(frozen=True)
class Policy:
    """How far views go from the recording, in shares of its frames and bands."""

    shift: float
    """It is moved by at most this, and loses what is moved over an edge."""
    stripe: float
    """A stripe of time is at most this long."""
    band: float
    """A stripe of pitch is at most this high."""
    stripes: int
    """Of each kind."""


USUAL = Policy(shift=0.05, stripe=0.08, band=0.1, stripes=2)
WHOLE = Policy(shift=0.0, stripe=0.05, band=0.12, stripes=2)
"""Of words, all of which are still there."""
STRONG = Policy(shift=0.1, stripe=0.15, band=0.2, stripes=2)
"""As self-taught learning compares them."""


View = Callable[[Levels, Policy, np.random.Generator], Levels]
QUIET = 2.0**-20
"""A sample of silence: far below what 16 bits can say, and a number of 16 bits that is not 0."""
GAIN = 2.0
"""Times as loud at most, or as quiet."""


def drawn(levels: Levels, policy: Policy, random: np.random.Generator) -> Levels:
    """(B, T) a view of (B, T), as long as it was."""
    bands, frames = levels.shape
    faintest = levels.min(initial=0.0)
    moved = _moved(levels, _most(random, policy.shift, frames, signed=True), faintest)
    for _ in range(policy.stripes):
        start, length = _stripe(random, policy.stripe, frames)
        moved[:, start : start + length] = faintest
        low, height = _stripe(random, policy.band, bands)
        moved[low : low + height] = faintest
    return moved


def drawn_samples(samples: Levels, policy: Policy, random: np.random.Generator, gain: bool = False) -> Levels:
    """(B, T) a view of (B, T) samples, as long as it was; none is 0, so that it ends where it ended."""
    frames = samples.shape[1]
    found = _moved(samples, _most(random, policy.shift, frames, signed=True), QUIET)
    for _ in range(policy.stripes):
        start, length = _stripe(random, policy.stripe, frames)
        found[:, start : start + length] = QUIET
    if gain:
        found *= np.asarray(GAIN ** random.uniform(-1, 1), found.dtype)
    found[np.abs(found) < QUIET] = QUIET
    return found


def _moved(levels: Levels, by: int, faintest: float) -> Levels:
    found = np.full_like(levels, faintest)
    frames = levels.shape[1]
    found[:, max(0, by) : frames + min(0, by)] = levels[:, max(0, -by) : frames - max(0, by)]
    return found


def _stripe(random: np.random.Generator, share: float, whole: int) -> tuple[int, int]:
    """Where it begins and how long it is; it may be nothing."""
    length = _most(random, share, whole)
    return int(random.integers(0, whole - length + 1)), length


def _most(random: np.random.Generator, share: float, whole: int, signed: bool = False) -> int:
    most = int(share * whole)
    return int(random.integers(-most if signed else 0, most + 1))
