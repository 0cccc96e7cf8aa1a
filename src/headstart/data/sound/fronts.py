"""What a base's columns of a recording are made of, and what random views of them are.

Notation: s samples, B numbers of a column, T columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from ...preprocessing.sound import HOP, MEL, SAMPLES, STEP, UNIT_SAMPLES, SoundPreprocess
from .mels import log_mel
from .views import QUIET, View, drawn, drawn_samples

LEAST = 1e-7
"""Added to the variance, as the makers of wav2vec 2.0 do: silence stays silence."""


@dataclass(frozen=True)
class Front:
    """One kind of columns."""

    read: Callable[[Tensor, int], Tensor]
    """(s,) samples of -1 to 1, and B -> (B, T), T a whole number of steps; no column is 0 throughout."""
    view: View


def columns(samples: Tensor, preprocess: SoundPreprocess) -> Tensor:
    """(s,) samples at RATE, of -1 to 1, to the (B, T) columns that a base of this preprocessing takes."""
    if around := preprocess.margin * HOP:
        # silence at the mean of the samples: a step up to it would be a click
        samples = F.pad(samples, (around, around), value=float(samples.mean()))
    return FRONTS[preprocess.front].read(samples, preprocess.bands)


def plain(samples: Tensor, bands: int = HOP) -> Tensor:
    """(s,) -> (HOP, T): a column is 10 ms of samples, 0 after the last one.

    Where there is a recording no sample is 0: that is how its end is known.
    """
    samples = samples.float()
    loud = torch.where(samples.abs() < QUIET, QUIET, samples)
    steps = max(1, -(-len(loud) // (STEP * HOP)))
    whole = F.pad(loud, (0, steps * STEP * HOP - len(loud)))
    return whole.reshape(-1, HOP).T


def unit(samples: Tensor, bands: int = HOP) -> Tensor:
    """The same with mean 0 and variance 1 over the recording."""
    samples = samples.float()
    around = samples - samples.mean()
    return plain(around / (around.square().mean() + LEAST).sqrt())


FRONTS = {
    MEL: Front(log_mel, drawn),
    SAMPLES: Front(plain, partial(drawn_samples, gain=True)),
    UNIT_SAMPLES: Front(unit, drawn_samples),
}
"""By the preprocessing's word for it."""
