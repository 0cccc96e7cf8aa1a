"""Decode one text, say why it cannot be used, and tell texts that say the same.

Bytes that came from a table are UTF-8. A file is UTF-8 too, with or without a byte order mark, or UTF-16
with one, or Windows-1252 where nothing in it is UTF-8 beyond ASCII.
"""

from __future__ import annotations

import codecs
import functools
import gzip
import hashlib
import io
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from ..errors import DataError
from ..types import Source

MAX_CHARACTERS = 1_000_000
"""Longer than any book's chapter: a file that was meant to be something else."""
MAX_BYTES = 4 * MAX_CHARACTERS + 4
"""No shorter text has more, in UTF-8 or UTF-16, with its mark."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
WINDOWS = "cp1252"
_UNDEFINED = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFF))
"""Windows-1252 has no such bytes; the last is a letter that hardly any word has."""
_ASCII = bytes(range(0x80))
_NO_LETTERS = bytes(code for code in range(0x80) if not chr(code).isalpha())
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""One letter of UTF-8 beyond ASCII."""
_UNFINISHED = re.compile(rb"(?:[\xc2-\xf4][\x80-\xbf]{0,2})?\Z")
"""What may be the beginning of one at the end of a block."""
_WESTERN = 0.3
"""Of the letters of a text at most, where it is written in Windows-1252."""
_ENOUGH = 20
"""Fewer bytes beyond ASCII tell nothing about a whole file."""
_BLOCK = 1 << 20
_ADDRESS = re.compile(r"\s*(?:https?|ftp|s3|gs):/", re.IGNORECASE)
_LOOKED_AT = 4096
_NULS = 0.7
"""More of every second byte are NULs in texts of western languages in UTF-16."""
_APART = ("P", "Z", "Cc", "Cf")
"""How Unicode categories begin that are not compared: punctuation, spaces, controls, marks of format."""


def text_of(source: Source) -> str:
    """The text of a source, without a byte order mark.

    Raises:
        UnicodeDecodeError: it is none.
    """
    if isinstance(source, bytes):
        return source.decode("utf-8-sig")
    content = source.read_bytes()
    encoding = _encoding(content)
    if not encoding.startswith("utf-16") and is_windows(content):
        return content.decode(WINDOWS)
    return content.decode(encoding)


def is_windows(content: bytes) -> bool:
    """Is a text no UTF-8, but Windows-1252 as western languages are written in it?"""
    if content.isascii() or content.startswith(_UTF16) or _CONTROLS.search(content):
        return False
    seen = _Seen()
    seen.add(content + b"\n")
    return seen.is_windows


def examine_text(source: Source) -> str | None:
    """None when the text can be used, else the reason why not, in a few words."""
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        text = text_of(source) if size <= MAX_BYTES else None
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    except UnicodeDecodeError as error:
        if error.encoding.startswith("utf-16"):
            return "not UTF-16, though it begins like it"
        return f"not UTF-8 (byte 0x{error.object[error.start]:02x} at {error.start})"
    if text is None or len(text) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS:,} characters"
    if "\0" in text:
        return "holds NUL bytes"
    return None if text.strip() else "empty"


def folded_text(source: Source) -> str:
    """A digest that is equal for texts that differ in case, spaces, punctuation or Unicode form only.

    A text of nothing but punctuation is compared as it is.
    """
    text = text_of(source)
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(plain.split())
    for character in _apart().intersection(plain):  # few at most: faster than to look at each place
        plain = plain.replace(character, "")
    return hashlib.sha256((plain or text).encode()).hexdigest()


@functools.cache
def _apart() -> frozenset[str]:
    every = map(chr, range(sys.maxunicode + 1))
    return frozenset(one for one in every if unicodedata.category(one).startswith(_APART))


def encoded(text: str) -> bytes:
    """The UTF-8 of a text as `reader` gave it: bytes that were no UTF-8 are again what they were.

    Half a surrogate pair (JSON can spell one) becomes bytes that are no UTF-8 either.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def reader(file: Path, newline: str) -> TextIO:
    """A file opened as text, unpacked where its name ends in `.gz`.

    It never fails to decode: bytes that are no UTF-8 are kept as they are, but in a file of Windows-1252.
    """
    encoding = encoding_of(file)
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return io.TextIOWrapper(_opened(file), encoding=encoding, errors=errors, newline=newline)


def encoding_of(file: Path) -> str:
    """How the letters of a whole file are written.

    Raises:
        DataError: most are written neither as UTF-8 nor as Windows-1252 writes western languages.
    """
    state = file.stat()
    return _encoding_of(file, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=64)
def _encoding_of(file: Path, changed: int, size: int) -> str:
    seen, start = _Seen(), b""
    with _opened(file) as stream:
        while block := stream.read(_BLOCK):
            if not start and (wide := _encoding(block)).startswith("utf-16"):
                return wide
            start = start or block[:2]
            seen.add(block)
    if seen.is_foreign:
        raise DataError(
            f"the letters of `{file.name}` are written neither in UTF-8 nor in Windows-1252",
            "save it as UTF-8: iconv -f ENCODING -t UTF-8, or choose UTF-8 where it is exported",
        )
    return WINDOWS if seen.is_windows else "utf-8-sig"


class _Seen:
    """What the bytes of a file beyond ASCII are, block by block."""

    def __init__(self) -> None:
        self.letters = self.high = self.valid = self.undefined = 0
        self._rest = b""

    def add(self, block: bytes) -> None:
        block, self._rest = self._rest + block, b""
        if block.isascii():
            self.letters += len(block.translate(None, _NO_LETTERS))
            return
        cut = len(block) - len(_UNFINISHED.search(block).group())  # type: ignore[union-attr]
        block, self._rest = block[:cut], block[cut:]
        alone = _SEQUENCE.sub(b"", block)
        self.valid += len(block) - len(alone)
        high = alone.translate(None, _ASCII)
        self.high += len(high)
        self.undefined += len(high) - len(high.translate(None, _UNDEFINED))
        self.letters += len(alone.translate(None, _NO_LETTERS)) - len(high)

    @property
    def is_windows(self) -> bool:
        """Nothing of it is UTF-8 beyond ASCII, and nothing speaks against Windows-1252."""
        return bool(self.high) and not self.valid and not self.undefined and self.high <= self._most

    @property
    def is_foreign(self) -> bool:
        """Letters of another alphabet: most bytes are beyond ASCII, and no UTF-8."""
        return self.high > max(_ENOUGH, self._most, self.valid)

    @property
    def _most(self) -> float:
        """Western languages write few of their letters beyond ASCII."""
        return _WESTERN * (self.letters + self.high)


def _opened(file: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file)) if file.suffix.lower() == ".gz" else file.open("rb")


def _encoding(start: bytes) -> str:
    """UTF-16 with a mark, or without one where every other byte of the beginning is a NUL."""
    if start.startswith(_UTF16):
        return "utf-16"
    start = start[:_LOOKED_AT]
    for name, nuls, others in (
        ("utf-16-le", start[1::2], start[::2]),
        ("utf-16-be", start[::2], start[1::2]),
    ):
        if len(nuls) > 1 and nuls.count(0) > _NULS * len(nuls) and not others.count(0):
            return name
    return "utf-8-sig"


def is_address(name: str) -> bool:
    """Is it an address, of the web or of a store, also where a path has lost one of its two slashes?"""
    return _ADDRESS.match(name) is not None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1, without their ends.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with reader(path, newline="\n") as stream:
            for number, line in enumerate(stream, start=1):
                yield number, line.rstrip("\r\n")
    except OSError as error:
        raise DataError(f"`{path.name}` cannot be read: {error.strerror}", "check its rights") from error
