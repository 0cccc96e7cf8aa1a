"""One second of a machine: running well, with a worn bearing, or with a loose belt; made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import _files
from .base import Sample

STATES = ("good", "worn_bearing", "loose_belt")
LABELS, TESTS = 10, 15
"""Of each state: recordings to learn from, and to test by."""


def write(folder: Path, seed: int) -> None:
    """Write `train/<state>/` and `test/<state>/`."""
    draws = np.random.default_rng(seed)
    for state in STATES:
        for number in range(LABELS + TESTS):
            home = folder / ("train" if number < LABELS else "test") / state
            _files.recording(home / f"{number:03d}.wav", second(state, draws))


def second(state: str, draws: np.random.Generator) -> NDArray[np.float64]:
    """(RATE,) a hum and its overtones; clicks of a bearing; the slow swelling of a belt."""
    time = np.arange(_files.RATE) / _files.RATE
    hum = draws.uniform(80, 140)
    sound = sum(
        np.sin(2 * np.pi * hum * tone * time + draws.uniform(0, 6)) / tone for tone in (1, 2, 3, 5)
    ) + draws.normal(0, 0.4, len(time))
    if state == "worn_bearing":
        clicks = (time * draws.uniform(18, 30) + draws.random()) % 1
        sound = sound + 3 * np.exp(-clicks * 40) * draws.normal(0, 1, len(time))
    if state == "loose_belt":
        sound = sound * (1 + 0.8 * np.sin(2 * np.pi * draws.uniform(3, 6) * time + draws.uniform(0, 6)))
    return np.asarray(draws.uniform(0.04, 0.12) * sound)


plugin = Sample(
    summary="one-second recordings of a machine, good or with one of two faults; made",
    task="audio_classification",
    source="made by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data} --base builtin/speech-s --strategy frozen --minutes 1",
)
