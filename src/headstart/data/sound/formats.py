"""Formats of sound: which file is one, by its name or its first bytes, and what reads it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

EXTRA = "audio"
"""Of this package: brings what reads everything but WAV."""
WAV = (".wav", ".wave")
OTHERS = (".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff", ".aifc", ".caf", ".au",
          ".wma", ".amr", ".wv")  # fmt: skip
"""Read by PyAV."""
SUFFIXES = (*WAV, *OTHERS)
HEAD = 16
"""Bytes that tell what a file is."""
_STARTS = {
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b"FORM": "AIFF",
    b"caff": "CAF",
    b".snd": "AU",
    b"#!AMR": "AMR",
    b"wvpk": "WavPack",
}
_LAYERS = (0x02, 0x04)
"""Bits of the second byte of a frame that say layer III (MP3) or II; UTF-16 begins like layer I."""


def is_wav(head: bytes) -> bool:
    """Do the first bytes say WAV? `RF64` and `BW64` are those of more than 4 GB."""
    return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"


def kind(head: bytes) -> str | None:
    """What the first bytes say, where they say a format of sound."""
    if is_wav(head):
        return "WAV"
    if head[:4] == b"FORM" and head[8:11] != b"AIF":
        return None
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "M4A" if head[8:11] in (b"M4A", b"M4B") else None
    return "MP3" if _is_mpeg(head) else None


def _is_mpeg(head: bytes) -> bool:
    """Does it begin with a frame: eleven ones, then a version, a layer and rates that there are?"""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, rate = head[1] >> 3 & 3, head[2] >> 2 & 3
    return version != 1 and head[1] & 0x06 in _LAYERS and head[2] >> 4 not in (0, 15) and rate != 3


def looks_like_sound(path: Path) -> bool:
    """Has the file the name or the first bytes of a recording, be it one that cannot be read here?"""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as stream:
            return kind(stream.read(HEAD)) is not None
    except OSError:
        return False


def unread(name: str) -> str | None:
    """Why a format that is not WAV cannot be read here; None where it can."""
    return None if find_spec("av") else f"{name} needs pip install 'headstart[{EXTRA}]'; WAV needs nothing"
