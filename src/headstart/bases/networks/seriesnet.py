"""SeriesNet: one small network for each step of any series, whatever its frequency and however many steps.

What stands in further rows, of columns beside the values, goes past all layers and ends among the features,
so that a head reads it: a base has learned nothing about anybody's columns.

Notation: n series, F numbers, B further rows, H steps, Q quantiles, d width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...preprocessing.series import DRIFT, LEVELS, NAIVE, NUMBERS

QUANTILES = len(LEVELS)
"""Q, that a base tells of each step itself."""


class SeriesNet(nn.Module):
    """(n, F + B, H) -> (n, H (d + B + Q)): for each step features, then the quantiles that the base tells.

    Without training the quantiles are 0: the season before, again. With the defaults 115,000 parameters.

    Args:
        width: d.
        blocks: each two layers with a way around.
        numbers: F.
    """

    def __init__(self, width: int = 160, blocks: int = 2, numbers: int = NUMBERS) -> None:
        super().__init__()
        self.stem = Stem(numbers, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.norm = Norm(width)
        self.told = nn.Linear(width, QUANTILES)
        nn.init.zeros_(self.told.weight)
        nn.init.zeros_(self.told.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        states = self.stem(squashed(inputs.transpose(1, 2)))
        for block in self.blocks:
            states = block(states)
        own, beside = _apart(self.norm(states), self.told.in_features)
        own = F.gelu(own)
        return torch.cat([own, *beside, self.told(own)], -1).flatten(1)


class Stem(nn.Linear):
    """(n, H, F + B) -> (n, H, d + B)."""

    def forward(self, inputs: Tensor) -> Tensor:
        own, beside = _apart(inputs, self.in_features)
        return _joined(super().forward(own), beside)


class Norm(nn.LayerNorm):
    """(n, H, d + B) -> the same."""

    def forward(self, states: Tensor) -> Tensor:
        own, beside = _apart(states, self.normalized_shape[0])
        return _joined(super().forward(own), beside)


class Block(nn.Module):
    """(n, H, d + B) -> the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.wide, self.back = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, states: Tensor) -> Tensor:
        own, beside = _apart(states, self.back.out_features)
        return _joined(own + self.back(F.gelu(self.wide(self.norm(own)))), beside)


def _apart(states: Tensor, width: int) -> tuple[Tensor, list[Tensor]]:
    """What a layer reads, and what goes past it, if there is anything."""
    return (states, []) if states.shape[-1] == width else (states[..., :width], [states[..., width:]])


def _joined(own: Tensor, beside: list[Tensor]) -> Tensor:
    return torch.cat([own, *beside], -1) if beside else own


class Lags(nn.Module):
    """(n, F, H) -> (n, H (F + Q)): the numbers themselves, and quantiles of 0; no weights."""

    def forward(self, inputs: Tensor) -> Tensor:
        return F.pad(inputs.transpose(1, 2), (0, QUANTILES)).flatten(1)


class NLinear(nn.Module):
    """(n, F, H) -> (n, H Q): the last value, and what those before it say of each step; all quantiles are it.

    A. Zeng et al., "Are Transformers effective for time series forecasting?", AAAI 2023.

    Args:
        horizon: H, at most.
        past: last values that it reads, from the rows after the numbers.
    """

    def __init__(self, horizon: int, past: int) -> None:
        super().__init__()
        self.past = past
        self.weight = nn.Parameter(torch.zeros(horizon, past))
        self.bias = nn.Parameter(torch.zeros(horizon))

    def forward(self, inputs: Tensor) -> Tensor:
        values = inputs[:, NUMBERS:].flatten(1)[:, : self.past]
        steps = inputs.shape[2]
        told = inputs[:, NAIVE] + F.linear(values, self.weight[:steps], self.bias[:steps])
        return told.unsqueeze(2).expand(-1, -1, QUANTILES).flatten(1)


def squashed(numbers: Tensor) -> Tensor:
    """(n, H, F): large distances nearer, as a logarithm does it."""
    # asinh is no operation of every engine
    far = numbers[..., : DRIFT + 1]
    near = torch.sign(far) * torch.log1p(far.abs())
    return torch.cat([near, numbers[..., DRIFT + 1 :]], -1)
