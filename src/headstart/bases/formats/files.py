"""Read a base's files: its settings, and its weights without ever running what a pickle says.

Only fixed file names inside the base's own folder are opened; no path comes out of a settings file.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ...errors import BaseError

CONFIG = "config.json"
CHRONOS = "chronos_config"
"""What only a model of series has in its settings; the others of them are those of a T5 for texts."""
GENERATION = "generation_config.json"
"""How a model that writes words writes them."""
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
"""Where a base's folder keeps its weights, first choice first; large ones are in several files."""
INDEX = ".index.json"
"""After the name of the weights: the file that says which tensors are in which of several files."""
ADAPTER, ADAPTER_WEIGHTS = "adapter_config.json", ("adapter_model.safetensors", "adapter_model.bin")
"""What peft keeps of a model: changes to another one."""
MODELS = ("state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model")
"""What training scripts call the weights of their model, first choice first."""
CHECKPOINTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")
FOREIGN = {".h5": "TensorFlow", ".msgpack": "Flax", ".onnx": "ONNX", ".gguf": "llama.cpp (GGUF)"}
GET_SAFETENSORS = (
    "save its weights as safetensors where you trust the file: "
    "`safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`"
)

OF_PYTORCH = "give the folder of the same model with its model.safetensors and config.json"
GET_STATE = (
    "save its weights as safetensors where you trust the file: `safetensors.torch.save_file("
    "torch.load('{file}', weights_only=False)['state_dict'], 'model.safetensors')`"
)


_POINTER = b"version https://git-lfs.github.com/spec/"
_GGUF = b"GGUF"


def require_content(file: Path) -> None:
    """Does a file hold what its name says, rather than say where that is, or numbers of another library?

    Raises:
        BaseError: it is a pointer of Git LFS, or of the format of llama.cpp.
    """
    try:
        with file.open("rb") as stream:
            start = stream.read(len(_POINTER))
    except OSError:  # whoever reads it says so
        return
    if start == _POINTER:
        raise BaseError(
            f"{file} is a pointer of Git LFS: the file itself was not fetched with the repository",
            "run `git lfs install` and `git lfs pull` in its folder",
        )
    if start.startswith(_GGUF):
        raise BaseError(f"{file} holds weights of {FOREIGN['.gguf']}, which are not read", OF_PYTORCH)


def foreign_weights(folder: Path) -> list[str]:
    """The libraries, other than PyTorch, whose weights lie in a folder."""
    return list(dict.fromkeys(_others(folder)[0]))


def read_config(folder: str | Path, name: str = CONFIG) -> dict[str, Any] | None:
    """The settings in `folder`, or None where there is no such folder or file.

    Raises:
        BaseError: the file is not a JSON object.
    """
    file = Path(folder) / name
    if not file.is_file():
        return None
    require_content(file)
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
        if (shards := _shards(folder, name)) is not None:
            return _joined(folder, shards)
    raise BaseError(f"{folder} has no weights: {' or '.join(WEIGHTS)}{_instead(folder)}", _way_out(folder))


def whole(folder: Path) -> bool:
    """Are a folder's weights there, all of them?"""
    if any((folder / name).is_file() for name in (*WEIGHTS, *ADAPTER_WEIGHTS)):
        return True
    try:
        several = [shards for name in WEIGHTS if (shards := _shards(folder, name))]
    except BaseError:
        return False
    return any(all((folder / one).is_file() for one in shards) for shards in several)


def _shards(folder: Path, name: str) -> list[str] | None:
    """The files that weights of this name are kept in, where they are in several."""
    index = read_config(folder, name + INDEX)
    if index is None:
        return None
    files = index.get("weight_map")
    if not isinstance(files, dict) or not files:
        raise BaseError(f"{folder / (name + INDEX)} names no files in its `weight_map`", "get it anew")
    shards = sorted({str(one) for one in files.values()})
    if outside := [one for one in shards if Path(one).name != one]:
        raise BaseError(
            f"{folder / (name + INDEX)} names {outside[0]}, which is no file beside it", "get it anew"
        )
    return shards


def _joined(folder: Path, shards: list[str]) -> dict[str, Tensor]:
    if missing := [one for one in shards if not (folder / one).is_file()]:
        raise BaseError(
            f"{folder} lacks {len(missing)} of the {len(shards)} files of its weights: {', '.join(missing)}",
            "copy them from where the model came from",
        )
    return {name: value for one in shards for name, value in read_state(folder / one).items()}


def _others(folder: Path) -> tuple[list[str], list[Path]]:
    """Libraries whose weights lie there, and checkpoints of another name."""
    files = sorted(file for file in folder.glob("*") if file.is_file())
    foreign = [FOREIGN[file.suffix] for file in files if file.suffix in FOREIGN]
    about = ("training_args", "optimizer", "scheduler", "rng_state", "trained_on")  # no weights of a model
    return foreign, [file for file in files if file.suffix in CHECKPOINTS and not file.stem.startswith(about)]


def _instead(folder: Path) -> str:
    foreign, files = _others(folder)
    found = [*(file.name for file in files[:3]), *(f"weights of {one}" for one in dict.fromkeys(foreign))]
    return f"; it has {', '.join(found)}" if found else ""


def _way_out(folder: Path) -> str:
    foreign, files = _others(folder)
    if files:
        return f"write {folder}@{files[0]}"
    if foreign:
        return "load them there and save them for PyTorch, as model.safetensors beside config.json"
    return "put the weights beside config.json"


def read_state(file: Path) -> dict[str, Tensor]:
    """The tensors of one checkpoint by name: safetensors, else PyTorch's format without unpickling.

    Raises:
        BaseError: the file is damaged or only a pointer, holds no tensors, or does more than hold tensors.
    """
    require_content(file)
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        # training scripts keep settings beside the weights: a namespace only holds them, and runs nothing
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise BaseError(f"{file} cannot be read, it may be cut short: {error}", "get it again") from error
    except Exception as error:  # all that torch.load says to a pickle of something else than tensors
        raise BaseError(
            f"{file} was refused: it is not a checkpoint of tensors only, and loading it could run its code",
            GET_SAFETENSORS if file.suffix != ".ckpt" else GET_STATE.format(file=file.name),
        ) from error
    return _tensors(content, file)


def _tensors(content: Any, file: Path) -> dict[str, Tensor]:
    """The largest dict of tensors inside, whatever the training script wrapped around it.

    Where the model's is named, it is that: an optimizer's moments may be as large. Averaged weights come
    first, as they do in timm: whoever averages evaluates those.
    """
    known = [content.get(name) for name in MODELS] if isinstance(content, dict) else []
    named = next(filter(None, (list(_dicts_of_tensors(one)) for one in known)), [])
    found = named or list(_dicts_of_tensors(content))
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


def renamed(state: Mapping[str, Tensor], rules: tuple[tuple[str, str], ...]) -> dict[str, Tensor]:
    """The tensors with each rule applied to their names, in turn."""
    found = {}
    for name, value in state.items():
        for pattern, instead in rules:
            name = re.sub(pattern, instead, name)
        found[name] = value
    return found
