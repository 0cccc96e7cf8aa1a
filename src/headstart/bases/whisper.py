"""Whisper's encoder as a base for recordings: a folder in transformers' format, or in a package.

What a recording is is read off the encoder's states; the decoder, which writes words, is beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.sound import STEP, SoundPreprocess
from ..types import Architecture
from ._writing import decoder_of
from .base import Classes, Located, Saved
from .formats.files import CONFIG, read_config, read_folder, renamed
from .networks.whisper import WhisperEncoder

KIND = "whisper"
SETTINGS = {
    "width": "d_model",
    "bands": "num_mel_bins",
    "layers": "encoder_layers",
    "heads": "encoder_attention_heads",
    "hidden": "encoder_ffn_dim",
    "positions": "max_source_positions",
}
"""What we call a number of the network, and what transformers calls it."""
_THEIRS = (
    (r"^(?:model\.)?encoder\.", ""),
    (r"^conv(\d)\.", r"stem.conv\1_"),
    (r"^embed_positions\.weight$", "stem.positions"),
)
_OURS = (
    (r"^stem\.conv(\d)_", r"conv\1."),
    (r"^stem\.positions$", "embed_positions.weight"),
    (r"^", "encoder."),
)
"""Names of weights in transformers and here, in turn."""


class Whisper:
    """The family."""

    def names(self) -> list[str]:
        """None: the one that comes in a package is `builtin/whisper-tiny-en`."""
        return []

    def locate(self, name: str) -> Located | None:
        """The encoder of the Whisper in a folder.

        Raises:
            BaseError: the folder's settings are not those of a Whisper.
        """
        config = read_config(name)
        if config is None or config.get("model_type") != KIND:
            return None
        args = {ours: config.get(theirs) for ours, theirs in SETTINGS.items()}
        if lacking := [SETTINGS[ours] for ours, value in args.items() if not isinstance(value, int)]:
            raise BaseError(f"{name}: its {CONFIG} says no {', '.join(lacking)}", "get the folder anew")
        return Located(
            architecture=Architecture(KIND, "encoder", args),
            preprocess=_preprocess(args),
            weights=partial(_weights, Path(name)),
            source_data=config.get("source_data"),
            licence=config.get("license"),
            folder=Path(name),
            decoder=decoder_of(Path(name), config),
        )

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The encoder with random weights: (n, B, T) -> (n, d), for every `size`."""
        return WhisperEncoder(**architecture.args)

    def save(
        self,
        architecture: Architecture,
        preprocess: SoundPreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The encoder's part of transformers' own format; classes are not kept."""
        numbers = {theirs: architecture.args[ours] for ours, theirs in SETTINGS.items()}
        return Saved({CONFIG: {"model_type": KIND, **numbers}}, renamed(state, _OURS))


def _preprocess(args: Mapping[str, Any]) -> SoundPreprocess:
    frames = STEP * args["positions"]
    return SoundPreprocess(frames, frames, args["bands"])


def _weights(folder: Path) -> dict[str, Tensor]:
    state = read_folder(folder)
    reads = {name: value for name, value in state.items() if re.match(_THEIRS[0][0], name)}
    return renamed(reads or state, _THEIRS)


plugin = Whisper()
