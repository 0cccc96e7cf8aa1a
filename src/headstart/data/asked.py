"""What a person wants answers for: files and folders, films, texts, tables of texts, standard input.

What is wrong with the arguments is said before the first input is read; what is wrong with one input is its
reason not to be used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ..errors import DataError
from ..types import Source
from .films import frames, looks_like_film, require_films
from .links import FOLLOW_LINKS, followed
from .listing import files
from .reading import Reading
from .records import SUFFIXES
from .strings import MAX_BYTES, encoded
from .tables import column_of

STDIN = "-"
"""Stands for the lines of standard input."""
_KINDS = (".txt", *SUFFIXES)
_NOTHING = "there is nothing to predict"


@dataclass(frozen=True)
class Input:
    """One input: what it is called, where it is, and why it cannot be used where that is known."""

    name: str
    source: Source
    reason: str | None = None


@dataclass(frozen=True)
class Asked:
    """Inputs, one after another; `live` ones may come slowly, so that each is answered soon."""

    inputs: Iterator[Input]
    live: bool = False


def files_asked(inputs: Sequence[str | Path], reading: Reading) -> Asked:
    """Files as they are, folders as the files in them, sorted; hidden ones left out; films frame by frame.

    `-` stands for a film, or one picture, on standard input.

    Raises:
        DataError: an input does not exist, there is no file at all, nothing comes, or columns are named.
        MissingExtra: there is a film, and nothing to decode it with.
    """
    if reading.columns:
        raise DataError("this bundle reads files, which have no columns", "leave out --columns")
    found: list[str | Path] = []
    for given in inputs:
        path = Path(given)
        if given != STDIN and not path.exists():
            raise DataError(f"there is no file or folder {given}", "check the path")
        found += [STDIN] if given == STDIN else _inside(path, reading) if path.is_dir() else [path]
    visible = [one for one in found if not isinstance(one, Path) or not one.name.startswith(".")]
    if not visible:
        raise DataError(_NOTHING, "name files, or folders with files")
    if any(_is_film(one) for one in visible):
        require_films()
    piped = _Begun(_piped()) if STDIN in visible else None
    if piped and not piped.start:
        raise DataError(f"{_NOTHING}: standard input is empty", "name files, or give a film to it")
    pictures = (_pictures(one, piped) for one in visible)
    return Asked(chain.from_iterable(pictures), live=piped is not None)


def _is_film(given: str | Path) -> bool:
    return not isinstance(given, Path) or looks_like_film(given)


def _pictures(given: str | Path, piped: _Begun | None) -> Iterator[Input]:
    """A file, or the frames of a film."""
    if isinstance(given, Path) and not looks_like_film(given):
        return iter([Input(given.as_posix(), given)])
    source = given if isinstance(given, Path) else piped
    assert source is not None
    cells = frames(source, Path(given).as_posix())
    return (Input(name, found, reason) for name, found, reason in cells)


class _Begun:
    """A stream of which something was read, to see that there is anything."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.start = stream.read(4096) or b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many."""
        if not self.start:
            return self.stream.read(size) or b""
        count = len(self.start) if size < 0 else size
        taken, self.start = self.start[:count], self.start[count:]
        return taken


def _piped() -> BinaryIO:
    """Standard input without a buffer, whose lock another thread would hold while nothing comes."""
    try:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    except (OSError, ValueError):  # it is no file, as where somebody else's program runs us
        return sys.stdin.buffer


def texts_asked(inputs: Sequence[str | Path], reading: Reading, column: str) -> Asked:
    """Files and folders that exist are read, `-` stands for standard input, anything else is a text itself.

    A table gives the texts of its column, row by row; any other file is one text. Of a folder, its tables and
    `.txt` files are read.

    Raises:
        DataError: a file or column is missing, or there is nothing at all.
    """
    if not inputs:
        raise DataError(_NOTHING, "give texts, files, or lines on standard input")
    parts = [_texts(given, reading, column) for given in inputs]
    live = any(given == STDIN for given in inputs)
    return Asked(chain.from_iterable(parts), live)


def _texts(given: str | Path, reading: Reading, column: str) -> Iterator[Input]:
    if given == STDIN:
        return lines(sys.stdin.buffer)
    path = _existing(given)
    if path is None:
        text = str(given)
        return iter([Input(text, encoded(text))])
    if not path.is_dir():
        return _file(path, reading, column)
    found = [
        one for one in _inside(path, reading) if one.suffix.lower() in _KINDS and not one.name.startswith(".")
    ]
    if not found:
        raise DataError(
            f"{_NOTHING} in `{path}`: it holds no {', '.join(_KINDS)}", "name its files one by one"
        )
    return chain.from_iterable([_file(one, reading, column) for one in found])


def _file(path: Path, reading: Reading, column: str) -> Iterator[Input]:
    if path.suffix.lower() not in SUFFIXES:
        return iter([Input(path.as_posix(), path)])
    cells = column_of(path, column, reading, f"{path.as_posix()} ")
    return (Input(name, source, reason) for name, source, reason in cells)


def _existing(given: str | Path) -> Path | None:
    """The file or folder of this name, if there is one.

    Raises:
        DataError: there is none, and it can hardly be a text.
    """
    if isinstance(given, str) and not given.strip():
        return None
    path = Path(given)
    try:
        if path.exists():
            return path
    except (OSError, ValueError):  # too long for a name, or with a NUL
        pass
    if isinstance(given, Path) or (path.suffix.lower() in _KINDS and len(given.split()) == 1):
        raise DataError(f"there is no file or folder {given}", "check the path")
    return None


def lines(stream: BinaryIO) -> Iterator[Input]:
    """The lines of a stream of bytes, each as soon as it is there; of one that is too long only the start."""
    number = 0
    while line := stream.readline(MAX_BYTES + 2):
        number += 1
        rest = line
        while len(rest) > MAX_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_BYTES + 2)
        content = line.rstrip(b"\r\n")
        yield Input(_called(content, number), content)


def _called(content: bytes, number: int) -> str:
    """The text itself, or the number of a line that is none."""
    try:
        text = content.decode("utf-8-sig") if len(content) <= MAX_BYTES else ""
    except UnicodeDecodeError:
        return f"line {number}"
    return text if text.strip() and "\0" not in text else f"line {number}"


def _inside(folder: Path, reading: Reading) -> list[Path]:
    """The files of a folder; those behind links to folders where that is asked."""
    if FOLLOW_LINKS.of(reading.options):
        return [path for path in files(followed(folder, reading)) if path.is_file()]
    return sorted(path for path in folder.rglob("*") if path.is_file())
