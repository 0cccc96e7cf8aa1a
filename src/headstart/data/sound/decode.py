"""Decode one recording to one channel, or say why it cannot be used. Thread-safe.

WAV is read here; FLAC, Ogg, MP3, M4A and others by PyAV (FFmpeg's libraries), where the extra is installed.

Notation: n samples, c channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError
from ...preprocessing.sound import RATE
from ...types import Source
from ..items import opened
from . import formats, wav

Floats = NDArray[np.float32]
LONGEST = 30.0
"""Seconds of a recording that are looked at: its first ones."""
SHORTEST = 0.02
"""Seconds, below which there is nothing to hear."""
QUIET = 1.5 / 32768
"""Peak to peak: what moves less than a step and a half of 16 bits is silent."""
RATES = (1_000, 768_000)
"""Samples a second that a recording may have."""
FINEST = 1000
"""Sampling rates are brought to RATE by a fraction whose denominator is at most this."""
_CONTAINERS = "flac,ogg,mp3,aac,mov,mp4,m4a,aiff,caf,au,asf,amr,wv,wav,w64,matroska"
_HOW: dict[str, Any] = {"options": {"format_whitelist": _CONTAINERS}, "metadata_errors": "replace"}
"""Of one file: no playlists, which name other files or addresses."""
_ANEW = "leave the file out, or replace it by one that a player plays"


@dataclass(frozen=True)
class Sound:
    """The beginning of a recording."""

    samples: Floats
    """(n,) of -1 to 1, the mean of its channels."""
    rate: int
    """Of its samples, a second."""
    seconds: float
    """Of the whole recording."""
    channels: int


def examine(source: Source) -> str | None:
    """None when the recording can be used, else the reason why not, in a few words."""
    try:
        read(source)
    except DataError as error:
        return error.message
    return None


def read(source: Source) -> Sound:
    """The first LONGEST seconds, as they were recorded.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    with opened(source, _refused) as stream:
        channels, rate, seconds = _decoded(stream, source)
    if not RATES[0] <= rate <= RATES[1]:
        raise _refused(f"its header says {rate} samples a second")
    if len(channels) < SHORTEST * rate:
        raise _refused(f"too short: {1000 * len(channels) / rate:.0f} ms")
    if not np.isfinite(channels).all():
        raise _refused("it holds numbers that are none (NaN or infinite)")
    return Sound(_mixed(channels, seconds > LONGEST), rate, seconds, channels.shape[1])


def blocks(source: Source, seconds: float) -> Iterator[tuple[Floats, int]]:
    """All of it, about so many seconds after the other: (n,) the mean of the channels, and the sampling rate.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    with opened(source, _refused) as stream:
        if formats.is_wav(stream.read(formats.HEAD)):
            try:
                for found, rate in wav.blocks(stream, seconds):
                    yield found.mean(1), rate
                return
            except wav.OtherCode:
                pass
        stream.seek(0)
        yield from _blocks_by_av(stream)


def _blocks_by_av(stream: IO[bytes]) -> Iterator[tuple[Floats, int]]:
    import av

    try:
        with av.open(stream, "r", **_HOW) as container:
            rate = int(container.streams.audio[0].rate or 0)
            for found in _frames(container, float("inf")):
                yield found.mean(1), rate
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise _refused("truncated or damaged") from error


def resampled(sound: Sound) -> Floats:
    """(m,) at RATE: polyphase filtering, which lets nothing above half of the lower rate through."""
    if sound.rate == RATE:
        return sound.samples
    from scipy.signal import resample_poly  # late: it takes a while to import

    ratio = Fraction(RATE, sound.rate).limit_denominator(FINEST)
    found: Floats = resample_poly(sound.samples, ratio.numerator, ratio.denominator)
    return found.astype(np.float32, copy=False)


def _mixed(channels: Floats, cut: bool) -> Floats:
    """The mean of the channels; the loudest alone where they cancel each other.

    Raises:
        DataError: there is nothing to hear in any.
    """
    loudest = int(np.argmax(np.ptp(channels, axis=0)))
    if np.ptp(channels[:, loudest]) <= QUIET:
        where = f" in its first {LONGEST:.0f} seconds" if cut else ""
        raise _refused(f"silent{where}: all its samples are the same")
    mean: Floats = channels.mean(1)
    return mean if np.ptp(mean) > QUIET else np.ascontiguousarray(channels[:, loudest])


def _decoded(stream: IO[bytes], source: Source) -> tuple[Floats, int, float]:
    """(n, c) samples, their rate, and the seconds of the whole."""
    head = stream.read(formats.HEAD)
    if not head:
        raise _refused("empty file")
    kind = formats.kind(head)
    suffix = source.suffix.lower() if isinstance(source, Path) else ""
    if formats.is_wav(head):
        try:
            return wav.read(stream, LONGEST)
        except wav.OtherCode:
            kind = "compressed WAV"
    if kind is None and suffix not in formats.OTHERS:
        raise _refused("not a sound")
    name = kind or suffix.removeprefix(".").upper()
    if reason := formats.unread(name):
        raise _refused(reason)
    stream.seek(0)
    return _by_av(stream, name)


def _by_av(stream: IO[bytes], name: str) -> tuple[Floats, int, float]:
    import av

    try:
        with av.open(stream, "r", **_HOW) as container:
            if not container.streams.audio:
                raise _refused("there is no sound in it")
            track = container.streams.audio[0]
            rate, parts = int(track.rate or 0), list(_frames(container, LONGEST))
            said = container.duration / av.time_base if container.duration else 0.0
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise _refused(f"truncated or damaged {name}") from error
    if not parts or not rate:
        raise _refused(f"truncated or damaged {name}: there are no samples")
    samples = np.concatenate(parts)
    there = len(samples) / rate
    return samples[: round(LONGEST * rate)], rate, max(said, there)


def _frames(container: Any, seconds: float) -> Iterator[Floats]:
    """(m, c) of each frame, until there are so many seconds."""
    import av

    planes, there = av.AudioResampler(format="fltp"), 0.0
    for frame in container.decode(audio=0):
        for plain in planes.resample(frame):
            yield np.ascontiguousarray(plain.to_ndarray().T)
        there += frame.samples / (frame.sample_rate or 1)
        if there >= seconds:
            return


def _refused(reason: str) -> DataError:
    return DataError(reason, _ANEW)
