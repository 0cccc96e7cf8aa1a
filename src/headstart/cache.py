"""The frozen pass's store: arrays on disk, keyed by everything that can change their values.

An entry is written under a temporary name and renamed when it is whole, so a kill never leaves a
half-written entry that is believed. The store is bounded: the entries used longest ago go first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import RunError

Array = NDArray[Any]
DEFAULT_BYTES = 20 * 2**30


@dataclass(frozen=True)
class Entry:
    """One array that is wanted: its key, shape and dtype."""

    key: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def bytes(self) -> int:
        return int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize


def key_of(**parts: Any) -> str:
    """A key over everything that can change a value; the parts must be plain JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def default_folder() -> Path:
    """`HEADSTART_CACHE`, else `headstart` in the user's cache folder."""
    if chosen := os.environ.get("HEADSTART_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headstart"


class Cache:
    """Arrays by key, in one folder, within a budget of bytes."""

    def __init__(self, folder: Path | None = None, budget: int = DEFAULT_BYTES) -> None:
        self.folder = folder or default_folder()
        self.budget = budget

    def array(self, key: str, shape: tuple[int, ...], dtype: str, fill: Callable[[Array], None]) -> Array:
        """The array of `key`, read-only; `fill` writes it where it is not there yet."""
        return self.arrays([Entry(key, shape, dtype)], lambda arrays: fill(arrays[0]))[0]

    def arrays(self, entries: Sequence[Entry], fill: Callable[[list[Array]], None]) -> list[Array]:
        """The arrays of `entries`; where one is missing, `fill` writes them all in one go.

        Raises:
            RunError: the disk is full or the folder cannot be written.
        """
        paths = [self.folder / f"{entry.key}.npy" for entry in entries]
        if all(path.exists() for path in paths):
            with suppress(ValueError):  # a damaged file is written anew
                return [self._read(path) for path in paths]
        if sum(entry.bytes for entry in entries) > self.budget:
            return Memory().arrays(entries, fill)
        self._write(entries, paths, fill)
        return [self._read(path) for path in paths]

    def used(self) -> int:
        """Bytes that the finished entries take."""
        return sum(path.stat().st_size for path in self.folder.glob("*.npy"))

    def clear(self) -> int:
        """Remove every entry; returns the bytes freed."""
        freed = self.used()
        for path in [*self.folder.glob("*.npy"), *self.folder.glob(".*.part")]:
            path.unlink(missing_ok=True)
        return freed

    def _read(self, path: Path) -> Array:
        with suppress(OSError):
            os.utime(path)  # the age that eviction goes by
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        return array

    def _write(
        self, entries: Sequence[Entry], paths: list[Path], fill: Callable[[list[Array]], None]
    ) -> None:
        parts = [path.with_name(f".{path.stem}.{os.getpid()}.part") for path in paths]
        try:
            with self._writing():
                self.folder.mkdir(parents=True, exist_ok=True)
                self._make_room(sum(entry.bytes for entry in entries))
                arrays = [_reserve(part, entry) for part, entry in zip(parts, entries, strict=True)]
            fill(list(arrays))
            with self._writing():
                for array, part, path in zip(arrays, parts, paths, strict=True):
                    array.flush()
                    os.replace(part, path)
        finally:
            for part in parts:
                with suppress(OSError):
                    part.unlink()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RunError(
                f"the cache {self.folder} cannot be written: {error.strerror or error}",
                "free some space, or set HEADSTART_CACHE to a folder on another disk",
            ) from error

    def _make_room(self, wanted: int) -> None:
        """Remove the entries used longest ago until `wanted` bytes fit the budget and the disk."""
        for part in self.folder.glob(".*.part"):  # of processes that were killed
            if not Path("/proc", part.name.split(".")[-2]).exists():
                part.unlink(missing_ok=True)
        free = min(self.budget - self.used(), shutil.disk_usage(self.folder).free)
        for path in sorted(self.folder.glob("*.npy"), key=lambda path: path.stat().st_atime):
            if free >= wanted:
                return
            free += path.stat().st_size
            path.unlink(missing_ok=True)


def _reserve(path: Path, entry: Entry) -> np.memmap[Any, Any]:
    """A memory-mapped .npy whose blocks exist: a full disk is an error here, not a crash later."""
    array = np.lib.format.open_memmap(path, mode="w+", dtype=entry.dtype, shape=entry.shape)
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


class Memory(Cache):
    """The same without a disk: for inputs that are seen once, in `predict`."""

    def arrays(self, entries: Sequence[Entry], fill: Callable[[list[Array]], None]) -> list[Array]:
        """New arrays, filled at once and kept by nobody."""
        arrays: list[Array] = [np.empty(entry.shape, entry.dtype) for entry in entries]
        fill(arrays)
        return arrays
