"""How a network lies in memory: channels last, as convolutions like it, where the network takes that."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

NEAR = 1e-3
"""Largest difference over the largest value that counts as the same answer."""


def laid_out(network: nn.Module, device: str, example: Tensor | None = None) -> nn.Module:
    """The network itself, on a device, with channels last where that changes nothing but the speed.

    Weights of volumes cannot be laid so, and a network that looks into memory (a `view` of what a
    convolution gave) fails with them, or with such inputs: it gets both in plain order.

    Args:
        network: (n, 3, s, s) -> (n, d), or anything without convolutions, which stays as it is.
        device: where to.
        example: (1, 3, s, s) to try it with; without one it is believed.
    """
    network = network.to(device)
    if _is_plain(network) or not any(one.ndim > 3 for one in network.parameters()):
        return network
    example = None if example is None else example.to(device)
    right = None if example is None else _answers(network, example.contiguous())
    try:
        network = network.to(memory_format=torch.channels_last)
    except RuntimeError:  # of five dimensions
        return _plain(network)
    if example is None or right is None or example.ndim != 4:
        return network
    found = _answers(network, example.contiguous(memory_format=torch.channels_last))
    return network if found is not None and _near(found, right) else _plain(network)


@torch.no_grad()
def _answers(network: nn.Module, example: Tensor) -> Tensor | None:
    """In eval mode; None where the network fails, for whatever reason: who uses it will hear it."""
    modes = [(one, one.training) for one in network.modules()]
    try:
        answers: Tensor = network.eval()(example)
        return answers.float()
    except Exception:
        return None
    finally:
        for one, mode in modes:
            one.training = mode


def _near(found: Tensor, right: Tensor) -> bool:
    if found.shape != right.shape:
        return False
    same = (found == right) | (found.isnan() & right.isnan())  # what is no number in either order
    far = torch.where(same, 0.0, (found - right).abs())
    return found.numel() == 0 or bool(far.max() <= NEAR * right.nan_to_num(0.0).abs().max())


def _plain(network: nn.Module) -> nn.Module:
    network = network.to(memory_format=torch.contiguous_format)
    network.register_forward_pre_hook(_in_plain_order)
    return network


def _is_plain(network: nn.Module) -> bool:
    return any(hook is _in_plain_order for hook in network._forward_pre_hooks.values())


def _in_plain_order(_: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(one.contiguous() if isinstance(one, Tensor) else one for one in given)
