"""Networks that train in parts but cannot be cut: what is above a part needs more than its output.

A translator's decoder, for instance, reads the encoder's output and the words so far. Freezing a part saves
its backward pass; there is nothing to keep in a cache.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from torch import nn


class PartedNetwork(nn.Module):
    """A network whose stages are parts that can be frozen, lowest first."""

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, Sequence[str]]:
        """By stage, lowest first: the beginnings of the names of the parameters that are its own."""
        ...

    def above(self, stage: str) -> list[str]:
        """Names of the parameters that are trained where everything up to a stage is frozen."""
        stages = list(self.parts)
        below = [start for name in stages[: stages.index(stage) + 1] for start in self.parts[name]]
        return [name for name, _ in self.named_parameters() if not name.startswith(tuple(below))]
