"""Files with more than 8 bits or three bands, written by hand: what Pillow does not write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_FORMATS = {"u": 1, "i": 2, "f": 3}


def png16(numbers: np.ndarray) -> bytes:
    """A PNG of 16 bits: (h, w, n) grey, grey and alpha, RGB or RGBA."""
    height, width, n = numbers.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in numbers)
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[n], 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff(
    numbers: np.ndarray,
    order: str = "<",
    planar: bool = False,
    tile: int = 0,
    predictor: int = 1,
    packed: bool = False,
    big: bool = False,
    tags: Mapping[int, Any] | None = None,
) -> bytes:
    """A TIFF of (h, w, n) numbers of any kind, in strips of two rows or tiles of that side."""
    height, width, n = numbers.shape
    planes = [numbers[..., [band]] for band in range(n)] if planar else [numbers]
    blocks = [_coded(block, order, predictor) for plane in planes for block in _blocks(plane, tile)]
    blocks = [zlib.compress(block) if packed else block for block in blocks]
    word, count, at = ("Q", "Q", 16) if big else ("L", "H", 8)
    offsets = [at + sum(map(len, blocks[:place])) for place in range(len(blocks))]
    size = numbers.dtype.itemsize
    about: dict[int, Sequence[int] | bytes] = {
        256: [width],
        257: [height],
        258: [8 * size] * n,
        259: [8 if packed else 1],
        262: [2 if n >= 3 else 1],
        277: [n],
        284: [2 if planar else 1],
        317: [predictor],
        339: [_FORMATS[numbers.dtype.kind]] * n,
    }
    if n > 3:
        about[338] = [0] * (n - 3)
    sizes = [len(block) for block in blocks]
    about |= (
        {322: [tile], 323: [tile], 324: offsets, 325: sizes} if tile else {273: offsets, 278: [2], 279: sizes}
    )
    about |= dict(tags or {})
    body = b"".join(blocks)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42)
    head += struct.pack(f"{order}HH", 8, 0) if big else b""
    head += struct.pack(f"{order}{word}", at + len(body))
    return head + body + _directory(about, at + len(body), order, word, count)


def _directory(about: Mapping[int, Any], start: int, order: str, word: str, count: str) -> bytes:
    wide = struct.calcsize(f"{order}{word}")
    entry = 4 + 2 * wide
    beyond = start + struct.calcsize(f"{order}{count}") + entry * len(about) + wide
    table, rest = struct.pack(f"{order}{count}", len(about)), b""
    for tag, value in sorted(about.items()):
        if isinstance(value, bytes):
            kind, length, raw = 2, len(value), value
        else:
            code, kind = ("H", 3) if tag not in (273, 279, 324, 325) else (word, 16 if word == "Q" else 4)
            length, raw = len(value), struct.pack(f"{order}{len(value)}{code}", *value)
        if len(raw) > wide:
            raw, rest = struct.pack(f"{order}{word}", beyond + len(rest)), rest + raw
        table += struct.pack(f"{order}HH{word}", tag, kind, length) + raw.ljust(wide, b"\0")
    return table + struct.pack(f"{order}{word}", 0) + rest


def _blocks(plane: np.ndarray, tile: int) -> list[np.ndarray]:
    height, width, n = plane.shape
    if not tile:
        return [plane[top : top + 2] for top in range(0, height, 2)]
    padded = np.zeros((-(-height // tile) * tile, -(-width // tile) * tile, n), plane.dtype)
    padded[:height, :width] = plane
    return [
        padded[top : top + tile, left : left + tile]
        for top in range(0, padded.shape[0], tile)
        for left in range(0, padded.shape[1], tile)
    ]


def _coded(block: np.ndarray, order: str, predictor: int) -> bytes:
    height, width, n = block.shape
    size = block.dtype.itemsize
    if predictor == 2:
        whole = block.view(f"u{size}") if block.dtype.kind != "u" else block
        block = np.concatenate([whole[:, :1], np.diff(whole, axis=1)], axis=1)
    if predictor == 3:
        raw = block.astype(block.dtype.newbyteorder(">")).reshape(height, width * n, 1).view("u1")
        planes = np.moveaxis(raw, 2, 1).reshape(height, -1, n)
        return np.concatenate([planes[:, :1], np.diff(planes, axis=1)], axis=1).tobytes()
    return np.ascontiguousarray(block).astype(block.dtype.newbyteorder(order)).tobytes()
