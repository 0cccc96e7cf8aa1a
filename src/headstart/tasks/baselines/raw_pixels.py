"""The task's own solved head on pictures shrunken to 16 x 16."""

from __future__ import annotations

from functools import partial

from ...types import Architecture
from .base import Baseline, Measured, without_weights

PIXELS = Architecture("builtin", "pixels", {"side": 16})

plugin = Baseline(
    "a regression on pictures shrunken to 16 x 16 pixels",
    partial(Measured, PIXELS),
    plain=partial(without_weights, PIXELS),
)
