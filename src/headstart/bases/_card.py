"""The facts about a base, measured on the network itself where they can be."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


def parameters(network: nn.Module) -> int:
    """How many numbers can be trained."""
    return sum(parameter.numel() for parameter in network.parameters())


def flops(network: nn.Module, example: Tensor) -> int:
    """Multiply-adds × 2 of one example (1, 3, s, s)."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(example)
    return int(counter.get_total_flops())


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
