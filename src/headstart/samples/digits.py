"""Handwritten digits: real pictures, 8 × 8 pixels, that come with scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import _files
from .base import Sample

LABELS, TESTS = 5, 60
"""Of each digit: pictures to learn from, and to test by."""


def write(folder: Path, seed: int) -> None:
    """Write `train/<digit>/` and `test/<digit>/`."""
    write_some(folder, seed, LABELS, TESTS)


def write_some(folder: Path, seed: int, labels: int, tests: int | None) -> None:
    """Write digits drawn at random to `train/<digit>/`, and others to `test/<digit>/`.

    Args:
        folder: where to.
        seed: another one draws others.
        labels: of each digit to learn from.
        tests: of each digit to test by; all others if None.

    Raises:
        OSError: the folder cannot be written.
    """
    from sklearn.datasets import load_digits

    pictures, targets = load_digits(return_X_y=True)
    # in file order the first ones would all be of the same few writers
    order = np.random.default_rng(seed).permutation(len(targets))
    last = None if tests is None else labels + tests
    for digit in range(10):
        for place, row in enumerate(order[targets[order] == digit][:last].tolist()):
            home = folder / ("train" if place < labels else "test") / str(digit)
            _files.picture(home / f"{row:04d}.png", Image.fromarray(grey(pictures[row])))


def grey(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    """64 values of 0..16 as (8, 8) light ink on black."""
    return np.asarray((picture.reshape(8, 8) * (255 / 16)).round(), np.uint8)


plugin = Sample(
    summary="handwritten digits, 5 labels a class; real",
    task="image_classification",
    source="scikit-learn's copy of the UCI repository's Optical Recognition of Handwritten Digits",
    licence="CC-BY-4.0",
    write=write,
    next="run {data} --base builtin/glyphs --minutes 1",
)
