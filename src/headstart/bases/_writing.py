"""The decoder beside a Whisper's encoder in a folder of transformers' format, where it is whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from torch import Tensor

from ..errors import BaseError
from ..types import Architecture
from .base import Decoder
from .formats import tokenizer
from .formats.files import GENERATION, read_config, read_folder

DICTATION = "dictation"
"""Family of the head that `tasks/answers/dictation.py` builds."""
SETTINGS = {
    "width": "d_model",
    "layers": "decoder_layers",
    "heads": "decoder_attention_heads",
    "hidden": "decoder_ffn_dim",
    "tokens": "vocab_size",
    "positions": "max_target_positions",
}
"""What we call a number of the network, and what transformers calls it."""
START, END, NO_TIMES = "<|startoftranscript|>", "<|endoftext|>", "<|notimestamps|>"
SEVERAL = ("<|transcribe|>", NO_TIMES)
"""What stands before all that is written in one of several languages, after its name."""
MANY = 51_865
"""Tokens from which on a Whisper knows several languages: its English ones have one less."""
_LANGUAGE = re.compile(r"<\|[a-z]{2,3}\|>")
_NEVER = {"never": "suppress_tokens", "never_first": "begin_suppress_tokens"}
_INSIDE = re.compile(r"^(?:model\.)?decoder\.")


def decoder_of(folder: Path, config: Mapping[str, Any]) -> Decoder | None:
    """What writes the words; None of a folder without its settings or a tokenizer.

    Raises:
        BaseError: the tokenizer cannot be read.
    """
    numbers = {ours: config.get(theirs) for ours, theirs in SETTINGS.items()}
    if not all(isinstance(number, int) for number in numbers.values()) or not _has_tokenizer(folder):
        return None
    text = tokenizer.read(folder, int(config["max_target_positions"])).tokenizer
    prompt = _prompt(Tokenizer.from_str(text), int(config["vocab_size"]))
    if prompt is None:
        return None
    said = {**config, **(read_config(folder, GENERATION) or {})}
    tokens = range(int(config["vocab_size"]))  # the library's own lists are those of a large one
    never = {
        ours: [one for one in said.get(theirs) or () if one in tokens] for ours, theirs in _NEVER.items()
    }
    architecture = Architecture(DICTATION, "whisper", {**numbers, **prompt, **never})
    return Decoder(architecture, partial(_loaded, folder, text))


def _has_tokenizer(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (tokenizer.TOKENIZER, "vocab.json"))


def _prompt(words: Tokenizer, tokens: int) -> dict[str, Any] | None:
    """What stands before all that is written, and what ends it; None where the tokenizer does not know."""
    known = words.get_vocab(with_added_tokens=True)
    several = tokens >= MANY
    needed = (START, END, *(SEVERAL if several else (NO_TIMES,)))
    if any(name not in known for name in needed):
        return None
    languages = [known[name] for name in sorted(known) if _LANGUAGE.fullmatch(name)] if several else []
    return {
        "start": known[START],
        "end": known[END],
        "rest": [known[name] for name in needed[2:]],
        "languages": languages,
    }


def _loaded(folder: Path, text: str) -> tuple[dict[str, Tensor], str]:
    """The decoder's part of the weights.

    Raises:
        BaseError: they are not there.
    """
    state = read_folder(folder)
    found = {_INSIDE.sub("", name): value.float() for name, value in state.items() if _INSIDE.match(name)}
    if not found:
        raise BaseError(
            f"{folder} holds no weights of a decoder", "get the folder anew, or leave out zero_shot"
        )
    return found, text
