"""The task's own solved head on how loud each band of pitch is, and how much that changes.

The order of sounds is not in it.
"""

from __future__ import annotations

from functools import partial

from ...types import Architecture
from .base import Baseline, Measured, without_weights

LEVELS = Architecture("soundnet", "band_levels", {})

plugin = Baseline(
    "a regression on the mean level of each band of pitch and its spread",
    partial(Measured, LEVELS),
    plain=partial(without_weights, LEVELS),
)
