"""The contract of a score: how well do frozen features suit the targets, before anything is trained."""

from __future__ import annotations

from typing import Protocol

from ..types import FloatArray, IntArray


class Scorer(Protocol):
    """One file of `rank/`: its `plugin`."""

    summary: str
    """One line for `headstart list`."""

    def score(self, features: FloatArray, targets: IntArray) -> float:
        """(n, d) features and (n,) targets to a number; higher is better."""
        ...
