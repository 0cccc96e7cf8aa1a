"""Weights as CTranslate2 keeps them (`model.bin`), and a Whisper in it under the names of transformers.

The file is little-endian: a version, the name of the network and its revision, how many variables, then of
each its name, shape, kind and bytes; last, further names of some. Nothing in it is code, and every length is
held against what is left before it is believed.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import BaseError
from ...preprocessing.text import TOKENIZER
from ..base import Saved
from .files import CONFIG, GENERATION, read_config

State = dict[str, Tensor]
VERSIONS = (5, 6)
"""Of the format, that are read."""
MOST_AXES = 8
KINDS = {
    0: torch.float32,
    1: torch.int8,
    2: torch.int16,
    3: torch.int32,
    4: torch.float16,
    5: torch.bfloat16,
}
"""What a variable is made of, by the number that says it."""


def read(file: Path) -> tuple[str, State]:
    """The network's name, and every variable; one number has shape ().

    Raises:
        BaseError: it cannot be read, is cut short, or is of another format.
    """
    try:
        content = _Content(file.read_bytes())
        return content.name(), dict(content.variables())
    except OSError as error:
        raise BaseError(f"{file} cannot be read: {error.strerror}", "check its rights") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise BaseError(f"{file} is no model of CTranslate2's: {error}", "get it anew") from error


class _Content:
    """The bytes, and the place that is read next."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def name(self) -> str:
        """The network's; the head of the file is behind the place afterwards."""
        version = self._number("I")
        if version not in VERSIONS:
            raise ValueError(f"its version is {version}, expected one of {', '.join(map(str, VERSIONS))}")
        name = self._text()
        self._number("I")  # the network's own revision
        return name

    def variables(self) -> Iterator[tuple[str, Tensor]]:
        """Each once, in order."""
        seen: State = {}
        for _ in range(self._number("I")):
            name, value = self._text(), self._value()
            if name in seen:
                raise ValueError(f"`{name}` is in it twice")
            seen[name] = value
            yield name, value
        for _ in range(self._number("I")):
            other, name = self._text(), self._text()
            if name not in seen or other in seen:
                raise ValueError(f"`{other}` is to be another name of `{name}`")
            yield other, seen[name]
        if self.place != len(self.content):
            raise ValueError(f"{len(self.content) - self.place} bytes are left at its end")

    def _value(self) -> Tensor:
        axes = self._number("B")
        if axes > MOST_AXES:
            raise ValueError(f"a variable has {axes} axes")
        shape = [self._number("I") for _ in range(axes)]
        number, size = self._number("B"), self._number("I")
        if number not in KINDS:
            raise ValueError(f"a variable is of the kind {number}")
        kind = KINDS[number]
        if math.prod(shape) * kind.itemsize != size:
            raise ValueError(f"a variable of shape {tuple(shape)} has {size} bytes")
        data = self._bytes(size)
        return torch.frombuffer(bytearray(data), dtype=kind).reshape(shape) if size else torch.zeros(shape)

    def _number(self, form: str) -> int:
        (found,) = struct.unpack(f"<{form}", self._bytes(struct.calcsize(f"<{form}")))
        return int(found)

    def _text(self) -> str:
        data = self._bytes(self._number("H"))
        if not data.endswith(b"\0"):
            raise ValueError("a name has no end")
        return data[:-1].decode("utf-8")

    def _bytes(self, count: int) -> bytes:
        if count > len(self.content) - self.place:
            raise ValueError(f"it is cut short: {count} bytes are expected at {self.place}")
        self.place += count
        return self.content[self.place - count : self.place]


WHISPER = "WhisperSpec"
_NEVER = {"suppress_ids": "suppress_tokens", "suppress_ids_begin": "begin_suppress_tokens"}
"""Tokens that are never written, or not at the beginning: as they are called here, and in transformers."""
_PLACES = (
    (r"^(encoder|decoder)/layer_(\d+)/", r"\1.layers.\2."),
    (r"^(encoder|decoder)/", r"\1."),
    (r"\.self_attention/layer_norm/", ".self_attn_layer_norm."),
    (r"\.attention/layer_norm/", ".encoder_attn_layer_norm."),
    (r"\.ffn/layer_norm/", ".final_layer_norm."),
    (r"\.ffn/linear_0/", ".fc1."),
    (r"\.ffn/linear_1/", ".fc2."),
    (r"\.self_attention/", ".self_attn."),
    (r"\.attention/", ".encoder_attn."),
    (r"position_encodings/encodings$", "embed_positions.weight"),
    (r"embeddings/weight$", "embed_tokens.weight"),
    (r"gamma$", "weight"),
    (r"beta$", "bias"),
    (r"/", "."),
)
"""What a part is called here, and in transformers, in turn."""
_STACKED = {
    ("self_attn", "linear_0"): ("q_proj", "k_proj", "v_proj"),
    ("self_attn", "linear_1"): ("out_proj",),
    ("encoder_attn", "linear_0"): ("q_proj",),
    ("encoder_attn", "linear_1"): ("k_proj", "v_proj"),
    ("encoder_attn", "linear_2"): ("out_proj",),
}
"""The layers that one matrix of an attention holds, one below the other."""


def whisper_folder(file: Path) -> Saved:
    """A Whisper in a file, as transformers keeps it, with what beside it says how it writes; half precision.

    Raises:
        BaseError: a file cannot be read, or it holds no Whisper.
    """
    name, variables = read(file)
    if name != WHISPER:
        raise BaseError(f"{file} holds a {name}, no Whisper", "get the package anew")
    settings, state = whisper(variables)
    said, tokenizer = (read_config(str(file.parent), name) for name in (CONFIG, TOKENIZER))
    if said is None or tokenizer is None:
        raise BaseError(f"{file.parent} has no {TOKENIZER} or no {CONFIG}", "get the package anew")
    never = {theirs: said[own] for own, theirs in _NEVER.items() if own in said}
    written = {CONFIG: {"model_type": "whisper", **settings}, GENERATION: never, TOKENIZER: tokenizer}
    return Saved(written, {name: value.half() for name, value in state.items()})


def whisper(variables: State) -> tuple[dict[str, Any], State]:
    """The settings of transformers' `WhisperConfig` and the float32 state of its `WhisperModel`.

    Keys have no bias there, since it changes nothing; the output layer is the words' own embedding.

    Raises:
        BaseError: a variable that a Whisper has is missing, or is of another shape.
    """
    try:
        state = {
            new: part.float()
            for name, value in variables.items()
            if value.ndim and name != "decoder/projection/weight"
            for new, part in _parts(name, value)
            if not new.endswith("k_proj.bias")
        }
        return _settings(variables, state), state
    except (KeyError, ValueError) as error:
        raise BaseError(f"these are not the weights of a Whisper: {error}", "get them anew") from error


def _parts(name: str, value: Tensor) -> Iterator[tuple[str, Tensor]]:
    for pattern, instead in _PLACES:
        name = re.sub(pattern, instead, name)
    attention = re.fullmatch(r"(.+\.(\w+_attn))\.(linear_\d)\.(\w+)", name)
    if attention is None:
        yield name, value
        return
    place, kind, linear, end = attention.groups()
    layers = _STACKED[kind, linear]
    for layer, part in zip(layers, value.chunk(len(layers)), strict=True):
        yield f"{place}.{layer}.{end}", part


def _settings(variables: State, state: State) -> dict[str, Any]:
    width, bands, _ = state["encoder.conv1.weight"].shape
    sides = {
        f"{side}_{what}": count
        for side in ("encoder", "decoder")
        for what, count in (
            ("layers", len({name.split(".")[2] for name in state if name.startswith(f"{side}.layers.")})),
            ("attention_heads", int(variables[f"{side}/num_heads"])),
            ("ffn_dim", len(state[f"{side}.layers.0.fc1.weight"])),
        )
    }
    return {
        "vocab_size": len(state["decoder.embed_tokens.weight"]),
        "d_model": width,
        "num_mel_bins": bands,
        "max_source_positions": len(state["encoder.embed_positions.weight"]),
        "max_target_positions": len(state["decoder.embed_positions.weight"]),
        **sides,
    }
