"""Parts of a recording as recordings of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...types import Source
from . import wav
from .decode import Floats, blocks
from .pieces import BLOCK

Span = tuple[float, float]
"""The seconds at which a part begins and ends."""


def cut(source: Source, spans: Sequence[Span]) -> list[bytes]:
    """Each part as a WAV, of what there is of it; in the memory of the parts, however long the recording is.

    Raises:
        DataError: the recording cannot be used; the message is the reason alone.
    """
    parts = [list[Floats]() for _ in spans]
    begun, rate = 0, 1
    for block, rate in blocks(source, BLOCK):
        for part, (start, end) in zip(parts, spans, strict=True):
            first, last = round(start * rate) - begun, round(end * rate) - begun
            if last > 0 and first < len(block):
                part.append(block[max(0, first) : last])
        begun += len(block)
    nothing = np.zeros(0, np.float32)
    return [wav.written(np.concatenate([nothing, *part]), rate) for part in parts]
