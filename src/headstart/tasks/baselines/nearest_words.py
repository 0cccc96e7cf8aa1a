"""What was said in the training recording that sounds most alike, however fast it was said.

Dynamic time warping (Sakoe and Chiba, 1978) on levels of bands around their means: how words were recognised
before anything was learned.

Notation: n recordings, B bands, S slices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...bench import Bench
from ...types import FloatArray, IntArray
from ..modalities.base import Inputs
from .band_levels import in_bands
from .base import Baseline, Dull

SLICE = 4
"""Frames of 10 ms that are one slice."""
BANDS = 4
"""Bands that are one."""


class NearestWords(Dull):
    """Of transcripts."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        bench = in_bands(bench)
        self.inputs = bench.subject(bench.base.preprocess.size).inputs
        self.known = [slices(self.inputs, row) for row in train.tolist()]
        self.said = bench.examples.answers[train]

    def outputs(self, rows: IntArray) -> NDArray[np.object_]:
        found = [int(np.argmin(distances(slices(self.inputs, row), self.known))) for row in rows.tolist()]
        return np.asarray(self.said[found])


def slices(inputs: Inputs, row: int) -> FloatArray:
    """(S, B) of one recording, around their mean."""
    levels = inputs.encoded(np.array([row]))[0].astype(np.float64)
    levels = levels[: len(levels) // BANDS * BANDS, (levels != 0).any(0)]
    coarse = levels.reshape(-1, BANDS, levels.shape[1]).mean(1)
    parts = np.array_split(coarse, max(1, levels.shape[1] // SLICE), axis=1)
    found = np.stack([part.mean(1) for part in parts])
    return np.asarray(found - found.mean(0))


def distances(one: FloatArray, others: list[FloatArray]) -> FloatArray:
    """(n,) least cost of laying one recording over each of n others, per slice of both.

    Along a diagonal of the table no cost depends on another: all are computed at once.
    """
    longest = max(map(len, others))
    padded = np.zeros((len(others), longest, one.shape[1]))
    for row, other in zip(padded, others, strict=True):
        row[: len(other)] = other
    squares = np.square(one).sum(1)[None, :, None] + np.square(padded).sum(2)[:, None, :]
    cost = np.sqrt(np.maximum(squares - 2 * np.einsum("sb,ntb->nst", one, padded), 0))
    whole = np.full((len(others), len(one) + 1, longest + 1), np.inf)
    whole[:, 0, 0] = 0
    for diagonal in range(2, len(one) + longest + 1):
        rows = np.arange(max(1, diagonal - longest), min(len(one), diagonal - 1) + 1)
        columns = diagonal - rows
        before = np.minimum(whole[:, rows - 1, columns], whole[:, rows, columns - 1])
        before = np.minimum(before, whole[:, rows - 1, columns - 1])
        whole[:, rows, columns] = before + cost[:, rows - 1, columns - 1]
    lengths = np.array([len(other) for other in others])
    ends = whole[np.arange(len(others)), len(one), lengths]
    return np.asarray(ends / (len(one) + lengths))


plugin = Baseline("the transcript of the training recording that sounds most alike", NearestWords)
