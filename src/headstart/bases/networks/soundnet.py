"""SoundNet: a small network for recordings, to be trained from scratch or from a base of its own.

Convolutions over time with the bands of pitch as channels, as "Temporal Convolution for Real-time Keyword
Spotting" has them (Choi et al., Interspeech 2019), in separable blocks with a way around. Norms look at one
step alone, so that what pads a batch changes nothing.

Notation: n recordings, B bands, T frames, L steps, d width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .frames import FrameNetwork, Stem, names_of

SPREAD = 3.0
"""One over how far levels are from their mean, about."""


class SoundNet(FrameNetwork):
    """(n, B, T) levels -> (n, d). With the defaults 349,000 parameters.

    Args:
        width: d.
        blocks: each sees `kernel` steps, twice as far apart as the one below.
        kernel: steps that a block sees, an odd number.
        bands: of pitch.
        octaves: so many blocks widen what is seen, then they begin anew; all of them where it is None.
        centred: is each band put around its own mean of the recording, which takes off the room and the
            microphone? Else the recording is put around its mean.
    """

    def __init__(
        self,
        width: int = 128,
        blocks: int = 4,
        kernel: int = 7,
        bands: int = 80,
        octaves: int | None = None,
        centred: bool = False,
    ) -> None:
        super().__init__()
        self.stem, self.centred = Stem(bands, width), centred
        apart = (2 ** (number % (octaves or blocks)) for number in range(blocks))
        self.blocks = nn.ModuleList(Block(width, kernel, steps) for steps in apart)
        self.norm = nn.LayerNorm(width)

    @property
    def lower(self) -> tuple[str, ...]:
        """The stem, and all blocks but the last."""
        return ("stem", *names_of("blocks", self.blocks))

    def states(self, frames: Tensor, mask: Tensor) -> Tensor:
        """(n, L, d)."""
        found: Tensor = self.stem(_centred(frames) if self.centred else _levelled(frames), mask)
        for block in self.blocks:
            found = block(found, mask)
        normed: Tensor = self.norm(found)
        return normed


class Block(nn.Module):
    """(n, L, d) -> (n, L, d)."""

    def __init__(self, width: int, kernel: int, apart: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        around = apart * (kernel // 2)
        self.time = nn.Conv1d(width, width, kernel, padding=around, dilation=apart, groups=width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        found = self.norm(states) * mask.unsqueeze(-1)
        found = self.time(found.transpose(1, 2)).transpose(1, 2)
        added: Tensor = states + self.narrow(F.gelu(self.wide(found)))
        return added


def _levelled(frames: Tensor) -> Tensor:
    """The frames around the recording's own mean: how loud it is as a whole says little. 0 stays 0."""
    inside = (frames != 0).any(1, keepdim=True)
    mean = frames.sum((1, 2), keepdim=True) / (
        inside.sum((1, 2), keepdim=True).clamp(min=1) * frames.shape[1]
    )
    return torch.where(inside, frames - mean, 0)


def _centred(frames: Tensor) -> Tensor:
    """Each band around its own mean, about 1 away from it. 0 stays 0."""
    inside = (frames != 0).any(1, keepdim=True)
    mean = frames.sum(2, keepdim=True) / inside.sum(2, keepdim=True).clamp(min=1)
    return torch.where(inside, SPREAD * (frames - mean), 0)
