"""Requests that nobody should send to a service of pictures: 200, by kind; `serving.py` sends them."""

from __future__ import annotations

import base64
import gzip
import io
import json
import socket
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

PATHS = (
    "../../etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\win.ini",
    "%2e%2e%2fetc%2fpasswd",
    "file:///etc/passwd",
    "http://127.0.0.1:1/x",
    "-",
    "....//....//etc/shadow",
    "\\\\host\\share\\x.png",
    "con.png",
    "/proc/self/environ",
)
PATIENCE = 60.0


@dataclass(frozen=True)
class Hostile:
    """Bytes that are sent as they are."""

    kind: str
    parts: tuple[bytes, ...]
    pause: float = 0.0
    """Seconds between the parts."""


def requests(picture: bytes) -> list[Hostile]:
    """All of them; `picture` is a good one."""
    return [
        *(Hostile("names of other files", (one,)) for one in _paths()),
        *(Hostile("bombs", (_post(body, kind),)) for body, kind in _bombs()),
        *(Hostile("wrong kinds", (_post(body, kind),)) for body, kind in _wrong(picture)),
        *(Hostile("huge pictures", (_post(body),)) for body in _huge()),
        *(Hostile("broken HTTP", (one,)) for one in _broken()),
        *_slow(),
    ]


def outcome(one: Hostile, where: tuple[str, int]) -> str:
    """The status that came back, or `closed`."""
    with socket.create_connection(where, timeout=PATIENCE) as line:
        try:
            for part in one.parts:
                line.sendall(part)
                time.sleep(one.pause)
            line.settimeout(PATIENCE)
            start = line.recv(64)
        except (ConnectionError, BrokenPipeError):
            try:
                start = line.recv(64)
            except OSError:
                start = b""
        except TimeoutError:
            return "nothing came back"
    return start.split(b" ")[1].decode() if start.startswith(b"HTTP/") else "closed"


def _post(
    body: bytes, kind: str = "application/octet-stream", path: str = "/predict", more: str = ""
) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


def _form(name: str, content: bytes, field: str = "files") -> tuple[bytes, str]:
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
    return head + content + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


def _paths() -> Iterator[bytes]:
    for path in PATHS:
        yield _get(f"/page/{path.replace(' ', '')}")
        yield _get(f"/{path}" if not path.startswith("/") else path)
        yield _post(*_form(path, path.encode()))
        yield _post(json.dumps({"files": [path]}).encode(), "application/json")
        yield _post(json.dumps({"path": path}).encode(), "application/json")
        yield _post(json.dumps({"rows": [{"file_name": path}]}).encode(), "application/json")
        yield _post(path.encode())
    yield _post(*_form("t.csv", b"file_name\n/etc/passwd\n"))
    yield _post(b"file_name\n/etc/passwd\n", "text/csv")


def _bombs() -> Iterator[tuple[bytes, str]]:
    plain = "application/octet-stream"
    zeros = b"\0" * 50_000_000
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb.png", zeros)
    for body in (packed.getvalue(), gzip.compress(zeros), zlib.compress(zeros)):
        yield body, plain
        yield body, "application/zip"
        yield _form("bomb.zip", body)
        yield _form("bomb.csv.gz", body)
        yield (
            json.dumps({"files": [{"base64": base64.b64encode(body).decode()}]}).encode(),
            "application/json",
        )
    yield _png(50_000, 50_000, zlib.compress(zeros)), plain
    yield _png(4_000, 4_000, zlib.compress(zeros)[:200]), plain
    yield _png(30_000, 30_000, b"", _chunk(b"zTXt", b"a\0\0" + zlib.compress(zeros))), plain
    yield b"[" * 5_000_000, "application/json"
    yield b'{"files":' * 100_000, "application/json"
    yield b"1" * 5_000_000, "application/json"
    yield json.dumps({"files": [{"base64": "AAAA"}] * 10_000}).encode(), "application/json"
    yield _many_parts(5_000)
    yield b"x" * 11_000_000, plain


def _many_parts(count: int) -> tuple[bytes, str]:
    one = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nx\r\n'
    return one * count + b"--b--\r\n", "multipart/form-data; boundary=b"


def _wrong(picture: bytes) -> Iterator[tuple[bytes, str]]:
    plain = "application/octet-stream"
    for kind in (
        "text/plain",
        "text/csv",
        "application/xml",
        "application/x-www-form-urlencoded",
        "",
        "video/mp4",
    ):
        yield picture, kind
    for body in (
        b"",
        b"\0" * 1000,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"MZ",
        b"GIF89a",
        picture[: len(picture) // 3],
        picture[2:],
        b"\xff\xd8\xff\xe0",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"P6 9999999 9999999 255\n",
        b"BM" + b"\xff" * 60,
        b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200,
        b"%!PS\n(/etc/passwd) run",
        b"\x80\x04\x95cos\nsystem\n",
    ):
        yield body, plain
    for value in (
        None,
        [],
        {},
        {"texts": ["a"]},
        {"files": "a"},
        {"files": []},
        {"files": [1]},
        {"files": [None]},
        {"files": [{"base64": "\u00e9"}]},
        {"files": [{"base64": 1}]},
        {"files": [{"name": {}}]},
        {"files": [{"base64": "AAAA", "name": "\0"}]},
        {"inputs": ["a"]},
        "a",
        1,
        True,
    ):
        yield json.dumps(value).encode(), "application/json"
    yield b'{"files": [NaN]}', "application/json"
    yield b'\xff\xfe{"files": []}', "application/json"
    yield _form("a.png", picture, 'picture"; filename="x')[0], "multipart/form-data"
    yield b"", "multipart/form-data; boundary=b"
    yield (
        b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--b--',
        "multipart/form-data; boundary=b",
    )


def _huge() -> Iterator[bytes]:
    for side in (7_000, 9_000):
        for mode in ("1", "L", "P"):
            stream = io.BytesIO()
            Image.new(mode, (side, side)).save(stream, "PNG")
            yield stream.getvalue()
    for name, options in (
        ("GIF", {}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("WEBP", {"lossless": True}),
    ):
        stream = io.BytesIO()
        Image.new("L" if name != "WEBP" else "RGB", (8_000, 8_000)).save(stream, name, **options)
        yield stream.getvalue()
    for width, height in ((2**31 - 1, 2**31 - 1), (1, 2**31 - 1), (0, 0), (100_000, 1_000)):
        yield _png(width, height, zlib.compress(b"\0" * 1000))
    yield b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01" + b"\0" * 500


def _broken() -> Iterator[bytes]:
    yield b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n"
    yield b"GET\r\n\r\n"
    yield b"GET / HTTP/9.9\r\n\r\n"
    yield b"\r\n" * 100 + b"X\r\n\r\n"
    yield b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n"
    yield _get("/health").replace(b"localhost", b"evil.example")
    yield _post(b"a", more="Origin: http://evil.example\r\n")
    yield _post(b"a", more="Sec-Fetch-Site: cross-site\r\n")
    yield _post(b"a", more="Content-Length: 5\r\n")
    yield _post(b"a", more="Transfer-Encoding: chunked\r\n")
    yield _post(b"a", more="Transfer-Encoding: gzip\r\n")
    yield _post(b"a", more="Content-Encoding: gzip\r\n")
    yield _post(b"a").replace(b"Content-Length: 1", b"Content-Length: -1")
    yield _post(b"a").replace(b"Content-Length: 1", b"Content-Length: 99999999999")
    yield _post(b"a").replace(b"POST", b"BREW")
    yield _post(b"a").replace(b"POST", b"CONNECT")
    yield _post(b"zz\r\n").replace(b"Content-Length: 4", b"Transfer-Encoding: chunked")
    yield _get("/examples/99999999999999999999999999")
    yield _get("/examples/%00")
    yield _get("/docs")


def _slow() -> Iterator[Hostile]:
    head = _post(b"").replace(b"Content-Length: 0", b"Content-Length: 1000")
    for _ in range(5):
        yield Hostile("slow senders", (head, *[b"a"] * 30), 1.0)
        yield Hostile("slow senders", tuple(bytes([one]) for one in head[:30]), 1.0)
    for _ in range(5):
        yield Hostile("slow senders", (head,))
        yield Hostile("slow senders", (head[:50],))


def _png(width: int, height: int, data: bytes, *more: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + b"".join(more) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
