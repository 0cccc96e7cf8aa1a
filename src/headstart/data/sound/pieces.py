"""A recording of any length piece by piece, in the memory of one piece.

Notation: n samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...types import Source
from .decode import RATES, Floats, Sound, blocks, resampled

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

    The last one is as long as what is left, at least the overlap.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    held, rate, start = np.zeros(0, np.float32), RATES[0], 0
    length = step = 0
    for block, rate in blocks(source, BLOCK):
        length, step = round(seconds * rate), round((seconds - overlap) * rate)
        held = np.append(held, block)
        while len(held) > length:
            yield _piece(held[:length], rate, start, last=False)
            held, start = held[step:], start + step
    yield _piece(held, rate, start, last=True)


def _piece(samples: Floats, rate: int, start: int, last: bool) -> Piece:
    sound = Sound(samples, rate, len(samples) / rate, 1)
    return Piece(start / rate, resampled(sound), start == 0, last)
