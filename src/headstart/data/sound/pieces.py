"""A recording of any length piece by piece, in the memory of one piece.

Notation: n samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...types import Source
from .decode import RATES, Floats, Sound, blocks, resampled

QUIET = 0.2
"""Seconds of a pause between words."""
BLOCK = 10.0
"""Seconds that are decoded at a time."""


@dataclass(frozen=True)
class Piece:
    """Some seconds of a recording."""

    start: float
    """Seconds from the beginning of the recording."""
    samples: Floats
    """(n,) at `preprocessing.sound.RATE`."""
    first: bool
    last: bool


def pieces(source: Source, seconds: float, overlap: float) -> Iterator[Piece]:
    """Pieces of so many seconds, each of which begins so much before the one before it ends.

    The last one is as long as what is left, at least the overlap. Without an overlap a piece ends where it is
    quietest in its last quarter.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    held, rate, start = np.zeros(0, np.float32), RATES[0], 0
    length = step = 0
    for block, rate in blocks(source, BLOCK):
        length, step = round(seconds * rate), round((seconds - overlap) * rate)
        held = np.append(held, block)
        while len(held) > length:
            end = length if overlap else _quietest(held[:length], round(QUIET * rate))
            yield _piece(held[:end], rate, start, last=False)
            begin = step if overlap else end
            held, start = held[begin:], start + begin
    yield _piece(held, rate, start, last=True)


def _quietest(samples: Floats, window: int) -> int:
    """The middle of the quietest so many samples of the last quarter."""
    first = 3 * len(samples) // 4
    power = np.square(samples[first:], dtype=np.float64).cumsum()
    return first + int((power[window:] - power[:-window]).argmin()) + window // 2


def _piece(samples: Floats, rate: int, start: int, last: bool) -> Piece:
    sound = Sound(samples, rate, len(samples) / rate, 1)
    return Piece(start / rate, resampled(sound), start == 0, last)
