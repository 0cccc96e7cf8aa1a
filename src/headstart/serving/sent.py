"""What a request holds, before anything of it is opened: files, texts and rows, all of them bytes.

A name that a client gives is a label to answer under. It is never a path: nothing of it reaches the disk but
one of the suffixes in TABLES.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ..data.sent import Sending
from ..data.strings import encoded
from .refusals import OTHER_KIND, UNUSABLE, Refused

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
"""Tables that are sent: plain text. Others unpack to any size."""
TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".ndjson",
}
"""Media types of tables."""
FILES = ("image/", "audio/", "application/octet-stream")
"""How media types of files begin."""
TEXT, JSON, FORM = "text/plain", "application/json", "multipart/form-data"
LONGEST_NAME = 200
Named = Mapping[str, str]


@dataclass(frozen=True)
class Sent:
    """One file, text or table."""

    name: str
    content: bytes
    table: str | None = None
    """Of a table its suffix, one of TABLES."""


@dataclass(frozen=True)
class Request:
    """What one client wants answered."""

    sent: tuple[Sent, ...]
    columns: Named
    """Our names of columns to the client's own."""


def of_body(content: bytes, media_type: str, sending: Sending, columns: Named) -> Request:
    """A body that is one file, one text, a table, or JSON (see `of_json`).

    Raises:
        Refused: the model takes nothing of this kind.
    """
    if media_type == JSON:
        return of_json(content, sending)
    if sending.rows and media_type in TYPES:
        return Request((Sent("", content, TYPES[media_type]),), columns)
    if sending.texts and media_type == TEXT:
        return Request((Sent(_shown(content), content),), columns)
    if sending.files and not sending.texts and media_type.startswith(FILES):
        return Request((Sent("(bytes)", content),), columns)
    raise Refused(OTHER_KIND, f"this model takes no {media_type or 'body without a type'}", _taken(sending))


def of_file(name: str | None, content: bytes, sending: Sending) -> Sent:
    """A file of a form: an example, or a table of them.

    Raises:
        Refused: the model takes no such file.
    """
    called = _name(name)
    suffix = PurePosixPath(called).suffix.lower()
    if sending.rows and suffix in TABLES:
        return Sent(called, content, suffix)
    if not sending.files:
        raise Refused(OTHER_KIND, f"`{called}` is no table that is read here", _taken(sending))
    return Sent(called, content)


def of_json(content: bytes, sending: Sending) -> Request:
    """One object with `texts`, `rows` or `files`, whatever the model takes, and perhaps `columns`.

    Raises:
        Refused: it is no such object.
    """
    plain = object_of(content)
    known = {"texts": sending.texts, "rows": sending.rows, "files": sending.files}
    given = [key for key in plain if key != "columns"]
    if len(given) != 1 or not known.get(given[0]):
        raise Refused(UNUSABLE, "expected one of the keys that this model takes", _taken(sending))
    value = plain[given[0]]
    if not isinstance(value, list) or not value:
        raise Refused(UNUSABLE, f"`{given[0]}` is no list with something in it", _taken(sending))
    make = {"texts": _texts, "rows": _rows, "files": _files}[given[0]]
    return Request(make(value), columns_of(plain.get("columns", {})))


def object_of(content: bytes) -> dict[str, object]:
    """A JSON object.

    Raises:
        Refused: it is none.
    """
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        raise Refused(UNUSABLE, "the body is no JSON object", "see /openapi.json")
    return plain


def columns_of(plain: object) -> dict[str, str]:
    """Our names of columns to the client's own.

    Raises:
        Refused: it is no object of strings.
    """
    if not isinstance(plain, dict) or not all(isinstance(one, str) for one in plain.values()):
        raise Refused(UNUSABLE, "`columns` is no object of strings", 'write {"text": "body"}')
    return plain


def file_of(plain: object) -> Sent:
    """A file in JSON: `name`, and its bytes as `base64`.

    Raises:
        Refused: it is none.
    """
    told = plain if isinstance(plain, dict) else {}
    content, name = told.get("base64"), told.get("name")
    try:
        if not isinstance(content, str) or not isinstance(name, str | None):
            raise ValueError
        return Sent(_name(name), base64.b64decode(content, validate=True))
    except (ValueError, binascii.Error):
        hint = 'write {"name": "a.png", "base64": "iVBOR…"}'
        raise Refused(UNUSABLE, "a file is an object with `name` and `base64`", hint) from None


def text_of(plain: object) -> Sent:
    """A string.

    Raises:
        Refused: it is none.
    """
    if not isinstance(plain, str):
        raise Refused(UNUSABLE, "a text is a string", 'write {"texts": ["one", "another"]}')
    return Sent(_clean(plain), encoded(plain))


def _texts(value: list[Any]) -> tuple[Sent, ...]:
    return tuple(map(text_of, value))


def _files(value: list[Any]) -> tuple[Sent, ...]:
    return tuple(map(file_of, value))


def _rows(value: list[Any]) -> tuple[Sent, ...]:
    if not all(isinstance(row, dict) for row in value):
        raise Refused(UNUSABLE, "a row is an object of cells", 'write {"rows": [{"text": "…"}]}')
    return (Sent("", json.dumps(value).encode(), ".json"),)


def _taken(sending: Sending) -> str:
    """What the model takes, as a hint."""
    what = (
        (sending.texts, '{"texts": ["…"]}'),
        (sending.rows, 'a table (CSV, TSV, JSON lines), or {"rows": [{…}]}'),
        (sending.files, 'files in a form, or {"files": [{"name": "…", "base64": "…"}]}'),
    )
    return f"send {'; or '.join(words for taken, words in what if taken)}"


def _name(name: str | None) -> str:
    return _clean(name or "(bytes)")[-LONGEST_NAME:]


def _shown(content: bytes) -> str:
    """What a text is answered under: itself."""
    return content.decode("utf-8-sig", "replace")


def _clean(text: str) -> str:
    """Half a surrogate pair, which JSON can spell, is no letter that an answer can hold."""
    return text.encode("utf-8", "replace").decode()
