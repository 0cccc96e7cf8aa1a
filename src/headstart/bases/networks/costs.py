"""The facts about a base, measured on the network itself where they can be."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .parted import PartedNetwork


def parameters(network: nn.Module) -> int:
    """How many numbers can be trained."""
    return sum(parameter.numel() for parameter in network.parameters())


@dataclass(frozen=True)
class Costs:
    """What one example (1, 3, s, s) costs."""

    flops: int
    """Multiply-adds × 2 of the whole network."""
    below: tuple[int, ...]
    """Those below each stage."""
    numbers: tuple[int, ...]
    """Of the activation at each stage."""


def costs(network: nn.Module, example: Tensor, stages: Sequence[str]) -> Costs:
    """Count from one run."""
    from torch.utils.flop_counter import FlopCounterMode  # here: it loads a compiler

    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten.mkldnn_rnn_layer: _recurrent})
    found: dict[str, tuple[int, int]] = {}

    def note(name: str) -> Callable[[object, object, Tensor], None]:
        def hook(_module: object, _inputs: object, output: Tensor) -> None:
            found[name] = (counter.get_total_flops(), output[0].numel())

        return hook

    parted = isinstance(network, PartedNetwork)  # nothing is kept of its parts
    hooks = (
        [] if parted else [network.get_submodule(name).register_forward_hook(note(name)) for name in stages]
    )
    try:
        # a part of a parameter that asks for gradients is more than the counter can follow
        fixed = {name: parameter.detach() for name, parameter in network.named_parameters()}
        with torch.no_grad(), counter:
            functional_call(network, fixed, (example,))
    finally:
        for hook in hooks:
            hook.remove()
    kept = [] if parted else stages
    below, numbers = zip(*(found[name] for name in kept), strict=True) if kept else ((), ())
    return Costs(int(counter.get_total_flops()), below, numbers)


def _recurrent(inputs: Sequence[int], ahead: Sequence[int], back: Sequence[int], *_: Any, **__: Any) -> int:
    """Of a recurrent layer, which torch does not count: both weight matrices, at each word."""
    return 2 * math.prod(inputs[:2]) * (math.prod(ahead) + math.prod(back))


def fingerprint(state: dict[str, Tensor]) -> str:
    """SHA-256 over the names and values of the weights: the file format and its order leave no trace.

    Counters and indices (tensors of integers) are left out: some formats keep them, some do not.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        if tensor.is_floating_point():
            digest.update(f"{name}{tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().float().contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()
