"""How fast a transcript would be said: a wrong sampling rate or transcript shows in that at once.

People say 2 to 4 words a second, 10 to 20 letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ...errors import DataError
from ...parallel import each
from ...types import Finding, Source
from .decode import LONGEST, read

FASTEST, SLOWEST = 28.0, 1.0
"""Letters a second, beyond which nobody speaks; a slow one may have long pauses."""


def pace(
    sources: Sequence[Source], labels: Sequence[str], step: float, needed: Callable[[str], int]
) -> list[Finding]:
    """Findings about transcripts that do not fit the length of what is heard.

    Args:
        sources: the recordings.
        labels: what is said in each.
        step: seconds in which one letter may be heard at most.
        needed: the steps that a transcript takes at least.
    """
    lengths = each(_seconds, list(sources))
    names = [source.name if isinstance(source, Path) else "(bytes)" for source in sources]
    rows = [(name, text, time) for name, text, time in zip(names, labels, lengths, strict=True) if time]
    crowded = [name for name, text, time in rows if needed(text) > min(time, LONGEST) / step]
    fast = [name for name, text, time in rows if len(text) > FASTEST * time and name not in crowded]
    slow = [name for name, text, time in rows if len(text) < SLOWEST * time]
    rate = "is the sampling rate in the header right?"
    found = (
        _finding(
            "crowded",
            f"transcripts have more letters than steps of {step * 1000:.0f} ms, and teach nothing; {rate}",
            crowded,
        ),
        _finding("fast", f"transcripts have more than {FASTEST:.0f} letters a second: {rate}", fast),
        _finding(
            "slow",
            f"transcripts have less than {SLOWEST:.0f} letter a second: is the transcript whole, and {rate}",
            slow,
        ),
        _finding(
            "cut_transcripts",
            f"recordings are longer than {LONGEST:.0f} s: their sound is cut, their transcripts are not: "
            "cut them into sentences",
            [name for name, _, time in rows if time > LONGEST],
        ),
    )
    return [one for one in found if one is not None]


def _seconds(source: Source) -> float:
    """0 where it cannot be read any more."""
    try:
        return read(source).seconds
    except DataError:
        return 0.0


def _finding(kind: str, message: str, names: Sequence[str]) -> Finding | None:
    count = len(names)
    return Finding(kind, f"{count} {message}", tuple(names)) if names else None
