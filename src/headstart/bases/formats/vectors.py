"""Word vectors in the text format of GloVe and word2vec: a word and its numbers on each line.

Or a matrix of NumPy's (`.npy`) with the words of its rows in the one Parquet file beside it.

Notation: m words, e numbers of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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
    return _from_matrix(file) if file.suffix == ".npy" else _from_lines(file)


def _from_matrix(file: Path) -> Vectors:
    words = _words_beside(file)
    try:
        matrix = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BaseError(f"{file} cannot be read: {error}", "get it anew") from error
    fits = matrix.ndim == 2 and matrix.dtype.kind == "f" and len(matrix) == len(words)
    if not fits or not 2 <= matrix.shape[1] <= WIDEST:
        raise BaseError(
            f"{file} holds {matrix.dtype} of shape {matrix.shape}; expected floating point numbers, "
            f"({len(words)}, 2 to {WIDEST}): a row for each word beside it",
            "get both files anew",
        )
    # the first of each, where two differ in their case only
    rows = dict(reversed([(word.lower(), row) for row, word in enumerate(words[:MOST])]))
    order = sorted(rows.values())
    values = np.asarray(matrix[:MOST], dtype=np.float32)[order]
    if not np.isfinite(values).all():
        raise BaseError(f"{file}: a number is not finite", "get it anew")
    return Vectors(tuple(words[row].lower() for row in order), values)


def _words_beside(file: Path) -> list[str]:
    """The first column of texts of the one Parquet file in the same folder."""
    hint = "put one Parquet file beside it, with a column of the words of its rows, in their order"
    tables = sorted(file.parent.glob("*.parquet"))
    if len(tables) != 1:
        raise BaseError(f"{file} has {len(tables)} Parquet files beside it", hint)
    try:
        schema = pq.read_schema(tables[0])
        names = [one.name for one in schema if pa.types.is_string(one.type)]
        words: list[str | None] = pq.read_table(tables[0], columns=names[:1])[0].to_pylist() if names else []
    except (OSError, pa.ArrowException) as error:
        raise BaseError(f"{tables[0]} cannot be read: {error}", "get it anew") from error
    if not words or None in words:
        raise BaseError(f"{tables[0]} has no column with a word in each row", hint)
    return [str(word) for word in words]


def _from_lines(file: Path) -> Vectors:
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
