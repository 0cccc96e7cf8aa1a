"""Ridge regression on the very numbers that a base is shown: what the representation is worth by itself."""

from __future__ import annotations

from functools import partial

from ...bench import Bench
from ..solvers.steps import ridge
from ._straight import LAGS, Told, on_numbers
from .base import Baseline, without_weights


def plain(bench: Bench) -> Bench:
    """The numbers alone, as a network without weights gives them."""
    return without_weights(LAGS, on_numbers(bench))


plugin = Baseline(
    "a ridge regression on the values of the last seasons, without any pre-training",
    partial(Told, partial(ridge, clear=0.0)),
    plain=plain,
)
