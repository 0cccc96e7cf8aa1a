"""A recording inside the report: its spectrogram as a small picture, and its beginning to listen to."""

from __future__ import annotations

import base64

import numpy as np
import torch
from PIL import Image

from ...preprocessing.sound import RATE
from ...types import Source
from ..images.shown import as_uri
from .decode import read, resampled
from .mels import SPAN, log_mel
from .wav import written

_COLOURS = np.array([[255, 255, 255], [120, 170, 200], [40, 70, 130], [10, 10, 40]], dtype=float)
"""From quiet to loud."""


HEARD = 3
"""Seconds that can be listened to: a page holds dozens of recordings."""


def heard(source: Source) -> str:
    """The beginning as a WAV of 8 bits, as loud as fits."""
    samples = resampled(read(source))[: HEARD * RATE]
    loudest = float(np.abs(samples).max(initial=0.0)) or 1.0
    file = written(samples / loudest, RATE, bits=8)
    return "data:audio/wav;base64," + base64.b64encode(file).decode()


def data_uri(source: Source, side: int) -> str:
    """Time from left to right, pitch upwards, dark where it is loud: a JPEG of `side` pixels a side."""
    levels = log_mel(torch.from_numpy(resampled(read(source)))).numpy()[::-1]
    loud = np.clip(1 - (levels.max() - levels) / (SPAN / 4), 0, 1)
    places = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack([np.interp(loud, places, _COLOURS[:, band]) for band in range(3)], axis=-1)
    picture = Image.fromarray(colours.astype(np.uint8))
    return as_uri(picture.resize((side, side), Image.Resampling.BILINEAR))
