"""What a training writes while it runs, so that a killed one goes on bit for bit.

One safetensors file: tensors under their names, everything else as JSON in its header.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from ...runtime import write_atomically

Tensors = dict[str, Tensor]


def write(path: Path, groups: dict[str, Tensors], facts: dict[str, Any]) -> None:
    """Write named groups of tensors and plain facts, whole or not at all."""
    flat = {
        f"{group}/{name}": tensor.detach().cpu().contiguous().clone()
        for group, tensors in groups.items()
        for name, tensor in tensors.items()
    }
    header = {"facts": json.dumps(facts), "groups": json.dumps(list(groups))}
    write_atomically(path, save(flat, header))


def read(path: Path) -> tuple[dict[str, Tensors], dict[str, Any]]:
    """The groups and facts of `write`."""
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
        groups: dict[str, Tensors] = {group: {} for group in json.loads(header["groups"])}
        for key in file.keys():  # noqa: SIM118 - not a dict
            group, _, name = key.partition("/")
            groups[group][name] = file.get_tensor(key)
    return groups, json.loads(header["facts"])


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> Tensors:
    """The state of an optimizer as flat tensors, `<parameter number>.<name>`."""
    state = optimizer.state_dict()["state"]
    return {f"{number}.{name}": value for number, entry in state.items() for name, value in entry.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Put the tensors of `optimizer_tensors` back."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
