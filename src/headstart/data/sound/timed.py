"""Transcripts of parts of long recordings, each with the seconds at which it begins and ends."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...errors import DataError
from ...types import Dropped, Row
from ..listing import Listing, shown
from .cuts import cut


@dataclass(frozen=True)
class Said:
    """What is said in a part of a recording."""

    start: float
    end: float
    """Seconds."""
    text: str
    group: str | None = None


def cut_up(path: Path, root: Path, parts: Iterable[Said], split: str | None = None) -> Listing:
    """A row for each part, called by its recording and where it begins."""
    name, rows, dropped = shown(path, root), list[Row](), list[Dropped]()
    fine = list[Said]()
    for one in parts:
        if 0 <= one.start < one.end < math.inf:
            fine.append(one)
        else:
            dropped.append(Dropped(_called(name, one), f"it has no length: it ends at {one.end:g} s"))
    try:
        sounds = cut(path, [(one.start, one.end) for one in fine])
    except DataError as error:
        return Listing((), (Dropped(name, error.message), *dropped))
    for one, sound in zip(fine, sounds, strict=True):
        rows.append(Row(_called(name, one), sound, one.text, split, one.group))
    return Listing(tuple(rows), tuple(dropped))


def _called(name: str, one: Said) -> str:
    return f"{name} from {one.start:.2f} s"
