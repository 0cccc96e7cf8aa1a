"""WAV, read with NumPy: PCM of 8 to 32 bits, floats, and the two codes of telephones.

Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991; the extensible form
is that of Microsoft's `WAVEFORMATEXTENSIBLE`, the codes those of ITU-T G.711.

Notation: n samples of each channel, c channels.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError

Floats = NDArray[np.float32]
PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_UNKNOWN = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""Lengths that programs write which did not know it yet; some of them 36 bytes less."""
_HEADER = 36


class OtherCode(Exception):
    """The sound is compressed: something else has to read it."""


@dataclass(frozen=True)
class Form:
    """How the samples are written."""

    code: int
    channels: int
    rate: int
    """Samples a second of each channel."""
    bits: int

    @property
    def step(self) -> int:
        """Bytes of a sample of all channels."""
        return self.channels * (self.bits // 8)


def read(stream: IO[bytes], seconds: float) -> tuple[Floats, int, float]:
    """The first seconds as (n, c) numbers of -1 to 1, the sampling rate, and how long all of it is.

    Raises:
        DataError: it is damaged, or cut short; the message is the reason alone.
        OtherCode: its samples are written in a code that is not read here.
    """
    form, total = _begun(stream)
    data = stream.read(min(total, round(seconds * form.rate)) * form.step)
    return _numbers(data, form), form.rate, total / max(form.rate, 1)


def blocks(stream: IO[bytes], seconds: float) -> Iterator[tuple[Floats, int]]:
    """All of it, so many seconds after the other, as (n, c) numbers and the sampling rate.

    Raises what `read` raises.
    """
    form, left = _begun(stream)
    step = max(1, round(seconds * form.rate))
    while left > 0:
        yield _numbers(stream.read(min(step, left) * form.step), form), form.rate
        left -= step


def written(samples: Floats, rate: int, bits: int = 16) -> bytes:
    """(n,) numbers of -1 to 1 as a file of one channel, of 8 or 16 bits; louder ones are clipped."""
    loudest = 2 ** (bits - 1) - 1
    levels = np.round(np.clip(samples, -1, 1) * loudest)
    data: bytes = (levels + 128).astype(np.uint8).tobytes() if bits == 8 else levels.astype("<i2").tobytes()
    step = bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * step, step, bits)
    chunks = form + struct.pack("<4sI", b"data", len(data)) + data + bytes(len(data) % 2)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


def _begun(stream: IO[bytes]) -> tuple[Form, int]:
    """How the samples are written, which the stream is at, and how many there are of each channel."""
    stream.seek(12)
    form: Form | None = None
    while len(head := stream.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            if form is None:
                break
            return form, _count(stream, form, size)
        if name == b"fmt ":
            form = _form(stream.read(size))
            stream.seek(size % 2, os.SEEK_CUR)
        else:
            stream.seek(size + size % 2, os.SEEK_CUR)
    raise DataError("truncated or damaged: a WAV without samples", "record or export it anew")


def _form(chunk: bytes) -> Form:
    if len(chunk) < 16:
        raise DataError("truncated or damaged: its header is cut short", "record or export it anew")
    code, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if code == EXTENSIBLE and len(chunk) >= 26:
        (code,) = struct.unpack("<H", chunk[24:26])
    form = Form(code, channels, rate, bits)
    widths = {PCM: (8, 16, 24, 32), FLOAT: (32, 64), A_LAW: (8,), MU_LAW: (8,)}
    if code not in widths:
        raise OtherCode
    if bits not in widths[code] or not channels:
        raise DataError(
            f"its header says {channels} channels of {bits} bits, which no WAV has", "export it anew"
        )
    return form


def _numbers(data: bytes, form: Form) -> Floats:
    """(n, c)."""
    return _decoded(data[: len(data) // form.step * form.step], form).reshape(-1, form.channels)


def _count(stream: IO[bytes], form: Form, said: int) -> int:
    """Samples of each channel that are there, from here on."""
    start = stream.tell()
    there = stream.seek(0, os.SEEK_END) - start
    stream.seek(start)
    unknown = said in _UNKNOWN or said + _HEADER in _UNKNOWN
    if not unknown and said > there:
        told = f"{there / form.step / max(form.rate, 1):.2f} of {said / form.step / max(form.rate, 1):.2f} s"
        raise DataError(f"truncated: {told} are there", "record or copy it anew")
    return (there if unknown else said) // form.step


def _decoded(data: bytes, form: Form) -> Floats:
    if form.code == FLOAT:
        wide: NDArray[np.floating] = np.frombuffer(data, f"<f{form.bits // 8}")
        return wide.astype(np.float32)
    if form.code in (A_LAW, MU_LAW):
        table = _a_law() if form.code == A_LAW else _mu_law()
        return np.asarray(table[np.frombuffer(data, np.uint8)], np.float32)
    if form.bits == 8:
        return np.asarray((np.frombuffer(data, np.uint8) - 128.0) / 128, np.float32)
    if form.bits == 24:  # as the upper bytes of 32 bits
        padded = np.zeros((len(data) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return np.asarray(padded.view("<i4")[:, 0] / 2.0**31, np.float32)
    return np.asarray(np.frombuffer(data, f"<i{form.bits // 8}") / 2.0 ** (form.bits - 1), np.float32)


def _mu_law() -> Floats:
    """(256,) what each byte stands for."""
    code = ~np.arange(256, dtype=np.uint8)
    size = (((code & 15).astype(int) << 3) + 132 << ((code >> 4) & 7).astype(int)) - 132
    return np.asarray(np.where(code & 128, -size, size) / 32768, np.float32)


def _a_law() -> Floats:
    """(256,) what each byte stands for."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    low, exponent = ((code & 15).astype(int) << 4) + 8, ((code >> 4) & 7).astype(int)
    size = np.where(exponent > 0, low + 256 << np.maximum(exponent - 1, 0), low)
    return np.asarray(np.where(code & 128, size, -size) / 32768, np.float32)
