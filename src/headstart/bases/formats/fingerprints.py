"""Which examples a base was pre-trained on, carried in its folder: nobody is proven anything on those.

The first eight bytes of each example's SHA-256, as sorted integers: eight megabytes for a million, and a
chance of one in ten billion that a foreign test split of a thousand meets one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ...errors import BaseError
from ...types import IntArray

SEEN = "trained_on.safetensors"
NOTHING: IntArray = np.zeros(0, dtype=np.int64)


def shortened(digests: Sequence[str]) -> IntArray:
    """Sorted integers of SHA-256 digests, each once."""
    numbers = [int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True) for digest in digests]
    return np.unique(np.array(numbers, dtype=np.int64))


def contents(seen: IntArray) -> bytes:
    """The file's bytes."""
    return save({"sha256": seen})


def read(folder: Path) -> IntArray:
    """What a base's folder says that it was trained on; nothing where it says nothing.

    Raises:
        BaseError: the file is there but cannot be read.
    """
    file = folder / SEEN
    if not file.is_file():
        return NOTHING
    try:
        return np.asarray(load(file.read_bytes())["sha256"], dtype=np.int64)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise BaseError(f"{file} cannot be read: {error}", "get the base anew") from error


def among(digests: Sequence[str], seen: IntArray) -> list[int]:
    """Positions of the digests that are among those seen."""
    numbers = [int(shortened([digest])[0]) for digest in digests]
    return np.flatnonzero(np.isin(numbers, seen)).tolist() if len(seen) else []
