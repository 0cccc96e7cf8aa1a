"""What happens to speech between a mouth and a file: rooms, noise, telephones, microphones.

Notation: n samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

Samples = NDArray[np.float32]
TELEPHONE = 0.5
"""Of the recordings, that are heard through half the band."""


def heard(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    """(n,) the same as it may be recorded somewhere, with a little silence around it."""
    around = (random.uniform(0, 0.25, 2) * rate).astype(int)
    found = np.pad(samples, tuple(around))
    if random.random() < 0.35:
        found = _in_a_room(found, rate, random)
    if random.random() < 0.5:
        found = _through_a_microphone(found, random)
    if random.random() < 0.75:
        found = found + _noise(len(found), random) * np.std(found) * 10 ** (-random.uniform(5, 35) / 20)
    if random.random() < TELEPHONE:
        narrow = resample_poly(found, 1, 2)
        found = resample_poly(narrow, 2, 1)[: len(found)]
    loudest = np.abs(found).max(initial=1e-9)
    return np.asarray(found / loudest * random.uniform(0.1, 0.95), np.float32)


def _in_a_room(samples: Samples, rate: int, random: np.random.Generator) -> Samples:
    length = int(random.uniform(0.08, 0.4) * rate)
    echo = random.normal(0, 1, length) * np.exp(-6.9 * np.arange(length) / length)
    echo *= random.uniform(0.1, 0.6) / np.sqrt(np.square(echo).sum())
    echo[0] = 1.0
    return np.asarray(fftconvolve(samples, echo)[: len(samples)], np.float32)


def _through_a_microphone(samples: Samples, random: np.random.Generator) -> Samples:
    spectrum = np.fft.rfft(samples)
    places = np.linspace(0, 1, 6)
    gains = np.interp(np.linspace(0, 1, len(spectrum)), places, random.uniform(-8, 8, 6))
    return np.asarray(np.fft.irfft(spectrum * 10 ** (gains / 20), len(samples)), np.float32)


def _noise(n: int, random: np.random.Generator) -> Samples:
    """(n,) of spread 1; the lower the louder, more or less."""
    spectrum = np.fft.rfft(random.normal(0, 1, n))
    spectrum *= (np.arange(len(spectrum)) + 10.0) ** -random.uniform(0, 0.8)
    found = np.fft.irfft(spectrum, n)
    return np.asarray(found / max(float(np.std(found)), 1e-9), np.float32)
