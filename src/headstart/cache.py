"""The frozen pass's store: arrays on disk, filled row by row, keyed by all that can change a value.

A row counts as written once it is marked, and it is marked only after its bytes are on the disk: a pass
that was killed goes on from its marks, and nothing half written is believed. The store is bounded: the
entries used longest ago go first.

Layout of an entry: an .npy file of shape (n, …), then n bytes of marks, then the key.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import platform
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import RunError, SettingsError

Array = NDArray[np.number]
Indices = NDArray[np.int64]
DEFAULT_BYTES = 20 * 2**30
SETTLE_SECONDS = 2.0
"""A kill costs at most this much work."""
FOLDERS = "folders"
"""Where whole folders are kept, each under its key."""


def key_of(**parts: object) -> str:
    """A key over everything that can change a value; the parts must be plain JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def default_folder() -> Path:
    """`HEADSTART_CACHE`, else `headstart` in the user's cache folder."""
    if chosen := os.environ.get("HEADSTART_CACHE"):
        return Path(chosen)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headstart"
    except RuntimeError:  # neither HOME nor an entry of the user
        raise SettingsError(
            "there is no home folder to keep the cache in", "say where: HEADSTART_CACHE=FOLDER"
        ) from None


class Rows:
    """One array of the cache: (n, …), of which some rows are written.

    Threads may read and write at once. Two processes may too: each writes the same values, and marks its
    own rows; `filling` makes the second one wait where that saves it the work.
    """

    def __init__(self, path: Path, key: str) -> None:
        """Open an entry.

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
        self.refresh()

    def refresh(self) -> None:
        """Take in what another process has marked meanwhile."""
        self._marks |= np.frombuffer(os.pread(self._fd, self.shape[0], self._end), np.uint8)
        self._left = int(np.count_nonzero(self._marks == 0))

    def missing(self, rows: Indices) -> Indices:
        """Those of `rows` that are not written yet."""
        found: Indices = rows[self._marks[rows] == 0]
        return found

    def write(self, rows: Indices, values: Array) -> None:
        """Write (len(rows), …) values; other readers of this object see them at once.

        Raises:
            RunError: the disk is full.
        """
        with writing(self.path.parent):
            for first, last in _runs(rows):
                _pwrite(self._fd, values[first:last], self._start + int(rows[first]) * self._row)
        with self._lock:
            self._left -= int(np.count_nonzero(self._marks[rows] == 0))
            self._marks[rows] = 1
            self._pending.append(rows)
            whole, due = self._left == 0, time.monotonic() - self._settled > SETTLE_SECONDS
            self._settled = time.monotonic() if due else self._settled
        if whole:
            self.settle()
        elif due:  # beside what goes on: a disk can take a while for it
            threading.Thread(target=self._settle_quietly).start()

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
                    _pwrite(self._fd, np.ones(last - first, np.uint8), self._end + int(rows[first]))

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


class Cache:
    """Arrays by key, in one folder, within a budget of bytes."""

    def __init__(
        self, folder: Path | None = None, budget: int = DEFAULT_BYTES, dtype: str = "float16"
    ) -> None:
        """`dtype` is that of activations, where their values fit it."""
        self.folder = folder or default_folder()
        self.budget, self.dtype = budget, dtype

    def find(self, key: str) -> Rows | None:
        """The entry of `key`, if there is one; a damaged or foreign file is dropped."""
        path = self._path(key)
        try:
            found = Rows(path, key)
            os.utime(path)  # the age that eviction goes by
        except FileNotFoundError:
            return None
        except (ValueError, EOFError):
            path.unlink(missing_ok=True)
            return None
        except OSError as error:
            raise _unusable(self.folder, error) from error
        return found

    def rows(self, key: str, shape: tuple[int, ...], dtype: str) -> Rows | None:
        """The entry of `key`, made where there is none; None where it fits neither budget nor disk.

        Raises:
            RunError: the folder cannot be written.
        """
        found = self.find(key)
        # one that had to be made wider stays as it is
        if found is not None and found.shape == shape and found.dtype.itemsize >= np.dtype(dtype).itemsize:
            return found
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._make_room(prod(shape) * np.dtype(dtype).itemsize):
                return None
            part = self.folder / _part_of(key)
            try:
                _reserve(part, shape, np.dtype(dtype), key)
                if found is not None:  # of another shape
                    self.drop(key)
                with suppress(FileExistsError):  # made by another process meanwhile: both use that one
                    os.link(part, self._path(key))
            finally:
                part.unlink(missing_ok=True)
        return Rows(self._path(key), key)

    def drop(self, key: str) -> None:
        """Forget an entry."""
        self._path(key).unlink(missing_ok=True)

    def recall(self, key: str) -> dict[str, Any] | None:
        """A small fact that was remembered."""
        with suppress(OSError, ValueError):
            found = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        return None

    def remember(self, key: str, fact: dict[str, object]) -> None:
        """Keep a small fact, as JSON."""
        with suppress(RunError), writing(self.folder):  # it is only found out again then
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / _part_of(key)
            part.write_text(json.dumps(fact), encoding="utf-8")
            os.replace(part, self.folder / f"{key}.json")

    def folder_of(self, key: str, write: Callable[[Path], None]) -> Path:
        """The folder of `key`, with the files that `write` put into it; those that changed are written anew.

        Raises:
            RunError: the disk is full, or the cache cannot be written.
        """
        found = self.folder / FOLDERS / key
        if self.recall(key) == {"sha256": _digests(found)}:
            return found
        part = found.with_name(_part_of(key))
        with writing(self.folder):
            try:
                part.mkdir(parents=True)
                write(part)
                digests = _digests(part)
                shutil.rmtree(found, ignore_errors=True)
                with suppress(OSError):  # another process was quicker: both wrote the same
                    os.replace(part, found)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        self.remember(key, {"sha256": digests})
        return found

    def used(self) -> int:
        """Bytes on the disk that the entries take."""
        kept = (path for path in (self.folder / FOLDERS).rglob("*") if path.is_file())
        return sum(_bytes(path) for path in [*self._entries(), *kept])

    def clear(self) -> int:
        """Remove every entry; returns the bytes freed."""
        freed = self.used()
        shutil.rmtree(self.folder / FOLDERS, ignore_errors=True)
        for path in [*self._entries(), *self.folder.glob("*.json"), *self.folder.glob(".*.part")]:
            path.unlink(missing_ok=True)
        return freed

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.rows"

    def _entries(self) -> list[Path]:
        return list(self.folder.glob("*.rows"))

    def _make_room(self, wanted: int) -> bool:
        """Remove the entries used longest ago until `wanted` bytes fit the budget and the disk."""
        if wanted > self.budget:
            return False
        for part in self.folder.glob(_part_of("*", "*", "*")):  # of this machine's processes that were killed
            if not Path("/proc", part.name.split(".")[2]).exists():
                part.unlink(missing_ok=True)
        free = min(self.budget - self.used(), shutil.disk_usage(self.folder).free)
        for path in sorted(self._entries(), key=lambda path: path.stat().st_atime):
            if free >= wanted:
                break
            free += _bytes(path)
            path.unlink(missing_ok=True)
        return free >= wanted


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What goes wrong with the disk, as an error with a way out."""
    try:
        yield
    except OSError as error:
        raise _unusable(folder, error) from error


def _part_of(key: str, process: int | str | None = None, thread: int | str | None = None) -> str:
    """The name of a file that is being written; several machines may write into one folder."""
    process, thread = process or os.getpid(), thread or threading.get_ident()
    return f".{key}.{process}.{thread}.{platform.node()}.part"


def _unusable(folder: Path, error: OSError) -> RunError:
    return RunError(
        f"the cache {folder} cannot be used: {error.strerror or error}",
        "free some space, or set HEADSTART_CACHE to a folder on another disk",
    )


def _reserve(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], key: str) -> None:
    """An entry without a row: zeros that take no blocks yet."""
    header = io.BytesIO()
    facts = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, facts)
    with path.open("wb") as file:
        file.write(header.getvalue())
        file.seek(prod(shape) * dtype.itemsize + shape[0], os.SEEK_CUR)
        file.write(key.encode())


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file in a folder; none where there is no folder."""
    found = {}
    for path in sorted(folder.glob("*")):
        with path.open("rb") as stream:
            found[path.name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def _bytes(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_blocks * 512
    return 0


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
