"""The mean over all layers of a language model: what its bases are ranked on.

What the last layer knows is made for the task that a model was trained for; which layer suits another task is
not known before. Garbas et al., "Choose Your Transformer", Findings of ACL 2024, rank on the mean of all.
"""

from __future__ import annotations

from torch import Tensor, nn

from ..base import FEATURES
from .ragged import SequenceNetwork
from .taps import activations


def mean_of_layers(network: nn.Module, stages: tuple[str, ...]) -> nn.Module | None:
    """What a base is ranked on in its features' place; None where these will do."""
    return LayerMean(network, stages) if isinstance(network, SequenceNetwork) and stages else None


class LayerMean(nn.Module):
    """(n, L) token numbers -> (n, d), the mean of what is pooled at each stage and of the features."""

    def __init__(self, network: SequenceNetwork, stages: tuple[str, ...]) -> None:
        super().__init__()
        self.network, self.stages = network, stages

    def forward(self, tokens: Tensor) -> Tensor:
        """One run, pooled at every stage of the features' width."""
        *states, features = activations(self.network, tokens, [*self.stages, FEATURES])
        mask = tokens >= 0
        pooled = [
            self.network.pooled(state, mask) for state in states if state.shape[-1] == features.shape[-1]
        ]
        mean: Tensor = sum([*pooled, features]) / (len(pooled) + 1)  # type: ignore[assignment]
        return mean
