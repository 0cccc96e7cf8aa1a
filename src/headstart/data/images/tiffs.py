"""TIFF of any number of bands and any kind of number, of which Pillow reads few.

The bytes of the pixels are what Pillow unpacks well, whatever they mean: it is given a directory that calls
them grey pixels of one byte, and what they mean is worked out here.

Notation: h, w sides in pixels, n bands, b bytes of a number.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from .values import Values, full_scale

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIPS, _ORIENTATION, _SAMPLES, _STRIP_ROWS, _STRIP_SIZES, _PLANAR = 273, 274, 277, 278, 279, 284
_PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES = 317, 322, 323, 324, 325
_EXTRA, _FORMAT, _NO_DATA, _SUBFILE = 338, 339, 42113, 254
_PACKED = (1, 5, 8, 32946, 32773, 50000)
"""Compressions that give bytes back as they were: none, LZW, deflate (two numbers), PackBits, Zstandard."""
_KINDS = {1: "u", 2: "i", 3: "f"}
_MOST_PAGES = 10_000
_LONG, _LONG8 = 4, 16


@dataclass(frozen=True)
class Layout:
    """What the directory of a TIFF's first picture says."""

    tags: dict[int, Any]
    order: Literal["<", ">"]
    """`<` or `>`."""
    big: bool
    """Offsets have 8 bytes."""
    pages: int
    """Pictures in the file, but for smaller copies."""

    @property
    def width(self) -> int:
        return int(self.tags.get(_WIDTH, 0))

    @property
    def height(self) -> int:
        return int(self.tags.get(_HEIGHT, 0))

    @property
    def n(self) -> int:
        return int(self.tags.get(_SAMPLES, 1))

    @property
    def bits(self) -> int:
        return max(_numbers(self.tags.get(_BITS, (1,))), default=1)

    @property
    def kind(self) -> str | None:
        """`u`, `i` or `f`; None for complex numbers and others."""
        return _KINDS.get(max(_numbers(self.tags.get(_FORMAT, (1,))), default=1))

    @property
    def photometric(self) -> int:
        return int(self.tags.get(_PHOTOMETRIC, 1))

    @property
    def orientation(self) -> int:
        return int(self.tags.get(_ORIENTATION, 1))

    @property
    def alpha(self) -> int | None:
        """Which band is alpha; of extra bands that do not say what they are, none is."""
        extra = _numbers(self.tags.get(_EXTRA, ()))
        alphas = [self.n - len(extra) + place for place, what in enumerate(extra) if what in (1, 2)]
        return alphas[0] if alphas else None

    @property
    def ours(self) -> bool:
        """Is it one that Pillow does not read, or not whole?"""
        if self.photometric not in (0, 1, 2) or self.tags.get(_COMPRESSION, 1) not in _PACKED:
            return False
        if self.bits not in (8, 16, 32, 64) or self.kind is None or not self.width or not self.height:
            return False
        if self.n == 1:
            return self.bits > 32 or (self.bits, self.kind) in ((32, "u"), (16, "f"))
        colours = self.n - (self.alpha is not None)
        return self.bits > 8 or colours > (3 if self.photometric == 2 else 1)

    @property
    def is_deep(self) -> bool:
        """More than 8 bits, or with a sign."""
        return self.bits > 8 or self.kind != "u"

    @property
    def described(self) -> str:
        """In words."""
        kind = " floats" if self.kind == "f" else ""
        return f"{self.n} bands of {self.bits} bits{kind}"


def layout(stream: IO[bytes], count: bool = False) -> Layout | None:
    """What a file's directory says; None where it is no TIFF, or a broken one.

    With `count` all directories are read, to know the number of pictures.
    """
    stream.seek(0)
    header = stream.read(16)
    if header[:4] not in (b"II*\0", b"MM\0*", b"II+\0"):
        return None
    big = header[2] == 43
    try:
        directory = ImageFileDirectory_v2(header[: 16 if big else 8])
        first, pages, place, seen = dict[int, Any](), 0, int(directory.next), set[int]()
        while place and place not in seen and len(seen) < (_MOST_PAGES if count else 1):
            seen.add(place)
            stream.seek(place)
            directory.load(stream)
            first = first or {tag: directory[tag] for tag in directory}
            pages += not int(directory.get(_SUBFILE, 0)) & 1
            place = int(directory.next)
    except Exception:  # a broken file: whoever decodes it says so
        return None
    return Layout(first, "<" if header[:2] == b"II" else ">", big, max(1, pages)) if first else None


def values(stream: IO[bytes], found: Layout) -> Values:
    """The numbers of the first picture; whatever a damaged file leads to is raised."""
    planes = [found.n] if int(found.tags.get(_PLANAR, 1)) == 1 else [1] * found.n
    stream.seek(0)
    content = stream.read()
    parts = [_plane(content, found, bands, place) for place, bands in enumerate(planes)]
    numbers = np.concatenate(parts, axis=2) if len(parts) > 1 else parts[0]
    numbers = numbers.astype(numbers.dtype.newbyteorder("="), copy=False)
    if found.is_deep:
        numbers = _without_gaps(numbers, found)
    inverted = found.photometric == 0
    return Values(numbers, full_scale(numbers), deep=found.is_deep, inverted=inverted, alpha=found.alpha)


def _without_gaps(numbers: NDArray[Any], found: Layout) -> NDArray[Any]:
    """Float numbers that stand for `nothing was measured` as NaN, where GDAL's tag says which."""
    try:
        gap = float(str(found.tags[_NO_DATA]).strip().strip("\0"))
    except (KeyError, ValueError):
        return numbers
    gaps = numbers == numbers.dtype.type(gap) if numbers.dtype.kind == "f" else numbers == gap
    if not gaps.any():
        return numbers
    return np.where(gaps, np.float32(np.nan), numbers.astype(np.float32, copy=False))


def _plane(content: bytes, found: Layout, bands: int, number: int) -> NDArray[Any]:
    """(h, w, bands) of the bands that lie together."""
    size = found.bits // 8
    block = int(found.tags.get(_TILE_WIDTH, found.width))
    across = -(-found.width // block)
    packed = bands * size
    patched = _patched(content, found, (across * block * packed, block * packed), number)
    image = TiffImageFile(io.BytesIO(patched))
    image.load()
    rows = np.asarray(image).reshape(found.height, across, block * packed)
    numbers = _undone(rows, found, bands)
    return numbers.reshape(found.height, across * block, bands)[:, : found.width]


def _undone(rows: NDArray[np.uint8], found: Layout, bands: int) -> NDArray[Any]:
    """(h, across, block, bands) numbers of bytes, each block of a row with its differences added up."""
    size, predictor = found.bits // 8, int(found.tags.get(_PREDICTOR, 1))
    height, across, packed = rows.shape
    block = packed // (bands * size)
    kind = np.dtype(f"{found.kind}{size}")
    if predictor == 3:
        added = np.cumsum(rows.reshape(height, across, -1, bands), axis=2, dtype=np.uint8)
        planes = added.reshape(height, across, size, block * bands)  # the first bytes of all, then the second
        whole = np.ascontiguousarray(np.moveaxis(planes, 2, 3))
        return whole.view(kind.newbyteorder(">")).reshape(height, across, block, bands)
    numbers = np.ascontiguousarray(rows).view(kind.newbyteorder(found.order))
    numbers = numbers.reshape(height, across, block, bands)
    if predictor != 2:
        return numbers
    whole_numbers = np.dtype(f"u{size}")
    native = numbers.astype(kind).view(whole_numbers)
    return np.cumsum(native, axis=2, dtype=whole_numbers).view(kind)


def _patched(content: bytes, found: Layout, widths: tuple[int, int], number: int) -> bytes:
    """The same file with a directory for grey bytes of that width, and of one plane, behind its end."""
    tiled = _TILES in found.tags
    offsets, sizes = (
        _numbers(found.tags[tag]) for tag in ((_TILES, _TILE_SIZES) if tiled else (_STRIPS, _STRIP_SIZES))
    )
    each = len(offsets) // (found.n if int(found.tags.get(_PLANAR, 1)) == 2 else 1)
    mine = slice(each * number, each * (number + 1))
    tags = {
        _WIDTH: [widths[0]],
        _HEIGHT: [found.height],
        _BITS: [8],
        _COMPRESSION: [int(found.tags.get(_COMPRESSION, 1))],
        _PHOTOMETRIC: [1],
        _SAMPLES: [1],
        _PLANAR: [1],
    }
    if tiled:
        tags |= {_TILE_WIDTH: [widths[1]], _TILE_HEIGHT: [int(found.tags[_TILE_HEIGHT])]}
        tags |= {_TILES: offsets[mine], _TILE_SIZES: sizes[mine]}
    else:
        tags |= {_STRIP_ROWS: [min(found.height, int(found.tags.get(_STRIP_ROWS, found.height)))]}
        tags |= {_STRIPS: offsets[mine], _STRIP_SIZES: sizes[mine]}
    return _with_directory(content, tags, found.order, found.big)


def _with_directory(content: bytes, tags: dict[int, list[int]], order: str, big: bool) -> bytes:
    """The file with these tags as its only directory, written behind its end."""
    word, count, kind = ("Q", "Q", _LONG8) if big else ("L", "H", _LONG)
    wide = 8 if big else 4
    start = len(content) + len(content) % 2
    entry = struct.calcsize(f"{order}HH{word}{word}")
    beyond = start + struct.calcsize(f"{order}{count}") + entry * len(tags) + wide
    table, rest = struct.pack(f"{order}{count}", len(tags)), b""
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{word}", *numbers)
        if len(packed) > wide:
            packed, rest = struct.pack(f"{order}{word}", beyond + len(rest)), rest + packed
        table += struct.pack(f"{order}HH{word}", tag, kind, len(numbers)) + packed
    table += struct.pack(f"{order}{word}", 0)
    head = struct.pack(f"{order}{word}", start)
    at = 8 if big else 4
    body = content[:at] + head + content[at + len(head) :]
    return body + b"\0" * (start - len(content)) + table + rest


def _numbers(value: Any) -> list[int]:
    return [int(one) for one in value] if isinstance(value, tuple | list) else [int(value)]


def turned_size(found: Layout) -> tuple[int, int]:
    """Width and height as a viewer shows them."""
    return (found.height, found.width) if found.orientation in (5, 6, 7, 8) else (found.width, found.height)
