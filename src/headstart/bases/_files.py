"""Read a base's files: its settings, and its weights without ever running what a pickle says.

Only fixed file names inside the base's own folder are opened; no path comes out of a settings file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ..errors import BaseError

CONFIG = "config.json"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Where a base's folder keeps its weights, first choice first."""
GET_SAFETENSORS = (
    "save its weights as safetensors where you trust the file: "
    "`safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`"
)


def read_config(folder: str | Path, name: str = CONFIG) -> dict[str, Any] | None:
    """The settings in `folder`, or None where there is no such folder or file.

    Raises:
        BaseError: the file is not a JSON object.
    """
    file = Path(folder) / name
    if not file.is_file():
        return None
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BaseError(
            f"{file} cannot be read as JSON: {error}", "write it again, or get it anew"
        ) from error
    if not isinstance(config, dict):
        raise BaseError(f"{file} should hold a JSON object, not {type(config).__name__}", "get it anew")
    return config


def read_folder(folder: Path) -> dict[str, Tensor]:
    """The weights of a base's folder.

    Raises:
        BaseError: there are none, or they cannot be read.
    """
    for name in WEIGHTS:
        if (folder / name).is_file():
            return read_state(folder / name)
    raise BaseError(f"{folder} has no weights: {' or '.join(WEIGHTS)}", "put the weights beside config.json")


def read_state(file: Path) -> dict[str, Tensor]:
    """The tensors of one checkpoint by name: safetensors, else PyTorch's format without unpickling.

    Raises:
        BaseError: the file is damaged, holds no tensors, or does more than hold tensors.
    """
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        content = torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise BaseError(f"{file} cannot be read, it may be cut short: {error}", "get it again") from error
    except Exception as error:  # all that torch.load says to a pickle of something else than tensors
        raise BaseError(
            f"{file} was refused: it is not a checkpoint of tensors only, and loading it could run its code",
            GET_SAFETENSORS,
        ) from error
    return _tensors(content, file)


def _tensors(content: Any, file: Path) -> dict[str, Tensor]:
    """The largest dict of tensors inside, whatever the training script wrapped around it."""
    found = list(_dicts_of_tensors(content))
    if not found:
        raise BaseError(f"{file} holds no named tensors", "give the file with the model's `state_dict`")
    return max(found, key=lambda state: sum(tensor.numel() for tensor in state.values()))


def _dicts_of_tensors(content: Any) -> Iterator[dict[str, Tensor]]:
    if not isinstance(content, dict):
        return
    named = {name: value for name, value in content.items() if isinstance(name, str)}
    if state := {name: value for name, value in named.items() if isinstance(value, Tensor)}:
        yield state
    for value in named.values():
        yield from _dicts_of_tensors(value)
