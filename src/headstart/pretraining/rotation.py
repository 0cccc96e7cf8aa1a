"""Self-taught, the simple baseline: say by how many quarter turns a picture was turned.

Gidaris, Singh and Komodakis, "Unsupervised Representation Learning by Predicting Image Rotations", ICLR
2018: all four turns of each picture in one batch. It learns nothing from pictures without an upright.

Notation: b examples of a batch, d feature width.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..adaptation.training.feed import LiveFeed
from ..cache import Array
from ..preprocessing.base import Preprocess
from ..sources import Sources
from ..types import IntArray
from ._stacked import Stacked

TURNS = 4


class Turns:
    """Cross entropy of (4b, 4) outputs, the unturned pictures first."""

    together = True

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """Of one batch."""
        turns = torch.arange(TURNS, device=outputs.device).repeat_interleave(len(rows))
        return F.cross_entropy(outputs, turns)

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """Never asked: without labels there is nothing to choose on."""
        raise NotImplementedError


class Rotation:
    """The method."""

    summary = "self-taught: by how many quarter turns a picture was turned; the simple baseline"
    labelled = False
    modalities = ("image",)

    def around(self, backbone: nn.Module, preprocess: Preprocess) -> nn.Module:
        """The backbone itself."""
        return backbone

    def head(self, sources: Sources, width: int) -> nn.Module:
        """A linear layer (n, d) -> (n, 4)."""
        return nn.Linear(width, TURNS)

    def objective(self, sources: Sources, head: nn.Module) -> Turns:
        """Which turn it was."""
        return Turns()

    def feed(self, live: LiveFeed) -> Stacked:
        """One view of each example, in all four turns."""
        return Stacked([live], [partial(_turned, turns) for turns in range(TURNS)])


def _turned(turns: int, pictures: Array) -> Array:
    """(b, s, s, 3) turned counter-clockwise."""
    return np.rot90(pictures, turns, axes=(1, 2))


plugin = Rotation()
