"""The encoder of Whisper: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2023.

A recording is as long as it is, where the original fills up half a minute: what has ended is not attended to.
Of a recording of half a minute it computes what the original does. Names of weights are those of
transformers, but for the stem's.

Notation: n recordings, L steps, d width, h heads.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .frames import FrameNetwork, Stem, names_of


class WhisperEncoder(FrameNetwork):
    """(n, B, T) levels -> (n, d), the mean of the last layer's states.

    Args:
        width: d.
        bands: of pitch.
        layers: of the transformer.
        heads: of its attentions.
        hidden: width inside its feed-forward parts.
        positions: steps of the longest recording.
    """

    def __init__(self, width: int, bands: int, layers: int, heads: int, hidden: int, positions: int) -> None:
        super().__init__()
        self.stem = PlacedStem(bands, width, positions)
        self.layers = nn.ModuleList(Layer(width, heads, hidden) for _ in range(layers))
        self.layer_norm = nn.LayerNorm(width)

    @property
    def lower(self) -> tuple[str, ...]:
        """The stem, and all layers but the last."""
        return ("stem", *names_of("layers", self.layers))

    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d)."""
        found: Tensor = self.stem(frames, mask)
        for layer in self.layers:
            found = layer(found, mask)
        normed: Tensor = self.layer_norm(found)
        return normed


class PlacedStem(Stem):
    """A stem that adds what is known of each place."""

    def __init__(self, bands: int, width: int, positions: int) -> None:
        super().__init__(bands, width)
        self.positions = nn.Parameter(_waves(positions, width))

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        found = super().forward(frames, mask)
        return found + self.positions[: found.shape[1]]


class Layer(nn.Module):
    """(n, L, d) -> (n, L, d): attention, then two matrices; each reads what is normed, and is added."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.self_attn = Attention(width, heads)
        self.final_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        states = states + self.self_attn(self.self_attn_layer_norm(states), mask)
        found: Tensor = states + self.fc2(F.gelu(self.fc1(self.final_layer_norm(states))))
        return found


class Attention(nn.Module):
    """(n, L, d) -> (n, L, d): every step looks at every step that has not ended. Keys have no bias."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        parts = (self.q_proj(states), self.k_proj(states), self.v_proj(states))
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        seen = mask[:, None, None, :]
        found = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        projected: Tensor = self.out_proj(found.transpose(1, 2).flatten(2))
        return projected


def _waves(positions: int, width: int) -> Tensor:
    """(positions, width) sines, then cosines, of wavelengths from 2 pi to 20,000 pi."""
    rates = 10_000 ** -torch.linspace(0, 1, width // 2)
    angles = torch.arange(positions).unsqueeze(1) * rates
    return torch.cat([angles.sin(), angles.cos()], 1)
