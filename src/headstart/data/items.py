"""Rows whose bytes were read: hashed, examined, and sorted by content."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from ..errors import DataError
from ..parallel import Progress, silent, stream
from ..types import Dropped, Row, Source


@dataclass(frozen=True)
class Item:
    """A usable row and the SHA-256 of its bytes."""

    row: Row
    digest: str
    folded: str | None = None
    """Equal for rows that say the same in other bytes, where the task can tell."""

    @property
    def copy(self) -> str:
        """Equal for rows that must not be on two sides of a split."""
        return self.folded or self.digest


def opened(source: Source, refused: Callable[[str], DataError]) -> IO[bytes]:
    """Its bytes, to be read; `refused` makes the error of a reason, with a hint of what the source should be.

    Raises:
        DataError: there is no such file, or it must not be read.
    """
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except FileNotFoundError:
        raise refused("no such file") from None
    except PermissionError:
        raise refused("permission denied") from None
    except IsADirectoryError:
        raise refused("not a file") from None


def digest(source: Source) -> str:
    """SHA-256 of a source's bytes."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def inspect(
    rows: Sequence[Row],
    examine: Callable[[Source], str | None],
    progress: Progress | None = None,
    folded: Callable[[Source], str] | None = None,
) -> tuple[list[Item], list[Dropped]]:
    """Open every row once: the usable ones sorted by (digest, label, name), and the rest with reasons."""

    def look(row: Row) -> Item | Dropped:
        try:
            reason = examine(row.source)
            if reason:
                return Dropped(row.name, reason)
            return Item(row, digest(row.source), folded(row.source) if folded else None)
        except OSError as error:  # it went away, or its rights changed, since it was listed
            return Dropped(row.name, (error.strerror or "cannot be read").lower())

    # a stream: what waits in a pool for a million rows would take more memory than the rows
    seen = [*stream(look, (progress or silent)("reading", rows), os.cpu_count() or 1)]
    items = [item for item in seen if isinstance(item, Item)]
    items.sort(key=lambda item: (item.digest, item.row.label, item.row.name))
    return items, [item for item in seen if isinstance(item, Dropped)]


def fingerprint(items: Sequence[Item]) -> str:
    """SHA-256 over the sorted (digest, label, split, group): equal for equal data in any layout."""
    facts = sorted(
        (item.digest, item.row.label, item.row.split or "", item.row.group or "") for item in items
    )
    # The hash of repr(facts), written one by one: the answers of an open-ended task may be long.
    hashed = hashlib.sha256(b"[")
    for number, fact in enumerate(facts):
        hashed.update(f"{', ' if number else ''}{fact!r}".encode())
    hashed.update(b"]")
    return hashed.hexdigest()
