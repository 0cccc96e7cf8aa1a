"""wav2vec 2.0, HuBERT and WavLM as networks for recordings: raw samples in, one row a step out.

The layers are those of transformers (Baevski et al., NeurIPS 2020; Hsu et al., TASLP 2021; Chen et al., JSTSP
2022). What is ours is that a recording in a batch of longer ones is what it is alone: the first layer's norm
looks over a recording's own samples, and nothing looks at steps after its end. To whole steps, and to what
the last convolution needs beyond them, a recording is filled up with zeros.

Notation: n recordings, T columns of HOP samples, L steps, C channels, d width, h heads.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...preprocessing.sound import HOP, STEP
from .frames import FrameNetwork, names_of
from .ragged import LEAST

SAMPLES = STEP * HOP
"""Of a step."""


class WaveNetwork(FrameNetwork):
    """(n, HOP, T) samples, 0 after a recording's end, to (n, d): the mean of the last layer's states.

    Args:
        model: a `Wav2Vec2Model`, `HubertModel` or `WavLMModel`, whose modules are taken, not copied.
    """

    last_alone = False

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        inner: Any = model
        encoder, self.settings = inner.encoder, inner.config
        normed_last = self.settings.do_stable_layer_norm
        self.stem = SampleStem(inner.feature_extractor, inner.feature_projection)
        self.places = Places(encoder.pos_conv_embed, None if normed_last else encoder.layer_norm)
        self.layers = nn.ModuleList(
            Gated(layer, normed_last) if self.settings.model_type == "wavlm" else Plain(layer)
            for layer in encoder.layers
        )
        self.layer_norm = encoder.layer_norm if normed_last else None

    @property
    def lower(self) -> tuple[str, ...]:
        """What the layers begin with, and all of them but the last."""
        return ("places", *names_of("layers", self.layers))

    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d)."""
        found: Tensor = self.places(self.stem(frames, mask), mask)
        first: Any = self.layers[0]
        # the first layer's table: after the cut above that layer it is still there to be read
        distances = first.distances(found.shape[1])
        for layer in self.layers:
            found = layer(found, mask, distances)
        return found if self.layer_norm is None else self.layer_norm(found)


class SampleStem(nn.Module):
    """(n, HOP, T) -> (n, L, d), 0 after the end: convolutions over samples, then a matrix.

    The convolutions' modules are read and not called: half way there is no row for each step.
    """

    def __init__(self, convolutions: nn.Module, projection: nn.Module) -> None:
        super().__init__()
        self.feature_extractor, self.feature_projection = convolutions, projection

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """As if every recording ended with its own last step."""
        layers: Any = self.feature_extractor.conv_layers
        kernels, strides = ([getattr(one.conv, of)[0] for one in layers] for of in ("kernel_size", "stride"))
        beyond = receptive(kernels, strides) - SAMPLES
        found = F.pad(frames.transpose(1, 2).flatten(1).unsqueeze(1), (0, beyond))
        ends = mask.sum(1) * SAMPLES + beyond
        for layer in layers:
            convolved = F.conv1d(found, layer.conv.weight, layer.conv.bias, layer.conv.stride)
            ends = (ends - layer.conv.kernel_size[0]) // layer.conv.stride[0] + 1
            found = layer.activation(_normed(getattr(layer, "layer_norm", None), convolved, ends))
        projected = self.feature_projection(found.transpose(1, 2))
        states: Tensor = projected if isinstance(projected, Tensor) else projected[0]
        return torch.where(mask.unsqueeze(-1), states, 0)


class Places(nn.Module):
    """(n, L, d) -> (n, L, d): adds what a wide convolution says of each step's place."""

    def __init__(self, convolution: nn.Module, layer_norm: nn.Module | None) -> None:
        super().__init__()
        self.pos_conv_embed, self.layer_norm = convolution, layer_norm

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """`states` are 0 after the end."""
        embed: Any = self.pos_conv_embed
        along = states.transpose(1, 2)
        if (norm := getattr(embed, "batch_norm", None)) is not None:
            along = torch.where(mask.unsqueeze(1), norm(along), 0)
        found: Tensor = states + embed.activation(embed.padding(embed.conv(along))).transpose(1, 2)
        return found if self.layer_norm is None else self.layer_norm(found)


class Plain(nn.Module):
    """A layer of wav2vec 2.0 or HuBERT: (n, L, d) -> (n, L, d)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def distances(self, steps: int) -> Tensor | None:
        """Nothing: places are in the states alone."""
        return None

    def forward(self, states: Tensor, mask: Tensor, distances: Tensor | None) -> Tensor:
        """Every step looks at every step that has not ended."""
        unseen = torch.where(mask, 0.0, LEAST)[:, None, None]
        found: Tensor = self.inner(states, attention_mask=unseen)
        return found


class Gated(nn.Module):
    """A layer of WavLM: (n, L, d) -> (n, L, d); how far apart two steps are counts as much as a gate says.

    The library's own attention reads its matrices' numbers alone: what is put around them would not run.
    """

    def __init__(self, inner: nn.Module, normed_first: bool) -> None:
        super().__init__()
        self.inner, self.normed_first = inner, normed_first

    def distances(self, steps: int) -> Tensor:
        """(h, L, L) what the first layer's table says of any two steps."""
        attention: Any = self.inner.attention
        found: Tensor = attention.compute_bias(steps, steps)
        return found

    def forward(self, states: Tensor, mask: Tensor, distances: Tensor) -> Tensor:
        """Every step looks at every step that has not ended."""
        inner: Any = self.inner
        read = inner.layer_norm(states) if self.normed_first else states
        states = states + inner.dropout(self._attended(read, mask, distances))
        if not self.normed_first:
            states = inner.layer_norm(states)
        read = inner.final_layer_norm(states) if self.normed_first else states
        found: Tensor = states + inner.feed_forward(read)
        if not self.normed_first:
            found = inner.final_layer_norm(found)
        return found

    def _attended(self, read: Tensor, mask: Tensor, distances: Tensor) -> Tensor:
        own: Any = self.inner.attention
        cut = (own.num_heads, own.head_dim)
        gates = own.gru_rel_pos_linear(_parted(read, cut)).unflatten(-1, (2, 4)).sum(-1).sigmoid()
        weight = gates[..., :1] * (gates[..., 1:] * own.gru_rel_pos_const - 1) + 2
        bias = torch.where(mask[:, None, None], weight * distances, LEAST)
        query, key, value = (_parted(part(read), cut) for part in (own.q_proj, own.k_proj, own.v_proj))
        dropped = own.dropout if self.training else 0.0
        found = F.scaled_dot_product_attention(query, key, value, bias.to(query.dtype), dropped)
        projected: Tensor = own.out_proj(found.transpose(1, 2).flatten(2))
        return projected


def _parted(states: Tensor, cut: tuple[int, int]) -> Tensor:
    """(n, L, d) -> (n, h, L, d / h)."""
    return torch.unflatten(states, -1, cut).transpose(1, 2)


def receptive(kernels: list[int], strides: list[int]) -> int:
    """Samples that one row of the last of these convolutions sees."""
    return 1 + sum((kernel - 1) * math.prod(strides[:place]) for place, kernel in enumerate(kernels))


def _normed(norm: nn.Module | None, rows: Tensor, ends: Tensor) -> Tensor:
    """(n, C, F): over the channels of each place, or over the places of each channel up to (n,) ends."""
    if norm is None:
        return rows
    if isinstance(norm, nn.LayerNorm):
        return F.layer_norm(
            rows.transpose(1, 2), norm.normalized_shape, norm.weight, norm.bias, norm.eps
        ).transpose(1, 2)
    assert isinstance(norm, nn.GroupNorm)
    many = ends.reshape(-1, 1, 1)
    inside = torch.arange(rows.shape[2], device=rows.device) < many
    full = rows.float()  # a sum of 100,000 halves is none
    mean = torch.where(inside, full, 0).sum(2, keepdim=True) / many
    around = torch.where(inside, full - mean, 0)
    spread = (around.square().sum(2, keepdim=True) / many + norm.eps).sqrt()
    return around / spread * norm.weight.unsqueeze(1) + norm.bias.unsqueeze(1)
