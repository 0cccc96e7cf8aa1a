"""What the pooled row of a text goes through: the layers that sentence-transformers puts there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

SMALLEST = 1e-12
"""Of a length that is divided by."""


class Dense(nn.Module):
    """(n, inputs) -> (n, outputs)."""

    def __init__(self, inputs: int, outputs: int, bias: bool, activation: str) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=bias)
        self.activation: nn.Module = getattr(nn, activation)()

    def forward(self, rows: Tensor) -> Tensor:
        found: Tensor = self.activation(self.linear(rows))
        return found


class Normed(nn.Module):
    """(n, d) -> (n, d) with the layer normalisation of a row."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, rows: Tensor) -> Tensor:
        found: Tensor = self.norm(rows)
        return found


class Unit(nn.Module):
    """(n, d) -> (n, d) of length 1."""

    def forward(self, rows: Tensor) -> Tensor:
        lengths: Tensor = rows.norm(dim=-1, keepdim=True)
        return rows / lengths.clamp(min=SMALLEST)


KINDS: dict[str, type[nn.Module]] = {"dense": Dense, "layer_norm": Normed, "normalize": Unit}


def layers(specs: Sequence[Mapping[str, Any]]) -> nn.Sequential:
    """The layers, in order; each of `specs` has a `kind`, the rest is what that is built with."""
    return nn.Sequential(
        *(
            KINDS[spec["kind"]](**{key: value for key, value in spec.items() if key != "kind"})
            for spec in specs
        )
    )
