"""The log-mel spectrogram as Whisper takes it, by torch.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023, section 2.2: the
logarithm of the power in 80 bands, at most 8 powers of ten below the loudest, scaled. The bands are triangles
on the mel scale of Slaney's Auditory Toolbox (1998), each of area 1.

We differ in one thing: a recording is as long as it is, where Whisper fills up half a minute with silence.

Notation: n samples, T frames, B bands, F frequencies.
"""

from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ...preprocessing.sound import BANDS, HOP, RATE, STEP, WINDOW

FAINTEST = 1e-10
"""Power below which nothing is told apart."""
SPAN = 8.0
"""Powers of ten from the faintest to the loudest that is shown."""
_LINEAR, _BEND = 200 / 3, 1000.0
"""Hertz to a mel below the bend; hertz at the bend."""
_RATIO = 6.4 ** (1 / 27)
"""Of one mel to the next, above it."""


def log_mel(samples: Tensor, bands: int = BANDS) -> Tensor:
    """(n,) samples at RATE, of -1 to 1 -> (B, T): about -1.5 to 1.5, a frame every 10 ms, T even.

    What is missing to a whole step is filled up with silence.
    """
    whole = STEP * HOP
    steps = max(2, -(-len(samples) // whole))
    samples = F.pad(samples.float(), (0, steps * whole - len(samples)))
    window = torch.hann_window(WINDOW)
    spectrum = torch.stft(
        samples, WINDOW, HOP, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    power = filters(bands) @ spectrum[:, :-1].abs().square()
    levels = power.clamp(min=FAINTEST).log10()
    return (torch.maximum(levels, levels.max() - SPAN) + 4) / 4


@functools.lru_cache(maxsize=4)
def filters(bands: int = BANDS) -> Tensor:
    """(B, F) how much of each frequency is in each band."""
    frequencies = torch.linspace(0, RATE / 2, WINDOW // 2 + 1, dtype=torch.float64)
    top = _mels(torch.tensor(RATE / 2, dtype=torch.float64))
    edges = _hertz(torch.linspace(0, 1, bands + 2, dtype=torch.float64) * top)
    low, middle, high = (edges[start : start + bands, None] for start in range(3))
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    triangles = torch.minimum(rising, falling).clamp(min=0)
    return (2 / (high - low) * triangles).float()


def _mels(hertz: Tensor) -> Tensor:
    above = _BEND / _LINEAR + torch.log(hertz.clamp(min=_BEND) / _BEND) / math.log(_RATIO)
    return torch.where(hertz < _BEND, hertz / _LINEAR, above)


def _hertz(mels: Tensor) -> Tensor:
    bend = _BEND / _LINEAR
    return torch.where(mels < bend, mels * _LINEAR, _BEND * _RATIO ** (mels - bend).clamp(min=0))
