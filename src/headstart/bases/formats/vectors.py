"""Word vectors in the text format of GloVe and word2vec: a word and its numbers on each line.

Notation: m words, e numbers of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import BaseError

MOST = 200_000
"""Words that are read: such files hold the most frequent first."""
WIDEST = 2000
"""Numbers of a word."""


@dataclass(frozen=True)
class Vectors:
    """m words, lower-cased, each once; and what they mean."""

    words: tuple[str, ...]
    values: NDArray[np.float32]
    """(m, e)."""


def read(file: Path) -> Vectors:
    """The first words of a file; a first line with two whole numbers (how many, how wide) is passed over.

    Raises:
        BaseError: it cannot be read, or a line does not fit; the message has its number.
    """
    about = file.stat()
    return _read(file, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=1)
def _read(file: Path, _changed: int, _size: int) -> Vectors:
    found: dict[str, NDArray[np.float32]] = {}
    width = 0
    try:
        for number, line in _lines(file):
            width = width or len(line.split(" ")) - 1
            word, values = _row(file, number, line, width)
            found.setdefault(word.lower(), values)
            if len(found) == MOST:
                break
    except UnicodeDecodeError as error:
        raise BaseError(f"{file} is not text in UTF-8: {error}", "convert it, or get it anew") from error
    except OSError as error:
        raise BaseError(f"{file} cannot be read: {error.strerror}", "check its rights") from error
    if not found:
        raise BaseError(f"{file} holds no word vectors", "each line should be a word and its numbers")
    return Vectors(tuple(found), np.stack(list(found.values())))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            bare = line.rstrip()
            header = number == 1 and len(bare.split()) == 2 and all(part.isdigit() for part in bare.split())
            if bare and not header:
                yield number, bare.replace("\t", " ")


def _row(file: Path, number: int, line: str, width: int) -> tuple[str, NDArray[np.float32]]:
    """A word, which may hold spaces, and its numbers."""
    hint = "each line should be a word and its numbers, with spaces between and as many on each line"
    if not 2 <= width <= WIDEST:
        raise BaseError(
            f"{file}, line {number}: {width} numbers; expected 2 to {WIDEST} for each word",
            hint,
        )
    word, *numbers = line.rsplit(" ", width)
    if len(numbers) != width or not word:
        raise BaseError(f"{file}, line {number}: {len(numbers)} numbers, the first word has {width}", hint)
    try:
        values = np.array(numbers, dtype=np.float32)
    except ValueError as error:
        raise BaseError(f"{file}, line {number}: not {width} numbers after a word: {error}", hint) from error
    if not np.isfinite(values).all():
        raise BaseError(f"{file}, line {number}: a number is not finite", "leave that line out")
    return word, values
