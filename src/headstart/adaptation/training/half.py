"""Training steps in bfloat16: whether a network gives nearly the same numbers so as in float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from ...runtime import Runtime, has_bfloat16, seeded

FAR = 0.1
"""Difference of an answer over the largest: bfloat16 has 8 bits, and each layer loses some."""
FAR_LOSS = 0.25
"""Difference of a loss over the loss: where there is dropout, others are left out."""
FAR_SLOPE = 2.0
"""Times as long, or as short, as the slopes in float32."""


def in_half(half: bool) -> AbstractContextManager[Any]:
    """Training steps in bfloat16 for a block, as the loop runs them, or as they are."""
    return torch.autocast("cpu", torch.bfloat16, enabled=half)


def worth_a_try(runtime: Runtime) -> bool:
    """Is half precision a question here? A GPU decides for itself; many processors have no instructions."""
    return runtime.device == "cpu" and has_bfloat16()


def agrees(model: nn.Module, inputs: Tensor, loss: Callable[[Tensor], Tensor]) -> bool:
    """Does a model answer nearly the same in bfloat16, with nearly the same loss and slopes?

    No, where anything fails or is no number: what PyTorch has no code for says so with all kinds of
    errors. The model's mode stays, its BatchNorm statistics do not.

    Args:
        model: (n, …) -> (n, …).
        inputs: a few examples.
        loss: of the outputs, as float32.
    """
    was = model.training
    try:
        plain, half = (_answers(model, inputs, half) for half in (False, True))
        if not bool((plain - half).abs().max() <= FAR * plain.abs().max()):  # a NaN is not near anything
            return False
        (shape, right, slope), (shape_so, loss_so, slope_so) = (
            _step(model, inputs, loss, half) for half in (False, True)
        )
    except Exception:  # whatever a library says to a network that it does not take
        return False
    finally:
        model.train(was)
    if shape_so != shape or not all(map(math.isfinite, (right, loss_so, slope, slope_so))):
        return False
    near = abs(loss_so - right) <= FAR_LOSS * abs(right)
    return near and slope / FAR_SLOPE <= slope_so <= slope * FAR_SLOPE


def _answers(model: nn.Module, inputs: Tensor, half: bool) -> Tensor:
    with seeded(0), torch.no_grad(), in_half(half):
        answers: Tensor = model.eval()(inputs)
    return answers.float()


def _step(
    model: nn.Module, inputs: Tensor, loss: Callable[[Tensor], Tensor], half: bool
) -> tuple[torch.Size, float, float]:
    """Of a training step: the shape of the outputs, the loss, and the length of its slopes."""
    trained = [one for one in model.parameters() if one.requires_grad]
    with seeded(0):
        with in_half(half):
            outputs = model.train()(inputs)
        value = loss(outputs.float())
        slopes = torch.autograd.grad(value, trained, allow_unused=True)
    lengths = [float(one.float().norm()) for one in slopes if one is not None]
    return outputs.shape, value.item(), math.hypot(*lengths)
