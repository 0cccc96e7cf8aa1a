"""The parts of `parts`, sorted by what they are coated with: a base of this knows colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import _files, parts
from .base import Sample

MANY = 60
"""Pictures of each coating."""


def write(folder: Path, seed: int) -> None:
    """Write `<coating>/`; in what state a part is, no name says."""
    draws = np.random.default_rng([seed, 1])  # others than those of `parts`
    for coating in parts.COATINGS:
        for number in range(MANY):
            state = parts.STATES[draws.integers(len(parts.STATES))]
            _files.picture(
                folder / coating / f"{number:03d}.png", parts.part(state, coating, draws), 6, draws
            )


plugin = Sample(
    summary="metal parts by their coating, 60 pictures each; drawn, for a base that hurts",
    task="image_classification",
    source="drawn by this project",
    licence="Apache-2.0",
    write=write,
    next="pretrain {data} --architecture timm/test_resnet --size 32 --epochs 20 --out coatings-base",
)
