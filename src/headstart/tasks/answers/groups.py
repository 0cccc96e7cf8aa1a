"""Which of the groups that were found without labels an example is in, and whether it is like anything seen.

The head learns nothing: it holds the space that the groups are in, their centres, and some of the examples,
the landmarks, in that space.

Notation: n examples, d feature width, p components, k groups, m landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ...errors import DataError
from ...targets import Targets, of_one_kind
from ...types import NO_MAPS, Architecture, Maps, Source
from .base import Answer

if TYPE_CHECKING:
    from ...preprocessing.base import Preprocess

PLACED_BY = 5
"""Landmarks that tell where a new example lies, and how far it is from what was seen."""
SAME = 0.01
"""Rows of length 1 that are nearer than this are the same example, in other arithmetic."""
FAMILY = "groups"
"""Of the head's architecture."""


class GroupsOut(nn.Module):
    """(n, d) features to (n, k + 3): distances to centres, to what was seen over the limit, the place."""

    centre: Tensor
    axes: Tensor
    centres: Tensor
    landmarks: Tensor
    places: Tensor
    limit: Tensor

    def __init__(self, width: int, components: int, groups: int, landmarks: int) -> None:
        super().__init__()
        shapes = {
            "centre": (width,),
            "axes": (width, components),
            "centres": (groups, components),
            "landmarks": (landmarks, components),
            "places": (landmarks, 2),
            "limit": (1,),
        }
        for name, shape in shapes.items():
            self.register_buffer(name, torch.zeros(shape))

    def forward(self, features: Tensor) -> Tensor:
        """Into the space, and compare."""
        rows = F.normalize((F.normalize(features, dim=1) - self.centre) @ self.axes, dim=1)
        to_centres = _distances(rows, self.centres)
        near, which = _distances(rows, self.landmarks).topk(min(PLACED_BY, len(self.landmarks)), 1, False)
        weights = torch.softmax(-near / near.mean(1, keepdim=True).clamp(min=1e-6), 1)
        among = (weights.unsqueeze(2) * self.places[which]).sum(1)
        places = torch.where(near[:, :1] < SAME, self.places[which[:, 0]], among)
        far = near.mean(1, keepdim=True) / self.limit.clamp(min=1e-6)
        return torch.cat([to_centres, far, places], 1)


class Groups(Answer):
    """The answer of `tasks/answers/base.py` where nothing is asked: labels are never looked at."""

    headed = "trained"

    def __init__(self, components: int = 1, landmarks: int = 1) -> None:
        self.head_architecture = Architecture(
            FAMILY, "distances", {"components": components, "landmarks": landmarks}
        )

    def targets(self, labels: Sequence[str]) -> Targets:
        """Nothing is right, whatever the labels say."""
        return of_one_kind([""] * len(labels))

    def known(self, labels: Sequence[str], categories: Sequence[str]) -> NDArray[Any]:
        """There is nothing that could be compared with labels.

        Raises:
            DataError: always.
        """
        raise DataError(
            "a bundle of an exploration says which group an example is in: no label is right or wrong then",
            "compare groups with labels where they are found: headstart explore DATA --labels COLUMN",
        )

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """An empty one."""
        assert self.head_architecture is not None
        sizes = self.head_architecture.args
        return GroupsOut(width, sizes["components"], len(categories), sizes["landmarks"])

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Preprocess) -> NDArray[Any]:
        """(n, k + 3) what the head says."""
        return np.asarray(model(inputs).double().cpu().numpy())

    def decode(
        self, outputs: NDArray[Any], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The nearest group and how far its centre is, and whether anything like it was seen.

        `far` is the mean distance to the nearest landmarks, 1 at the limit; above it the example is unlike
        anything seen. `x` and `y` are its place on the map.
        """
        k = len(categories)
        return [
            {
                "cluster": categories[int(row[:k].argmin())],
                "distance": float(row[:k].min()),
                "far": float(row[k]),
                "unlike": bool(row[k] > 1),
                "x": float(row[k + 1]),
                "y": float(row[k + 2]),
            }
            for row in outputs
        ]


def _distances(rows: Tensor, others: Tensor) -> Tensor:
    """(n, m) between (n, p) and (m, p)."""
    squares = (rows**2).sum(1, keepdim=True) + (others**2).sum(1) - 2 * rows @ others.T
    return squares.clamp(min=0).sqrt()
