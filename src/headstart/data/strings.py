"""Decode one text, say why it cannot be used, and tell texts that say the same.

Bytes that came from a table are UTF-8. A file is UTF-8 too, with or without a byte order mark, or UTF-16
with one.
"""

from __future__ import annotations

import codecs
import functools
import hashlib
import sys
import unicodedata
from pathlib import Path
from typing import TextIO

from ..types import Source

MAX_CHARACTERS = 1_000_000
"""Longer than any book's chapter: a file that was meant to be something else."""
MAX_BYTES = 4 * MAX_CHARACTERS + 4
"""No shorter text has more, in UTF-8 or UTF-16, with its mark."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
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
    return content.decode(_encoding(content))


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
    """A file opened as text; it never fails to decode: bytes that are no UTF-8 are kept as they are."""
    with file.open("rb") as stream:
        encoding = _encoding(stream.read(2))
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return file.open(encoding=encoding, errors=errors, newline=newline)


def _encoding(start: bytes) -> str:
    return "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
