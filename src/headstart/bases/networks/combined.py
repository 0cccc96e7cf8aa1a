"""What a base makes of a series, beside the very numbers that it reads: for heads that combine both.

Notation: n series, R rows of the input, H steps, D features of a step, the last told by the base.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ... import registry
from ...types import Architecture


class Combined(nn.Module):
    """(n, R, H) -> (n, H (R + D)): for each step its numbers, then the base's features.

    Args:
        of: the architecture of the base, as a dictionary.
    """

    def __init__(self, of: dict[str, Any]) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: nn.Module = registry.get("bases", architecture.family).build(architecture, None)

    def forward(self, inputs: Tensor) -> Tensor:
        numbers = inputs.transpose(1, 2)
        told = self.base(inputs).reshape(numbers.shape[0], numbers.shape[1], -1)
        return torch.cat([numbers, told], -1).flatten(1)
