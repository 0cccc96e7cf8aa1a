"""Films as pictures: each frame becomes the bytes of a picture, as a file of it would hold.

Frames are decoded one after another, upright, with PyAV (the libraries of FFmpeg). Only containers of one
file are opened: playlists, which name other files or addresses, are not.

Notation: h, w sides of a frame in pixels.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...ahead import ahead
from ...errors import DataError, MissingExtra
from ...types import Source
from .decode import MAX_PIXELS

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm")
WAITING = 4
"""Decoded frames that wait at most: a large one takes tens of megabytes."""
EARLY = 0.3
"""Seconds without pictures, at the end of a film, above which it is called truncated."""
_CONTAINERS = "mov,mp4,avi,matroska,webm,mpegts,mpeg,yuv4mpegpipe,jpeg_pipe,png_pipe,bmp_pipe"
_HOW: dict[str, Any] = {"options": {"format_whitelist": _CONTAINERS}, "metadata_errors": "replace"}

Cell = tuple[str, Source, str | None]
"""What a frame is called, its bytes, and why it cannot be used where that is so."""


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most so many; nothing at the end."""
        ...


def looks_like_film(path: Path) -> bool:
    """Has the file the name of a film?"""
    return path.suffix.lower() in SUFFIXES


def require_films() -> None:
    """Raises MissingExtra where films cannot be decoded."""
    if find_spec("av") is None:
        raise MissingExtra.of("films are decoded with PyAV, which is not installed", "video")


def frames(source: Path | Readable, name: str) -> Iterator[Cell]:
    """The frames of a film, from 1, decoded in a thread of their own; few of them are in memory at once.

    A film that is broken, ends early, or holds no pictures has one entry more, with the reason.

    Args:
        source: a file, or a stream that need not be seekable.
        name: what the film is called.

    Raises:
        MissingExtra: PyAV is not installed.
    """
    require_films()
    with closing(ahead(_decoded(source), WAITING)) as decoded:
        for number, found in decoded:
            if isinstance(found, bytes):
                yield f"{name} frame {number}", found, None
            else:
                yield name, b"", found


def as_picture(frame: object) -> bytes:
    """(h, w, 3) 8-bit red, green and blue as the bytes of an uncompressed picture.

    Raises:
        DataError: it is anything else.
    """
    pixels: NDArray[Any] = np.asarray(frame)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise DataError(
            f"expected a frame (h, w, 3) of 8-bit numbers, got {pixels.dtype} of the shape {pixels.shape}",
            "give red, green and blue of each pixel, as uint8",
        )
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "BMP")
    return stream.getvalue()


def _decoded(source: Path | Readable) -> Iterator[bytes | str]:
    """Pictures, and at the end the reason why there are no more, if there is one."""
    import av

    seen = 0
    try:
        if isinstance(source, Path) and not source.stat().st_size:
            yield "empty file"
            return
        with _opened(source) as file, av.open(file, **_HOW) as film:
            if refused := _refused(film):
                yield refused
                return
            for frame in film.decode(video=0):
                seen, end = seen + 1, _end(frame)
                yield as_picture(_upright(frame))
            if not seen:
                yield "holds no pictures"
            elif (length := _seconds(film)) and length - end > EARLY:
                yield f"truncated: ends after {end:.1f} of {length:.1f} s"
    except (av.error.FFmpegError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error)
        yield f"truncated or damaged after {seen} frames: {told}" if seen else f"not a film: {told}"
    except OSError as error:
        yield (error.strerror or str(error)).lower()


def _opened(source: Path | Readable) -> AbstractContextManager[Readable]:
    """A file object, since FFmpeg would take a name for an address; a stream stays open."""
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


def _refused(film: InputContainer) -> str | None:
    if not film.streams.video:
        return "holds no pictures"
    context = film.streams.video[0].codec_context
    if context is None:
        return "written by a codec that is not known here, or damaged"
    if context.width * context.height > MAX_PIXELS:
        return f"too many pixels ({context.width} x {context.height}, at most {MAX_PIXELS})"
    return None


def _upright(frame: VideoFrame) -> NDArray[np.uint8]:
    """(h, w, 3) turned as a player shows it: telephones write frames as their sensors lie."""
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    return np.rot90(pixels, round(frame.rotation / 90) % 4)


def _end(frame: VideoFrame) -> float:
    """When the next frame is due, seconds."""
    lasts = frame.duration * frame.time_base if frame.duration and frame.time_base else 0
    return (frame.time or 0.0) + float(lasts)


def _seconds(film: InputContainer) -> float | None:
    """How long the film claims to be, where it does; sound may go on after the last picture."""
    stream = film.streams.video[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    alone = len(film.streams.get()) == 1
    return film.duration / 1e6 if alone and film.duration else None
