"""The rows of an entry in a shared store: shards that are believed only where they are whole.

    rows/KEY/float16-1000x320/000003-5f0c…      some of the rows of the fourth shard

A shard is a stretch of rows of about `SHARD_BYTES`, the same for everybody. A file holds a bit for each row
of the stretch, then the rows that it has. Its name ends with its mark, the SHA-256 of its content: that of a
file that was cut off, or is not wholly written yet, is another one. Files are never changed: who writes other
rows of the stretch writes another file, so that of two writers nothing is lost, and who writes the same rows
writes the same file.

Notation: n rows of an entry, r of a shard, b of a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .store import Store

Array = NDArray[np.number]
Indices = NDArray[np.int64]
SHARD_BYTES = 4 * 2**20
ROWS = "rows"


@dataclass(frozen=True)
class Form:
    """Shape (n, …) and type of an entry's array."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def name(self) -> str:
        """`float16-1000x320`."""
        return f"{self.dtype.name}-{'x'.join(map(str, self.shape))}"

    @property
    def row(self) -> int:
        """Bytes of a row."""
        return prod(self.shape[1:]) * self.dtype.itemsize

    @classmethod
    def of(cls, name: str) -> Form | None:
        """The form of this name; None where it is something else."""
        with suppress(TypeError, ValueError):
            kind, _, sizes = name.partition("-")
            found = cls(tuple(map(int, sizes.split("x"))), np.dtype(kind))
            return found if found.name == name and found.dtype.kind in "biuf" else None
        return None


def forms(store: Store, key: str) -> list[Form]:
    """Those in which the entry of a key is in the store, the widest type first."""
    found = [form for name in store.names(f"{ROWS}/{key}") if (form := Form.of(name)) is not None]
    return sorted(found, key=lambda form: -form.dtype.itemsize)


@dataclass
class Shards:
    """The shards of one entry."""

    store: Store
    key: str
    form: Form
    _names: dict[int, list[str]] | None = None
    """Of files by the number of their shard, as they were listed."""
    _known: set[str] = field(default_factory=set)
    """Files that were read or written here: nothing in them is new."""

    @property
    def rows(self) -> int:
        """r: the number of rows of a shard."""
        return max(1, SHARD_BYTES // max(1, self.form.row))

    def numbers(self, rows: Indices) -> list[int]:
        """Of the shards that rows lie in."""
        return list(np.unique(rows // self.rows).tolist())

    def stretch(self, number: int) -> Indices:
        """The rows of a shard."""
        first = number * self.rows
        return np.arange(first, min(first + self.rows, self.form.shape[0]))

    def forget(self) -> None:
        """List the files anew when they are needed next: others may have written some."""
        self._names = None

    def read(self, rows: Indices) -> Iterator[tuple[Indices, Array]]:
        """(b,) rows and their (b, …) values, of every file that is new here in the shards of `rows`."""
        if self._names is None:
            self._names = self._listed()
        for number in self.numbers(rows):
            for name in self._names.get(number, []):
                if name in self._known:
                    continue
                self._known.add(name)
                found = self._unpacked(number, name, self.store.read(f"{self._folder}/{name}"))
                if found is not None:
                    yield found

    def write(self, rows: Indices, values: Array) -> bool:
        """Write (b, …) values of (b,) rows of one shard, sorted; are they in the store now?"""
        number = int(rows[0]) // self.rows
        bits = np.packbits(np.isin(self.stretch(number), rows)).tobytes()
        content = bits + np.ascontiguousarray(values, self.form.dtype).tobytes()
        name = _named(number, content)
        self._known.add(name)
        return self.store.write(f"{self._folder}/{name}", content)

    @property
    def _folder(self) -> str:
        return f"{ROWS}/{self.key}/{self.form.name}"

    def _listed(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for name in self.store.names(self._folder):
            number, _, mark = name.partition("-")
            if number.isdecimal() and mark:
                found.setdefault(int(number), []).append(name)
        return found

    def _unpacked(self, number: int, name: str, content: bytes | None) -> tuple[Indices, Array] | None:
        """Rows and values of a file; None where it is gone, or not whole."""
        stretch = self.stretch(number)
        bits = -(-len(stretch) // 8)
        if content is None or name != _named(number, content) or len(content) < bits:
            return None
        there = np.unpackbits(np.frombuffer(content, np.uint8, bits), count=len(stretch)).astype(bool)
        rows = stretch[there]
        if len(content) != bits + len(rows) * self.form.row:
            return None
        values = np.frombuffer(content, self.form.dtype, offset=bits)
        return rows, values.reshape(len(rows), *self.form.shape[1:])


def _named(number: int, content: bytes) -> str:
    return f"{number:06d}-{hashlib.sha256(content).hexdigest()}"
