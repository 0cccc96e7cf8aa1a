"""Cells that are numbers: 3, "3.5", 1e-4; what is none is left out, and said."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .cells import texts


def numbers(cells: Sequence[object]) -> list[tuple[str, str | None]]:
    """Each cell as the text of its number, and a reason not to use it."""
    return [_number(text) for text in texts(cells)]


def _number(text: str | None) -> tuple[str, str | None]:
    if text is None or not text.strip():
        return "", "no value"
    try:
        value = float(text)
    except ValueError:
        return "", f"value: {text.strip()[:40]!r} is not a number"
    if not math.isfinite(value):
        return "", f"value: {text.strip()} is not finite"
    return repr(value), None
