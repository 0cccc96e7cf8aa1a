"""The cache: arrays filled row by row, small facts and folders, by keys over all that can change them.

    here            rows.py: files in one folder of this machine, within a budget of bytes; the entries used
                    longest ago go first
    with others     `HEADSTART_CACHE=s3://BUCKET/FOLDER`, store.py and shards.py: the folder here is a copy
                    that is read and written first; rows and facts go on to the store, and come from it

What comes out of a base is shared, and so are facts. Examples as they were decoded, and whole folders, are
not (`Cache.here`): whoever has the data makes them quicker than they travel.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import RunError, SettingsError
from .rows import Rows, filling, unusable, writing
from .shards import Array, Indices, forms
from .store import Store, store_of

__all__ = ["Array", "Cache", "Indices", "Rows", "default_folder", "filling", "key_of", "writing"]

PLACE = "HEADSTART_CACHE"
DEFAULT_BYTES = 20 * 2**30
FOLDERS, COPIES, FACTS = "folders", "copies", "facts"
"""Where whole folders are kept, each under its key; copies of shared caches; and facts in a store."""


def key_of(**parts: object) -> str:
    """A key over everything that can change a value; the parts must be plain JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def default_folder() -> Path:
    """`HEADSTART_CACHE`, else `headstart` in the user's cache folder; the copy of a cache that is shared.

    Raises:
        SettingsError: there is no such folder.
    """
    chosen = os.environ.get(PLACE)
    if chosen:
        return _copy_of(chosen) if _is_shared(chosen) else Path(chosen)
    return _users()


def _is_shared(place: str) -> bool:
    return "://" in place


def _copy_of(url: str) -> Path:
    """The folder of this machine for a shared cache."""
    return _users() / COPIES / key_of(url=url.rstrip("/"))[:16]


def _users() -> Path:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headstart"
    except RuntimeError:  # neither HOME nor an entry of the user
        raise SettingsError(
            "there is no home folder to keep the cache in",
            f"say where: {PLACE}=FOLDER, or XDG_CACHE_HOME=FOLDER for the copy of a shared one",
        ) from None


class Cache:
    """Arrays and facts by key, in a folder, within a budget of bytes; through a store those of others too."""

    def __init__(
        self,
        folder: Path | None = None,
        budget: int = DEFAULT_BYTES,
        dtype: str = "float16",
        store: Store | None = None,
    ) -> None:
        """Without a folder and a store, those that the environment names.

        Args:
            folder: on this machine.
            budget: bytes that its entries may take.
            dtype: of activations, where their values fit it.
            store: that it is shared through.

        Raises:
            HeadstartError: the store cannot be reached (`Store`).
        """
        chosen = os.environ.get(PLACE, "")
        if store is None and folder is None and _is_shared(chosen):
            store = store_of(chosen)
        self.folder = folder or (_copy_of(store.url) if store else default_folder())
        self.budget, self.dtype, self.store = budget, dtype, store

    def __reduce__(self) -> tuple[type[Cache], tuple[Path | None, int, str, Store | None]]:
        """On another machine the copy of a shared one lies elsewhere."""
        copied = self.store is not None and self.folder == _copy_of(self.store.url)
        return type(self), (None if copied else self.folder, self.budget, self.dtype, self.store)

    @property
    def place(self) -> str:
        """What other machines have to reach."""
        return self.store.url if self.store else str(self.folder)

    @property
    def here(self) -> Cache:
        """The same folder, shared with nobody."""
        return Cache(self.folder, self.budget, self.dtype)

    def told(self) -> str | None:
        """Why it is not shared any more, once."""
        return self.store.told() if self.store else None

    def find(self, key: str) -> Rows | None:
        """The entry of `key`, if there is one; a damaged or foreign file is dropped."""
        path = self._path(key)
        try:
            found = Rows(path, key, self.store)
            os.utime(path)  # the age that eviction goes by
        except FileNotFoundError:
            return self._of_others(key)
        except (ValueError, EOFError):
            path.unlink(missing_ok=True)
            return None
        except OSError as error:
            raise unusable(self.folder, error) from error
        if found.whole:  # what could not be shared when it was written is now
            found.share()
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
        if found is not None:  # of another shape
            self.drop(key)
        return self._made(key, shape, dtype)

    def _made(self, key: str, shape: tuple[int, ...], dtype: str) -> Rows | None:
        """A new entry, without a row."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._make_room(prod(shape) * np.dtype(dtype).itemsize):
                return None
            part = self.folder / _part_of(key)
            try:
                _reserve(part, shape, np.dtype(dtype), key)
                with suppress(FileExistsError):  # made by another process meanwhile: both use that one
                    os.link(part, self._path(key))
            finally:
                part.unlink(missing_ok=True)
        return Rows(self._path(key), key, self.store)

    def _of_others(self, key: str) -> Rows | None:
        """An entry that other machines have written: its rows come as they are asked for."""
        form = next(iter(forms(self.store, key)), None) if self.store else None
        return None if form is None else self._made(key, form.shape, form.dtype.name)

    def drop(self, key: str) -> None:
        """Forget an entry."""
        self._path(key).unlink(missing_ok=True)

    def recall(self, key: str) -> dict[str, Any] | None:
        """A small fact that was remembered."""
        with suppress(OSError, ValueError):
            found = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        content = self.store.read(f"{FACTS}/{key}.json") if self.store else None
        with suppress(ValueError):
            found = json.loads(content or b"")
            if isinstance(found, dict):
                self.here.remember(key, found)
                return found
        return None

    def remember(self, key: str, fact: dict[str, object]) -> None:
        """Keep a small fact, as JSON."""
        if self.store:
            self.store.write(f"{FACTS}/{key}.json", json.dumps(fact).encode())
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
        if self.here.recall(key) == {"sha256": _digests(found)}:
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
        self.here.remember(key, {"sha256": digests})
        return found

    def used(self) -> int:
        """Bytes on the disk that the entries take."""
        kept = (path for path in (self.folder / FOLDERS).rglob("*") if path.is_file())
        return sum(_bytes(path) for path in [*self._entries(), *kept])

    def clear(self) -> int:
        """Remove every entry; returns the bytes freed. What is shared stays in its store: others use it."""
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


def _part_of(key: str, process: int | str | None = None, thread: int | str | None = None) -> str:
    """The name of a file that is being written; several machines may write into one folder."""
    process, thread = process or os.getpid(), thread or threading.get_ident()
    return f".{key}.{process}.{thread}.{platform.node()}.part"


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
