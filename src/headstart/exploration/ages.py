"""When files were last changed, as a few spans of about as many files each: something to colour a map by.

A copy of a folder is as old as the copying, so that days say nothing where all files are of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ..types import FloatArray, IntArray, Source

SPANS = 6
DAY = 24 * 60 * 60
"""Seconds."""


@dataclass(frozen=True)
class Ages:
    """The spans of n examples."""

    members: IntArray
    """(n,) the number of each one's span, 0 the oldest."""
    names: tuple[str, ...]
    """Of the spans: their first and last day, UTC."""


def ages(sources: Sequence[Source]) -> Ages | None:
    """Of examples; None where they are no files on the disk, or within one day."""
    try:
        times = np.array([source.stat().st_mtime for source in sources if isinstance(source, Path)])
    except OSError:  # what lies in an archive has no date of its own
        return None
    if len(times) < len(sources) or np.ptp(times) < DAY:
        return None
    days = times // DAY
    starts = np.unique(np.sort(days)[np.arange(SPANS) * len(days) // SPANS])
    members = np.searchsorted(starts, days, "right") - 1
    names = tuple(_span(days[members == one]) for one in range(len(starts)))
    return Ages(members.astype(np.int64), names)


def _span(days: FloatArray) -> str:
    first, last = (
        datetime.fromtimestamp(DAY * day, UTC).strftime("%Y-%m-%d") for day in (days.min(), days.max())
    )
    return first if first == last else f"{first} to {last}"
