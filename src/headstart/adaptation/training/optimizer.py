"""AdamW, as PyTorch has it, without its compiler.

Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019. The steps, and what is kept of them,
are PyTorch's own. What PyTorch wraps around them speaks to its compiler and loads that for it, which takes a
process seconds; nothing here is ever compiled.
"""

from __future__ import annotations

from collections.abc import Iterable
from inspect import unwrap
from typing import Any

import torch


class AdamW(torch.optim.AdamW):
    """The methods of `torch.optim.AdamW` as they are inside of what is wrapped around them."""

    add_param_group = unwrap(torch.optim.AdamW.add_param_group)
    zero_grad = unwrap(torch.optim.AdamW.zero_grad)
    state_dict = unwrap(torch.optim.AdamW.state_dict)
    load_state_dict = unwrap(torch.optim.AdamW.load_state_dict)
    step = torch.no_grad()(unwrap(torch.optim.AdamW.step))


def adamw(parameters: Iterable[Any], device: str, rate: float, decay: float = 0.01) -> AdamW:
    """For parameters, or groups of them, on a device.

    On a CPU all arithmetic of a step is one call, where all numbers lie in the order of their axes: that call
    goes through memory, and what is kept of a step in another order would be taken for that of other weights.
    """
    every = [*parameters]
    flat = [one for group in every for one in (group["params"] if isinstance(group, dict) else [group])]
    fused = device == "cpu" and all(one.is_contiguous() for one in flat)
    return AdamW(every, lr=rate, weight_decay=decay, fused=fused or None)
