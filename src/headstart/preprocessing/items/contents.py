"""What is said of items, as a bundle keeps it: with it, what is said of others later is read alike.

Notation: m items, f words, e numbers of a text, d features of the base that read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

FILE = "contents.safetensors"
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Whitening:
    """(n, d) features to (n, e): along some directions, all of one variance, each row of length 1, or 0."""

    center: Float32
    """(d,)."""
    axes: Float32
    """(d, e)."""

    def __call__(self, features: NDArray[np.number]) -> Float32:
        """What it makes of features."""
        rows = (np.asarray(features, dtype=np.float64) - self.center) @ self.axes
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Reader:
    """What read the texts of items."""

    base: str
    """As it is called."""
    identity: str
    columns: tuple[str, ...]
    """Of a table of items, that hold texts."""
    whitening: Whitening


@dataclass(frozen=True, eq=False)
class Said:
    """What is said of the items that can be recommended."""

    vocabulary: tuple[str, ...]
    """(f,) the words that have a number."""
    ends: NDArray[np.int64]
    """(m + 1,) where each item's words begin and end."""
    words: NDArray[np.int64]
    """Their numbers."""
    texts: Float32
    """(m, e) what the base says of the text of each item, 0 where it has none; e may be 0."""
    reader: Reader | None = None

    @classmethod
    def read(cls, content: bytes) -> Said:
        """What `written` gave.

        Raises:
            ValueError: it is damaged.
        """
        try:
            found = load(content)
            about = json.loads(found["about"].tobytes())
            told = about["reader"]
            whitening = Whitening(found["center"], found["axes"])
            reader = (
                Reader(told["base"], told["identity"], tuple(told["columns"]), whitening) if told else None
            )
            return cls(tuple(about["vocabulary"]), found["ends"], found["words"], found["texts"], reader)
        except (SafetensorError, KeyError) as error:
            raise ValueError(f"{FILE}: {error!r}") from error

    def written(self) -> bytes:
        """As safetensors; words and names are JSON in bytes."""
        told, none = self.reader, np.zeros((0, 0), np.float32)
        reader = told and {"base": told.base, "identity": told.identity, "columns": told.columns}
        about = json.dumps({"vocabulary": self.vocabulary, "reader": reader}, ensure_ascii=False).encode()
        tensors = {
            "about": np.frombuffer(about, dtype=np.uint8),
            "ends": self.ends,
            "words": self.words,
            "texts": self.texts,
            "center": told.whitening.center if told else none,
            "axes": told.whitening.axes if told else none,
        }
        return save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
