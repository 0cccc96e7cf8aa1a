"""The task's own solved head on how loud each band of pitch is, and how much that changes.

The order of sounds is not in it.
"""

from __future__ import annotations

from dataclasses import replace

from ...bench import Bench
from ...preprocessing.sound import SoundPreprocess
from ...types import Architecture, IntArray
from .base import Baseline, Measured, without_weights

LEVELS = Architecture("soundnet", "band_levels", {})


def in_bands(bench: Bench) -> Bench:
    """The bench's recordings as levels of bands, where its base takes their samples."""
    preprocess = bench.base.preprocess
    assert isinstance(preprocess, SoundPreprocess)
    if (bands := preprocess.in_bands()) == preprocess:
        return bench
    return bench.with_base(replace(bench.base, preprocess=bands))


def _fitted(bench: Bench, train: IntArray) -> Measured:
    return Measured(LEVELS, in_bands(bench), train)


def _plain(bench: Bench) -> Bench:
    return without_weights(LEVELS, in_bands(bench))


plugin = Baseline(
    "a regression on the mean level of each band of pitch and its spread",
    _fitted,
    plain=_plain,
)
