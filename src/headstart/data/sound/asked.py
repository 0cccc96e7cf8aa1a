"""What a person names to have it predicted: recordings, and folders of them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...errors import DataError
from ...types import Source
from ..asked import STDIN, Asked, Input, Kind, files_named
from ..reading import Reading
from .formats import looks_like_sound

_HINT = "give paths, or the bytes of a file: they say the sampling rate"


def _held(value: object) -> tuple[str, Source]:
    if isinstance(value, bytes | bytearray | memoryview):
        return "(bytes)", bytes(value)
    raise DataError(f"expected a recording, got {type(value).__name__}", _HINT)


KIND = Kind(("a recording", "recordings"), ("1.wav", "2.wav"), looks_like_sound, _held)


def sounds_asked(inputs: Sequence[object], reading: Reading) -> Asked:
    """Files as they are, folders as the recordings in them, sorted; `-` is one recording on standard input.

    Bytes are recordings too, and a data frame is its column `file_name`. A file that is not there is an
    error in its place.

    Raises:
        DataError: nothing of all this is there, or columns are named where there are none.
    """
    skipped = Counter[str]()
    found = files_named(inputs, reading, KIND, skipped)
    return Asked((_input(one) for one in found), skipped=skipped)


def _input(given: str | Path | Input) -> Input:
    if isinstance(given, Input):
        return given
    if isinstance(given, str):
        return Input(STDIN, sys.stdin.buffer.read())
    return Input(given.as_posix(), given)
