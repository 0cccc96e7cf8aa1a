"""Chronos-Bolt: a T5 that reads a series in patches and tells quantiles of many steps at once.

Ansari et al., "Chronos: Learning the Language of Time Series" (TMLR 2024, arXiv 2403.07815), is the paper of
the family; Bolt, which takes patches of values in the place of tokens, is described by its model card
(`amazon/chronos-bolt-base`) and by the library that its authors publish, whose names of weights these are.
The layers of the T5 are those of transformers. What is ours: answers come out around the season before and in
units of MASE, with the features of each step beside them; any engine can take the quantiles of paths.

Notation: n series, T values, P patches, H steps, h steps told at once, Q quantiles, d width.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import T5Config
from transformers.activations import ACT2FN
from transformers.models.t5.modeling_t5 import T5Stack

from ...preprocessing.series import LEVELS
from .parted import PartedNetwork

LEAST = 1e-5
"""The spread of a history that is the same all along."""


class ChronosBolt(PartedNetwork):
    """(n, 1 + R, H) to (n, H (d + Q + 5)): for each step what was read, the quantiles, and those of `LEVELS`.

    The first row of an input is what answers are around; the others hold the T = R H values in order, NaN
    where there is none, in the unit that answers come out in. The quantiles that are told last stand
    around the first row, sorted.

    Beyond h steps each of the Q forecasts is read as if it had happened; of the Q Q forecasts of the next h
    steps the Q quantiles are taken, and so on.

    Args:
        config: of the T5, whose `chronos_config` says how a series is read.
    """

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.settings: dict[str, Any] = config.chronos_config
        self.levels = tuple(float(level) for level in self.settings["quantiles"])
        self.starts: int = config.decoder_start_token_id or 0
        width, inner, act = config.d_model, config.d_ff, config.dense_act_fn
        patch, ahead = self.settings["input_patch_size"], self.settings["prediction_length"]
        self.shared = nn.Embedding(2 if self.settings.get("use_reg_token") else 1, width)
        self.input_patch_embedding = Residual(2 * patch, inner, width, act, config.dropout_rate)
        self.encoder = _stack(config, config.num_layers, decodes=False)
        self.decoder = _stack(config, config.num_decoder_layers, decodes=True)
        self.output_patch_embedding = Residual(
            width, inner, len(self.levels) * ahead, act, config.dropout_rate
        )

    @property
    def parts(self) -> Mapping[str, Sequence[str]]:
        """What reads patches, what compares them, what asks; the answer's own layers are above them all."""
        return {
            "patches": ("shared.", "input_patch_embedding."),
            "encoder": ("encoder.",),
            "decoder": ("decoder.",),
        }

    def forward(self, inputs: Tensor) -> Tensor:
        """Read, tell, and say it around the first row."""
        reference, values = inputs[:, 0], inputs[:, 1:].flatten(1)
        told, state = self.ahead(values, inputs.shape[2])
        around = told.transpose(1, 2).sort(-1).values - reference.unsqueeze(-1)
        read = state.unsqueeze(1).expand(-1, around.shape[1], -1)
        return torch.cat([read, around, between(around, self.levels, LEVELS)], -1).flatten(1)

    def ahead(self, values: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """(n, T) values, NaN in gaps, to (n, Q, steps) in their unit, and (n, d) what was read of them."""
        most, many = self.settings["context_length"], len(self.levels)
        told, state = self._told(values[:, -most:])
        found, paths = [told], values.unsqueeze(1).expand(-1, many, -1)
        for _ in range(told.shape[-1], steps, told.shape[-1]):
            paths = torch.cat([paths, told], -1)[..., -most:]
            each, _ = self._told(paths.flatten(0, 1))
            every = each.reshape(-1, many * many, each.shape[-1]).transpose(1, 2)
            told = empirical(every, self.levels).transpose(1, 2)
            found.append(told)
        return torch.cat(found, -1)[..., :steps], state

    def _told(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """(n, T) to (n, Q, h) and (n, d)."""
        known = torch.isfinite(values)
        number = known.sum(-1, keepdim=True).clamp(min=1)
        middle = torch.where(known, values, 0).sum(-1, keepdim=True) / number
        around = torch.where(known, values - middle, 0)
        spread = (around.square().sum(-1, keepdim=True) / number).sqrt()
        spread = torch.where(spread == 0, LEAST, spread)
        state = self._asked(*self._patches(around / spread, known))
        out = self.output_patch_embedding(state).reshape(state.shape[0], len(self.levels), -1)
        return out * spread.unsqueeze(-1) + middle.unsqueeze(-1), state

    def _patches(self, values: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """(n, T) to (n, P, d), the last of which ends with the last value, and (n, P): has it any?"""
        patch = self.settings["input_patch_size"]
        before = (-values.shape[-1] % patch, 0)
        cut, there = (
            F.pad(one, before).reshape(one.shape[0], -1, patch) for one in (values, known.to(values.dtype))
        )
        patches = self.input_patch_embedding(torch.cat([cut, there], -1))
        mask = there.sum(-1) > 0
        if self.settings.get("use_reg_token"):
            patches = torch.cat([patches, self._token(1, patches)], 1)
            mask = torch.cat([mask, torch.ones_like(mask[:, :1])], 1)
        return patches, mask

    def _asked(self, patches: Tensor, mask: Tensor) -> Tensor:
        """(n, P, d) to (n, d)."""
        states = self.encoder(inputs_embeds=patches, attention_mask=mask).last_hidden_state
        found: Tensor = self.decoder(
            inputs_embeds=self._token(self.starts, patches),
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
        ).last_hidden_state
        return found.squeeze(1)

    def _token(self, number: int, patches: Tensor) -> Tensor:
        """(n, 1, d) of one of the two tokens, for each series."""
        return torch.zeros_like(patches[:, :1]) + self.shared.weight[number]


class Residual(nn.Module):
    """A layer with one hidden layer, and a matrix around it."""

    def __init__(self, inputs: int, inner: int, outputs: int, act: str, dropout: float) -> None:
        super().__init__()
        self.hidden_layer, self.act = nn.Linear(inputs, inner), ACT2FN[act]
        self.output_layer, self.dropout = nn.Linear(inner, outputs), nn.Dropout(dropout)
        self.residual_layer = nn.Linear(inputs, outputs)

    def forward(self, rows: Tensor) -> Tensor:
        """(…, inputs) to (…, outputs)."""
        found: Tensor = self.dropout(self.output_layer(self.act(self.hidden_layer(rows))))
        around: Tensor = self.residual_layer(rows)
        return found + around


def between(quantiles: Tensor, levels: Sequence[float], wanted: Sequence[float]) -> Tensor:
    """(…, Q) quantiles of these levels, sorted, to those of others, on lines between the nearest two.

    Those beyond the first and last are the first and last.
    """
    steps = list(enumerate(pairwise(levels)))
    found = []
    for level in wanted:
        place = next((number for number, (_, high) in steps if level <= high), len(levels) - 2)
        low, high = levels[place], levels[place + 1]
        share = min(1.0, max(0.0, (level - low) / (high - low)))
        found.append(torch.lerp(quantiles[..., place], quantiles[..., place + 1], share))
    return torch.stack(found, -1)


def empirical(values: Tensor, levels: Sequence[float]) -> Tensor:
    """(…, m) values to (…, Q) their quantiles, on lines between the nearest two of them in order.

    As `torch.quantile`, by operations that every engine has.
    """
    many = values.shape[-1] - 1
    return between(values.sort(-1).values, [place / many for place in range(many + 1)], levels)


def _stack(config: T5Config, layers: int | None, *, decodes: bool) -> nn.Module:
    """One half of the T5, without word vectors: there are no words."""
    own: Any = copy.deepcopy(config)
    own.is_decoder, own.use_cache, own.num_layers = decodes, False, layers
    own._attn_implementation = "eager"
    stack: Any = T5Stack(own)
    stack.embed_tokens = None
    found: nn.Module = stack
    return found
