"""A recording inside the report: its spectrogram as a small picture."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from ...types import Source
from ..images.shown import as_uri
from .decode import read, resampled
from .mels import SPAN, log_mel

_COLOURS = np.array([[255, 255, 255], [120, 170, 200], [40, 70, 130], [10, 10, 40]], dtype=float)
"""From quiet to loud."""


def data_uri(source: Source, side: int) -> str:
    """Time from left to right, pitch upwards, dark where it is loud: a JPEG of `side` pixels a side."""
    levels = log_mel(torch.from_numpy(resampled(read(source)))).numpy()[::-1]
    loud = np.clip(1 - (levels.max() - levels) / (SPAN / 4), 0, 1)
    places = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack([np.interp(loud, places, _COLOURS[:, band]) for band in range(3)], axis=-1)
    picture = Image.fromarray(colours.astype(np.uint8))
    return as_uri(picture.resize((side, side), Image.Resampling.BILINEAR))
