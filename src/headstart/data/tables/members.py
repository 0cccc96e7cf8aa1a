"""Files inside tar archives, read where they lie: nothing is unpacked, so nothing can land anywhere.

A member is a path whose bytes are a range of its archive's: a million of them take no more memory than paths.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from ...types import Dropped
from ..listing import shown

if TYPE_CHECKING:
    _Kind = Path
else:
    _Kind = type(Path())

SUFFIX = ".tar"
ESCAPES = "its name leads out of the archive"


class Member(_Kind):
    """A file in an archive: `shards/train-0.tar/cat.jpg`, though no such path is on the disk."""

    __slots__ = ("archive", "size", "start")
    archive: Path
    start: int
    """Of its bytes in the archive."""
    size: int

    @classmethod
    def at(cls, archive: Path, name: str, start: int, size: int) -> Member:
        """The member of this name, which may lead nowhere else (`ESCAPES`)."""
        member = cls(archive, name)
        member.archive, member.start, member.size = archive, start, size
        return member

    def __reduce__(self) -> tuple[Any, ...]:
        return Member.at, (self.archive, str(self.relative_to(self.archive)), self.start, self.size)

    def open(self, mode: str = "rb", *args: Any, **kwargs: Any) -> IO[bytes]:  # type: ignore[override]
        """Its bytes, which are read at once.

        Raises:
            OSError: the archive cannot be read, or has become shorter.
        """
        with self.archive.open("rb") as stream:
            stream.seek(self.start)
            content = stream.read(self.size)
        if len(content) < self.size:
            raise OSError(None, "its archive was cut")
        return BytesIO(content)

    def read_bytes(self) -> bytes:
        """The same."""
        return self.open().read()

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """That of its archive, but for the size."""
        facts = list(os.stat(self.archive))
        facts[stat.ST_SIZE] = self.size
        return os.stat_result(facts)


def members(archive: Path, root: Path) -> Iterator[Member | Dropped]:
    """The files of an archive in their order; what is none, or not whole, with the reason.

    Reads headers only, one after the other. What lies before the place where an archive breaks is yielded.
    """
    called, begun, whole = shown(archive, root), False, False
    try:
        end = archive.stat().st_size
        with tarfile.open(archive, "r:") as tar:
            while (entry := tar.next()) is not None:
                begun = True
                tar.members = []  # type: ignore[attr-defined]  # it would keep them all
                if entry.isdir():
                    continue
                name = f"{called}/{_printable(entry.name)}"
                if reason := _unusable(entry, end):
                    yield Dropped(name, reason)
                else:
                    yield Member.at(archive, entry.name, entry.offset_data, entry.size)
            whole = end - tar.offset >= tarfile.BLOCKSIZE  # what ends an archive
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        what = "it breaks off, and what follows is lost" if begun else "it is no tar archive that can be read"
        yield Dropped(called, f"{what}: {error}")
        return
    if not whole:
        yield Dropped(called, "it breaks off: the mark at its end is missing, and files behind may be lost")


def name_of(member: Member, root: Path) -> str:
    """What a member is called: the path of its archive in the data folder, and its name in that."""
    return f"{shown(member.archive, root)}/{_printable(member.relative_to(member.archive).as_posix())}"


def _unusable(entry: tarfile.TarInfo, end: int) -> str | None:
    """Why a member is not read; `end` is the size of the archive."""
    name = PurePosixPath(entry.name)
    if name.is_absolute() or ".." in name.parts or "\0" in entry.name or not name.parts:
        return ESCAPES
    if not entry.isreg() or entry.issparse():
        return "a link, or another thing that is no file"
    return "truncated: the archive breaks off" if entry.offset_data + entry.size > end else None


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
