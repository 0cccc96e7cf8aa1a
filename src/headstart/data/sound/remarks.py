"""Findings about how recordings were made: what a person would hear at once, and a table of scores hides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import DataError
from ...parallel import each
from ...preprocessing.sound import RATE
from ...types import Finding, Source
from .decode import LONGEST, Sound, read

CLIPPED = 0.005
"""Share of samples at the edge of what can be written from which a recording is called clipped."""
_EDGE = 0.999


def remarks(sources: Sequence[Source]) -> list[Finding]:
    """Findings about recordings that can be used: long ones, clipped ones, sampling rates."""
    told = each(_about, list(sources))
    names = [source.name if isinstance(source, Path) else "(bytes)" for source in sources]
    rates = Counter(rate for rate, _, _ in told if rate)
    found = [
        _finding(
            "long",
            f"longer than {LONGEST:.0f} s: only the first {LONGEST:.0f} s of each are looked at",
            [name for name, (_, long, _) in zip(names, told, strict=True) if long],
        ),
        _finding(
            "clipped",
            "clipped: louder than can be written, which sounds harsh",
            [name for name, (_, _, clipped) in zip(names, told, strict=True) if clipped],
        ),
        _of_rates(rates),
    ]
    return [one for one in found if one is not None]


def _about(source: Source) -> tuple[int, bool, bool]:
    """The sampling rate, and whether it is long, and clipped."""
    try:
        sound = read(source)
    except DataError:
        return 0, False, False
    return sound.rate, sound.seconds > LONGEST, is_clipped(sound)


def is_clipped(sound: Sound) -> bool:
    """Does it stay at its loudest, as it would if what is louder was cut off?"""
    edge = _EDGE * float(np.abs(sound.samples).max())
    return edge > _EDGE / 2 and float(np.mean(np.abs(sound.samples) >= edge)) > CLIPPED


def _finding(what: str, message: str, items: Sequence[str]) -> Finding | None:
    if not items:
        return None
    many = f"{len(items)} recordings are" if len(items) > 1 else "1 recording is"
    return Finding(what, f"{many} {message}", tuple(items))


def _of_rates(rates: Counter[int]) -> Finding | None:
    """That recordings have different rates, which may tell classes apart without a word being heard."""
    if len(rates) < 2:
        return None
    said = ", ".join(f"{rate} Hz ({many})" for rate, many in rates.most_common(4))
    message = f"the recordings have different sampling rates, {said}; all are brought to {RATE} Hz"
    low = min(rates)
    if low < RATE:
        message += (
            f", where those of {low} Hz have nothing above {low // 2} Hz: see that no class is alone in that"
        )
    return Finding("rates", message)
