"""An entry of the cache: an array on disk, filled row by row, several machines at a time where it is shared.

A row counts as written once it is marked, and it is marked only after its bytes are on the disk: a pass
that was killed goes on from its marks, and nothing half written is believed.

Layout of a file: an .npy file of shape (n, …), then n bytes of marks, then the key.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from math import prod
from pathlib import Path

import numpy as np

from ..errors import RunError
from .shards import Array, Form, Indices, Shards
from .store import Store

SETTLE_SECONDS = 2.0
"""A kill costs at most this much work."""
WRITTEN, SHARED = 1, 2
"""Bits of a mark: the row's bytes are here; they are in the shared store too."""
BEHIND = 4
"""Shards on their way to the store before who writes waits: all have to get there in the end."""


class Rows:
    """One array of the cache: (n, …), of which some rows are written.

    Threads may read and write at once. Two processes may too: each writes the same values, and marks its
    own rows; `filling` makes the second one wait where that saves it the work.
    """

    def __init__(self, path: Path, key: str, store: Store | None = None) -> None:
        """Open an entry.

        Args:
            path: of its file.
            key: that it must have.
            store: that it is shared through: rows that others have written are read from there, and what is
                written here follows in the background.

        Raises:
            ValueError: the file is not this entry, or not whole.
            OSError: it cannot be opened.
        """
        self.path = path
        self._fd = os.open(path, os.O_RDWR)
        weakref.finalize(self, os.close, self._fd)
        with open(self._fd, "rb", closefd=False) as file:
            if np.lib.format.read_magic(file) != (1, 0):
                raise ValueError("not an entry of this version")
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            self.shape, self.dtype, self._start = shape, dtype, file.tell()
        if dtype.hasobject:
            raise ValueError("Python objects are not read")
        self._row = prod(shape[1:]) * dtype.itemsize
        self._end = self._start + shape[0] * self._row
        if os.fstat(self._fd).st_size != self._end + shape[0] + len(key):
            raise ValueError("truncated")
        if os.pread(self._fd, len(key), self._end + shape[0]) != key.encode():
            raise ValueError("of another key")
        self._marks = np.zeros(shape[0], np.uint8)
        self._pending: list[Indices] = []
        self._settled = time.monotonic()
        self._lock, self._settling = threading.Lock(), threading.Lock()
        shared = store is not None and self._end > self._start
        self._shards = Shards(store, key, Form(shape, dtype)) if store and shared else None
        self._sender = ThreadPoolExecutor(1) if shared else None
        self._sent, self._taking = deque[Future[None]](), threading.Lock()
        self.refresh()

    def refresh(self) -> None:
        """Take in what another process has marked meanwhile."""
        with self._lock:
            self._marks |= np.frombuffer(os.pread(self._fd, self.shape[0], self._end), np.uint8)
            self._left = int(np.count_nonzero(self._marks == 0))
        if self._shards is not None:
            self._shards.forget()

    @property
    def whole(self) -> bool:
        """Are all rows written here?"""
        return self._left == 0

    def missing(self, rows: Indices) -> Indices:
        """Those of `rows` that are not written yet, neither here nor in the shared store."""
        found: Indices = rows[self._marks[rows] == 0]
        if self._shards is not None and len(found):
            self._take(self._shards, found)
            found = rows[self._marks[rows] == 0]
        return found

    def write(self, rows: Indices, values: Array) -> None:
        """Write (len(rows), …) values; other readers of this object see them at once.

        Raises:
            RunError: the disk is full.
        """
        self._put(rows, values, WRITTEN)
        if self._shards is not None and self._sender is not None:
            stretches = map(self._shards.stretch, self._shards.numbers(rows))
            for full in (some for some in stretches if self._marks[some].all()):
                self._sent.append(self._sender.submit(self._send, self._shards, full))
            while len(self._sent) > BEHIND:
                self._sent.popleft().result()
        if self.whole:
            self.share()

    def share(self) -> None:
        """Write what is only here to the shared store, and wait for what is on its way there."""
        if self._shards is None or self._sender is None or not (self._marks == WRITTEN).any():
            return
        only_here = np.flatnonzero(self._marks == WRITTEN)
        stretches = map(self._shards.stretch, self._shards.numbers(only_here))
        for sent in [self._sender.submit(self._send, self._shards, some) for some in stretches]:
            sent.result()
        self.settle()

    def _put(self, rows: Indices, values: Array, mark: int) -> None:
        with writing(self.path.parent):
            for first, last in _runs(rows):
                _pwrite(self._fd, values[first:last], self._start + int(rows[first]) * self._row)
        with self._lock:
            self._left -= int(np.count_nonzero(self._marks[rows] == 0))
            self._marks[rows] |= np.uint8(mark)
            self._pending.append(rows)
            whole, due = self._left == 0, time.monotonic() - self._settled > SETTLE_SECONDS
            self._settled = time.monotonic() if due else self._settled
        if whole:
            self.settle()
        elif due:  # beside what goes on: a disk can take a while for it
            threading.Thread(target=self._settle_quietly).start()

    def _take(self, shards: Shards, rows: Indices) -> None:
        """What others have written of these rows and their neighbours; what is here stays as it is."""
        with self._taking:
            before = self._left
            for found, values in shards.read(rows):
                new = self._marks[found] == 0
                self._put(found[new], values[new], WRITTEN | SHARED)
            if self._left < before:
                self.settle()  # what was fetched is not fetched again

    def _send(self, shards: Shards, stretch: Indices) -> None:
        """Those rows of a shard that are not in the store yet."""
        with self._lock:
            rows = stretch[self._marks[stretch] == WRITTEN]
        if len(rows) and shards.store.writable and shards.write(rows, self._bytes_of(rows)):
            with self._lock:
                self._marks[rows] |= np.uint8(SHARED)
                self._pending.append(rows)

    def settle(self) -> None:
        """Mark on the disk what was written: its bytes first.

        Raises:
            RunError: the disk is full.
        """
        with self._settling, writing(self.path.parent):
            with self._lock:
                pending, self._pending = self._pending, []
            if pending:
                os.fdatasync(self._fd)
            for rows in pending:
                for first, last in _runs(rows):
                    _pwrite(self._fd, self._marks[rows[first:last]], self._end + int(rows[first]))

    def _settle_quietly(self) -> None:
        with suppress(RunError):  # rows without a mark are only written again
            self.settle()

    def read(self, rows: Indices) -> Array:
        """A copy of these rows, (len(rows), …); nothing of the file stays in memory.

        Raises:
            ValueError: one of them is not written.
        """
        if len(self.missing(rows)):
            raise ValueError(f"rows of {self.path.name} are read before they are written")
        return self._bytes_of(rows)

    def _bytes_of(self, rows: Indices) -> Array:
        found = np.empty((len(rows), *self.shape[1:]), self.dtype)
        for first, last in _runs(rows):
            _pread(self._fd, found[first:last], self._start + int(rows[first]) * self._row)
        return found

    def mapped(self) -> Array:
        """The whole array, memory-mapped and read-only; rows that are not written are 0."""
        if prod(self.shape) == 0:
            return np.empty(self.shape, self.dtype)
        with open(self._fd, "rb", closefd=False) as file:
            return np.memmap(file, self.dtype, "r", self._start, self.shape)


@contextmanager
def filling(entries: Sequence[Rows], waits: Callable[[], None], alone: bool = True) -> Iterator[None]:
    """Be the one process that fills these entries; what is written is marked at the end, however it ends.

    `waits` is called once where another process is at it. Those that are not `alone` fill the same entries at
    once, each its own rows.
    """
    lock = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with ExitStack() as stack:
        for entry in sorted(entries, key=lambda entry: entry.path):  # one order: no two wait for each other
            stack.callback(fcntl.flock, entry._fd, fcntl.LOCK_UN)
            try:
                fcntl.flock(entry._fd, lock | fcntl.LOCK_NB)
            except BlockingIOError:
                waits()
                fcntl.flock(entry._fd, lock)
            entry.refresh()
            stack.callback(entry.settle)
        yield
        for entry in entries:  # not where it failed or was stopped: that must not take long
            entry.share()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What goes wrong with the disk, as an error with a way out."""
    try:
        yield
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(folder: Path, error: OSError) -> RunError:
    """The error where the disk does not do what it should."""
    return RunError(
        f"the cache {folder} cannot be used: {error.strerror or error}",
        "free some space, or set HEADSTART_CACHE to a folder on another disk",
    )


def _runs(rows: Indices) -> Iterator[tuple[int, int]]:
    """Stretches (first, last) of positions whose rows lie one after the other."""
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    edges = [0, *breaks.tolist(), len(rows)]
    return zip(edges[:-1], edges[1:], strict=True) if len(rows) else iter(())


def _pwrite(fd: int, values: Array, offset: int) -> None:
    data = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
    while data:
        done = os.pwrite(fd, data, offset)
        data, offset = data[done:], offset + done


def _pread(fd: int, into: Array, offset: int) -> None:
    data = into.reshape(-1).view(np.uint8).data
    while data:
        done = os.preadv(fd, [data], offset)
        if done == 0:
            raise EOFError("the file became shorter")
        data, offset = data[done:], offset + done
