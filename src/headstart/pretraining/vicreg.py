"""Self-taught: two views of a picture should have features that are alike, varied and uncorrelated.

Bardes, Ponce and LeCun, "VICReg: Variance-Invariance-Covariance Regularization for Self-Supervised
Learning", ICLR 2022, equations 1 to 6, with their weights. No negatives, queue, momentum or large batch: the
variance term keeps features from collapsing at any batch size, which is why it is the method here. Ours is
smaller: an expander of two hidden layers, four times as wide as the features.

Notation: b examples of a batch, d feature width, e width of the embeddings.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from ..adaptation.training.feed import LiveFeed
from ..preprocessing.base import Preprocess
from ..runtime import derive
from ..sources import Sources
from ..types import IntArray
from ._stacked import Stacked

WIDEST = 1024
"""Of the embeddings."""


class Alike:
    """λ invariance + μ variance + ν covariance of (2b, e) embeddings, first views above second ones."""

    together = True

    def __init__(self, alike: float = 25.0, varied: float = 25.0, uncorrelated: float = 1.0) -> None:
        self.alike, self.varied, self.uncorrelated = alike, varied, uncorrelated

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """Of one batch."""
        first, second = outputs.float().chunk(2)
        apart = F.mse_loss(first, second)
        spread = (_hinge(first) + _hinge(second)) / 2
        shared = _correlation(first) + _correlation(second)
        return self.alike * apart + self.varied * spread + self.uncorrelated * shared

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """Never asked: without labels there is nothing to choose on."""
        raise NotImplementedError


class Vicreg:
    """The method."""

    summary = "self-taught: two views of a picture alike, varied and uncorrelated (VICReg)"
    labelled = False
    modalities = ("image",)

    def around(self, backbone: nn.Module, preprocess: Preprocess) -> nn.Module:
        """The backbone itself."""
        return backbone

    def head(self, sources: Sources, width: int) -> nn.Module:
        """The expander (n, d) -> (n, e)."""
        wide = min(WIDEST, 4 * width)
        return nn.Sequential(*_layer(width, wide), *_layer(wide, wide), nn.Linear(wide, wide, bias=False))

    def objective(self, sources: Sources, head: nn.Module) -> Alike:
        """The three terms."""
        return Alike()

    def feed(self, live: LiveFeed) -> Stacked:
        """Two strong views of each example."""
        inputs, device = live.inputs.distorted(), live.device
        pair = [LiveFeed(inputs, derive(live.seed, "side", side), device) for side in range(2)]
        return Stacked(pair, [lambda view: view])


def _layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]


def _hinge(embeddings: Tensor) -> Tensor:
    """How far the standard deviation of each number is below 1, on average."""
    deviation = (embeddings.var(0) + 1e-4).sqrt()
    return F.relu(1 - deviation).mean()


def _correlation(embeddings: Tensor) -> Tensor:
    """Sum of the squared covariances of different numbers, over e."""
    centred = embeddings - embeddings.mean(0)
    covariance = centred.T @ centred / (len(embeddings) - 1)
    return (covariance.square().sum() - covariance.diagonal().square().sum()) / embeddings.shape[1]


plugin = Vicreg()
