"""A folder on any file system that fsspec knows: what several machines keep one cache in.

What fails for a moment is tried again, a few times and a little later each time. At the first contact what
fails for good is an error: nothing has been done yet, and a name was probably mistyped. Later it is not,
neither in reading nor in writing: a shared cache saves work, and must not end work of hours. From then on the
store is left alone, what it would have given is computed, to the same values, and `told` says so once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from ..errors import MissingExtra, RunError, SettingsError

Made = TypeVar("Made")
WAITS = (0.2, 0.8, 3.2)
"""Seconds before each further try."""
MARKER, MARKED = "headstart-cache", b"1\n"
"""A file that says what the folder is, and in which version of its form."""
S3 = ("s3", "s3a")
ONCE = {"connect_timeout": 10, "read_timeout": 60, "retries": {"total_max_attempts": 1}}
OPTIONS: dict[str, dict[str, Any]] = {
    "file": {"auto_mkdir": True},
    **dict.fromkeys(S3, {"config_kwargs": ONCE}),
}
"""By protocol. Tries are counted here: those of a client within ours would multiply."""
FLAT = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "memory", "file", "local")
"""Where no folder has to be made before a file: of these, some would make a bucket instead."""


class Store:
    """Files by names with slashes. Threads may use it at once; sent to another process it connects anew."""

    def __init__(self, url: str) -> None:
        """Connect, and see that the folder can be read, and that it is or can become a cache.

        Raises:
            SettingsError: no such protocol.
            MissingExtra: the package of a protocol is not installed.
            RunError: the folder cannot be reached, or is one of a later version.
        """
        self.url = url.rstrip("/")
        self._system, self._root, self._protocol = _opened(self.url)
        self._reads = self._writes = True
        self._trouble: str | None = None
        try:
            found = _persistently(lambda: self._read(MARKER))
            if found is None:
                _persistently(lambda: self._write(MARKER, MARKED))
        except Exception as error:  # of many kinds, by file system
            raise RunError(f"the cache {self.url} cannot be used: {_said(error)}", _hint(error)) from error
        if found not in (None, MARKED):
            raise RunError(
                f"the cache {self.url} is of another version of Headstart",
                "set HEADSTART_CACHE to another place",
            )

    def __reduce__(self) -> tuple[Callable[[str], Store], tuple[str]]:
        return store_of, (self.url,)

    @property
    def writable(self) -> bool:
        """Has no write failed yet?"""
        return self._writes

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is none, or the store is lost."""
        return self._tried(lambda: self._read(name), None) if self._reads else None

    def write(self, name: str, content: bytes) -> bool:
        """Write a file, over an earlier one; was it written?"""
        return self._tried(lambda: self._write(name, content), False) if self._writes else False

    def names(self, folder: str) -> list[str]:
        """What lies directly in a folder, sorted; nothing where there is none, or the store is lost."""
        return self._tried(lambda: self._names(folder), []) if self._reads else []

    def told(self) -> str | None:
        """Why the store is not used any more, the first time that it is asked; None where all is well."""
        trouble, self._trouble = self._trouble, None
        return (
            trouble and f"the cache {self.url} is not shared any more: {trouble}; the work goes on without it"
        )

    def _tried(self, work: Callable[[], Made], otherwise: Made) -> Made:
        try:
            return _persistently(work)
        except Exception as error:  # of many kinds, by file system
            if self._writes:  # else it has been told
                self._trouble = _said(error)
            self._writes = False
            self._reads = self._reads and isinstance(error, PermissionError)  # which may be of writing alone
            return otherwise

    def _read(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError):
            return bytes(self._system.cat_file(f"{self._root}/{name}"))
        return None

    def _write(self, name: str, content: bytes) -> bool:
        path = f"{self._root}/{name}"
        if self._protocol not in FLAT:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._system.pipe_file(path, content)
        return True

    def _names(self, folder: str) -> list[str]:
        with suppress(FileNotFoundError):
            found = self._system.ls(f"{self._root}/{folder}", detail=False)
            return sorted(path.rstrip("/").rpartition("/")[2] for path in found)
        return []


@lru_cache
def store_of(url: str) -> Store:
    """The store of this address: one for each process, so that it is connected once and given up once."""
    return Store(url)


def _opened(url: str) -> tuple[Any, str, str]:
    import fsspec  # late: hardly any command needs it

    protocol = url.partition("://")[0]
    try:
        system, root = fsspec.url_to_fs(url, use_listings_cache=False, **OPTIONS.get(protocol, {}))
    except ImportError as error:
        message = f"{url} needs a package that is not installed: {error}"
        if protocol in S3:
            raise MissingExtra.of(message, "cloud") from error
        raise MissingExtra(message, "install the package that it names") from error
    except ValueError as error:
        raise SettingsError(
            f"the cache cannot lie at {url}: {_said(error)}",
            "HEADSTART_CACHE=s3://BUCKET/FOLDER, or a folder",
        ) from error
    if protocol in S3:
        system.retries = 1  # as ONCE
    logging.getLogger("asyncio").addFilter(_worth_telling)
    return system, str(root).rstrip("/"), protocol


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not a connection that broke under a client, whose caller is told of it too."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionError))


def _persistently(work: Callable[[], Made]) -> Made:
    """What `work` makes, tried again where it may go better."""
    for wait in WAITS:
        try:
            return work()
        except (FileNotFoundError, PermissionError):
            raise  # another try would say the same
        except Exception:  # of many kinds, by file system
            time.sleep(wait)
    return work()


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _hint(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "make the bucket or folder first, or correct HEADSTART_CACHE"
    if isinstance(error, PermissionError):
        return "check the credentials; for S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    return "check address, network and credentials; AWS_ENDPOINT_URL names an S3 store that is not Amazon's"
