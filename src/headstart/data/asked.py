"""What a person wants answers for: files and folders, films, texts, tables of texts, standard input.

What is wrong with the arguments is said before the first input is read; what is wrong with one input is its
reason not to be used.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import DataError
from ..types import Source
from .images.decode import looks_like_image
from .images.films import frames, looks_like_film, require_films
from .images.held import picture_of
from .links import FOLLOW_LINKS, followed
from .listing import files
from .reading import Reading
from .strings import MAX_BYTES, encoded, is_address
from .tables import column_names
from .tables.cells import Placed, placed
from .tables.records import SUFFIXES, TABLES, is_table, records, suffix_of
from .tables.rows import column_of

STDIN = "-"
"""Stands for the lines of standard input."""
_KINDS = (".txt", *SUFFIXES)
_NOTHING = "there is nothing to predict"
MISSING = "there is no file of this name"
ADDRESS = "addresses are not fetched"
PATTERN = "there is no file of this name, and it looks like a pattern that your shell did not expand"
_HOW = {ADDRESS: "download the file and give its path", PATTERN: "give the folder, or check the pattern"}
_GLOB = re.compile(r"[*?]|\[[^\]]+\]")
LITTER = ("Thumbs.db", "desktop.ini")
"""What programs leave in folders."""


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
    skipped: Counter[str] = field(default_factory=Counter)
    """Files in folders that are no inputs (hidden ones, and those of other kinds), by suffix."""


@dataclass(frozen=True)
class Kind:
    """What is looked for where files are named."""

    nouns: tuple[str, str]
    """One, and several."""
    examples: tuple[str, str]
    """Names of two, for a hint."""
    wanted: Callable[[Path], bool]
    """Of a folder, which files are meant?"""
    held: Callable[[object], tuple[str, Source]]
    """What one in memory is called, and its bytes. Raises DataError where it is none."""


def _shows(file: Path) -> bool:
    return looks_like_image(file) or looks_like_film(file)


PICTURES = Kind(("a picture", "pictures"), ("1.jpg", "2.jpg"), _shows, picture_of)


def typed(argument: str) -> str | Path:
    """What an argument of a command line stands for: a file where it is or looks like one, else a text."""
    if argument == STDIN or not argument.strip():
        return argument
    path = Path(argument)
    try:
        if path.exists():
            return path
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return argument
    return path if path.suffix.lower() in (*_KINDS, *TABLES) and len(argument.split()) == 1 else argument


def files_asked(inputs: Sequence[object], reading: Reading) -> Asked:
    """Files as they are, folders as the pictures and films in them, sorted; films frame by frame.

    `-` stands for a film, or one picture, on standard input. Bytes, arrays and pictures in memory are inputs
    too, and a data frame is its column `file_name`. A file that is not there is an error in its place.

    Raises:
        DataError: nothing of all this is there, nothing comes, or columns are named where there are none.
        MissingExtra: there is a film, and nothing to decode it with.
    """
    skipped = Counter[str]()
    found = files_named(inputs, reading, PICTURES, skipped)
    if any(_is_film(one) for one in found):
        require_films()
    piped = _Begun(_piped()) if STDIN in found else None
    if piped and not piped.start:
        raise DataError(f"{_NOTHING}: standard input is empty", "name files, or give a film to it")
    pictures = (iter([one]) if isinstance(one, Input) else _pictures(one, piped) for one in found)
    return Asked(chain.from_iterable(pictures), piped is not None, skipped)


def files_named(
    inputs: Sequence[object], reading: Reading, kind: Kind, skipped: Counter[str]
) -> list[str | Path | Input]:
    """Files, and those of a kind in folders and data frames; `-` for standard input.

    What is in folders and is of another kind is counted in `skipped`.

    Raises:
        DataError: nothing of all this is there, or columns are named where there are none.
    """
    if reading.columns and not any(map(is_table, inputs)):
        raise DataError("this bundle reads files, which have no columns", "leave out --columns")
    named = [one for given in inputs for one in (_cells(given, reading) if is_table(given) else [given])]
    found = [one for given in named for one in _each(given, kind, skipped, reading)]
    _require_some(found, named, skipped)
    return found


def _cells(table: Any, reading: Reading) -> list[Path | Input]:
    """The files that a data frame names, and the pictures in it."""
    column = column_names.found(table, ("file_name",), reading).columns.get("file_name")
    if column is None:
        asked, names = reading.column("file_name"), ", ".join(map(str, table.columns))
        raise DataError(f"the DataFrame has no column `{asked}`; its columns are: {names}", "name the files")
    there = (
        placed(row.cells[0], f"row {row.number}", "file_name", _named) for row in records(table, [column])
    )
    return [one[1] if isinstance(one[1], Path) else Input(*one) for one in there]


def _named(row: str, file_name: str) -> Placed:
    return row, Path(file_name), None


def _each(given: Any, kind: Kind, skipped: Counter[str], reading: Reading) -> list[str | Path | Input]:
    """What one thing that was named stands for, before films are opened."""
    if isinstance(given, Input):
        return [given]
    if isinstance(given, str) and given == STDIN:
        return [STDIN]
    if given is None:
        return [Input("(nothing)", b"", f"there is nothing: expected a path or {kind.nouns[0]}")]
    if isinstance(given, Mapping):
        several, (one, other) = kind.nouns[1], kind.examples
        hint = f'give the {several} themselves: ["{one}", "{other}"]'
        raise DataError(f"expected {several}, got a dict", hint)
    if not isinstance(given, str | Path):
        return [Input(*kind.held(given))]
    if (why := _not_here(str(given))) is not None:
        return [Input(str(given), Path(given), why)]
    path = Path(given)
    if _is_folder(path):
        return [*_inside(path, kind.wanted, skipped, reading)]
    return [path] if _exists(path) else [Input(str(given), path, MISSING)]


def _require_some(found: Sequence[Any], named: Sequence[Any], skipped: Counter[str]) -> None:
    """Raises DataError: nothing that was named is there."""
    if not found:
        kinds = ", ".join(suffix for suffix, _ in skipped.most_common(5))
        what = f"{_NOTHING}: only {kinds} in what was named" if kinds else _NOTHING
        raise DataError(what, "name files, or folders with files")
    lacking = (MISSING, ADDRESS, PATTERN)
    if (first := found[0]) and all(isinstance(one, Input) and one.reason in lacking for one in found):
        if isinstance(first, Input) and first.reason in (ADDRESS, PATTERN):
            raise DataError(f"`{first.name}`: {first.reason}", _HOW[first.reason])
        raise DataError(f"there is no file or folder {named[0]}", "check the path")


def _not_here(name: str) -> str | None:
    """Why a name is that of no file, being an address or a pattern of names; None where it may be one."""
    if is_address(name):
        return ADDRESS
    return PATTERN if _GLOB.search(name) and not _exists(Path(name)) else None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _is_film(given: str | Path | Input) -> bool:
    return given == STDIN or (isinstance(given, Path) and looks_like_film(given))


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


def texts_asked(inputs: Sequence[object], reading: Reading, column: str) -> Asked:
    """A string is a text itself and a path a file; `-` stands for standard input.

    A table (a file, or a data frame) gives the texts of its column, row by row; any other file is one text.
    Of a folder, its tables and `.txt` files are read. A file that is not there is an error in its place.

    Raises:
        DataError: a column is missing, or there is nothing at all.
    """
    if not inputs:
        raise DataError(_NOTHING, "give texts, files, or lines on standard input")
    skipped = Counter[str]()
    if all(isinstance(given, Path) and not _exists(given) for given in inputs):
        raise DataError(f"there is no file or folder {inputs[0]}", "check the path")
    parts = [_texts(given, reading, column, skipped) for given in inputs]
    live = any(isinstance(given, str) and given == STDIN for given in inputs)
    return Asked(chain.from_iterable(parts), live, skipped)


def _texts(given: Any, reading: Reading, column: str, skipped: Counter[str]) -> Iterator[Input]:
    if isinstance(given, str):
        return lines(sys.stdin.buffer) if given == STDIN else iter([Input(given, encoded(given))])
    if isinstance(given, bytes):
        return iter([Input(_called(given, 1), given)])
    if is_table(given):
        return _column(given, column, reading, "")
    if not isinstance(given, Path):
        raise DataError(
            f"expected a text, got {type(given).__name__}", "give strings, paths of files, or a DataFrame"
        )
    if not _exists(given):
        return iter([Input(str(given), given, MISSING)])
    if not given.is_dir():
        return _file(given, reading, column)
    found = _inside(given, lambda file: file.suffix.lower() in _KINDS, skipped, reading)
    if not found:
        raise DataError(
            f"{_NOTHING} in `{given}`: it holds no {', '.join(_KINDS)}", "name its files one by one"
        )
    return chain.from_iterable([_file(one, reading, column) for one in found])


def _file(path: Path, reading: Reading, column: str) -> Iterator[Input]:
    if suffix_of(path) is None:
        return iter([Input(path.as_posix(), path)])
    return _column(path, column, reading, f"{path.as_posix()} ")


def _column(table: Any, column: str, reading: Reading, prefix: str) -> Iterator[Input]:
    cells = column_of(table, column, reading, prefix)
    return (Input(name, source, reason) for name, source, reason in cells)


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


def _inside(
    folder: Path, wanted: Callable[[Path], bool], skipped: Counter[str], reading: Reading
) -> list[Path]:
    """The wanted files below a folder, sorted; hidden ones and those in hidden folders are not.

    Those behind links to folders are among them where that is asked.
    """
    links = FOLLOW_LINKS.of(reading.options)
    every = files(followed(folder, reading)) if links else folder.rglob("*")
    found = []
    for path in sorted(path for path in every if path.is_file()):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.name in LITTER or not wanted(path):
            skipped["hidden" if hidden else path.suffix.lower() or "files without a suffix"] += 1
        else:
            found.append(path)
    return found
