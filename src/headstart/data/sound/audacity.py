"""Labels of Audacity: `talk.txt` beside `talk.wav`, a line of start, end and what is said between them."""

from __future__ import annotations

import re
from pathlib import Path

from .text_files import lines
from .timed import Said

_LINE = re.compile(r"^(\d+[.,]\d+)\t(\d+[.,]\d+)\t(.*)$")
_FREQUENCIES = "\\"
"""A label of a range of pitches has a second line that begins so."""


def labels(path: Path, root: Path) -> list[Said]:
    """The labels with a text; none where the file is of another kind."""
    told = [line for line in lines(path, root) if line.strip() and not line.startswith(_FREQUENCIES)]
    found = [_LINE.match(line) for line in told]
    if not told or not all(found):
        return []
    parts = [Said(_seconds(one[1]), _seconds(one[2]), one[3].strip()) for one in found if one]
    return [one for one in parts if one.text]


def _seconds(text: str) -> float:
    """With a point or, where people write so, a comma."""
    return float(text.replace(",", "."))
