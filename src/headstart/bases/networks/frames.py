"""Networks for recordings: frames of any number, which are 0 in all bands where a recording has ended.

A network takes a whole number of frames together, a step; from its stem on everything has one row a step.
Activations are 0 after the end as well, so that one at a boundary is enough to go on from.

Notation: n recordings, B bands, T frames, L steps, d feature width.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...cache import Array
from ...preprocessing.sound import LENGTH, STEP
from .ragged import POOLINGS, Layout

ENDS = 10
"""Steps of the recording that a network is traced with, and where it ends."""


@dataclass(frozen=True)
class Frames(Layout):
    """(n, B, T) levels."""

    def traced(self, inputs: Tensor) -> Tensor:
        """A recording of its own length tells its dimension from all others."""
        first = inputs[:1, :, :1]
        rising = torch.linspace(1, 2, STEP * LENGTH, device=inputs.device)
        rising[STEP * ENDS :] = 0
        return first * rising

    def blanked(self, inputs: Tensor, activation: Tensor) -> Tensor:
        """0 after the end."""
        if activation.ndim != 3:
            return activation
        return torch.where(there(inputs).unsqueeze(-1), activation, 0)

    def stand_in(self, activation: Tensor, shape: torch.Size) -> Tensor:
        """Frames that end where the activation is 0."""
        steps = (activation != 0).any(-1).to(activation.dtype)
        return steps.repeat_interleave(STEP, 1).unsqueeze(1).expand(-1, shape[1], -1)

    def resized(self, shape: torch.Size, activation: Tensor) -> torch.Size:
        """The length of a traced recording becomes that of the activation."""
        lengths = {LENGTH: activation.shape[1], STEP * LENGTH: STEP * activation.shape[1]}
        return torch.Size(lengths.get(side, side) for side in shape)

    def alone(self, encoded: Array) -> Array:
        """Without what padded it."""
        frames = np.flatnonzero((encoded[-1] != 0).any(0))
        end = -(-(int(frames.max(initial=0)) + 1) // STEP) * STEP
        return np.ascontiguousarray(encoded[-1:, :, :end])

    def room(self, shape: tuple[int, ...], size: int) -> tuple[int, ...]:
        """As many steps as a recording may have."""
        return (shape[0], size // STEP, *shape[2:]) if len(shape) == 3 else shape


def there(frames: Tensor) -> Tensor:
    """(n, B, T) -> (n, L), True up to each recording's end."""
    return (frames[:, :, ::STEP] != 0).any(1)


def means_of_steps(features: Array) -> Array:
    """(n, L, d) states, 0 after each recording's end, to (n, d) their means; rows of features as they are."""
    if features.ndim < 3:
        return features
    inside = np.maximum((features != 0).any(2).sum(1), 1)
    return np.asarray(features.sum(1, dtype=np.float32) / inside[:, None])


def names_of(part: str, layers: nn.ModuleList) -> tuple[str, ...]:
    """Those of all layers of a part of a network but the last."""
    return tuple(f"{part}.{number}" for number in range(len(layers) - 1))


class FrameNetwork(nn.Module):
    """(n, B, T) levels, 0 in all bands after a recording's end, to (n, d): the mean over its steps."""

    last_alone = True
    """Does its last layer know best what is said? Of a network that learned from sound alone it does not."""

    @property
    def input_layout(self) -> Layout:
        """Recordings end where they end."""
        return Frames()

    @property
    @abstractmethod
    def lower(self) -> tuple[str, ...]:
        """Modules below the last layer, lowest first, each of which gives (n, L, d)."""

    @abstractmethod
    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d) of the last layer; `mask` (n, L) is True where there is sound."""

    def forward(self, frames: Tensor) -> Tensor:
        """Run, and take the mean."""
        mask = there(frames)
        # a batch may hold what is nothing but padding: it is run as one step
        mask = mask | (torch.arange(mask.shape[1], device=mask.device) == 0)
        return POOLINGS["mean"](self.states(frames, mask), mask)


class Stem(nn.Module):
    """(n, B, T) -> (n, L, d): two convolutions over time, the second one a step at a time.

    One module without children: half way, there is a row for each frame and not for each step.
    """

    def __init__(self, bands: int, width: int) -> None:
        super().__init__()
        self.conv1_weight, self.conv1_bias = nn.Conv1d(bands, width, 3).parameters()
        self.conv2_weight, self.conv2_bias = nn.Conv1d(width, width, 3).parameters()

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """As if every recording ended with its own last step."""
        inside = mask.unsqueeze(1)
        found = F.gelu(F.conv1d(frames, self.conv1_weight, self.conv1_bias, padding=1))
        found = found * inside.repeat_interleave(STEP, 2)
        found = F.gelu(F.conv1d(found, self.conv2_weight, self.conv2_bias, STEP, padding=1))
        return (found * inside).transpose(1, 2)
