"""What is noted of a backbone after each epoch: have its features collapsed, do they tell classes apart?

Notation: n examples, d feature width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ..tasks.modalities.base import Inputs
from ..tasks.solvers.neighbours import nearest
from ..types import FloatArray, IntArray, Splits

LOOKED_AT = 512
"""Examples at most."""
BATCH = 64
COLLAPSED = 2.0
"""Effective dimensions below which all examples look alike to a backbone, or differ in one way only."""


@dataclass(frozen=True)
class Probe:
    """Labelled examples that the backbone is never trained on the labels of."""

    splits: Splits
    inputs: Inputs

    @property
    def rows(self) -> IntArray:
        """What may be looked at while training: never the test split."""
        return some(np.sort(np.concatenate([self.splits.train, self.splits.validation])))


@dataclass(frozen=True)
class Watch:
    """Looks at a backbone; draws nothing at random and leaves it as it was."""

    inputs: Inputs
    rows: IntArray
    device: str
    probe: Probe | None = None

    def __call__(self, backbone: nn.Module) -> dict[str, float]:
        """Effective dimensions, and nearest-neighbour accuracy on the probe where there is one."""
        found = {"dimensions": dimensions(self._features(backbone, self.inputs, self.rows))}
        if self.probe is not None:
            rows, examples = self.probe.rows, self.probe.splits.examples
            features = self._features(backbone, self.probe.inputs, rows)
            targets, everything = examples.answers[rows], np.arange(len(rows))
            votes = nearest(features, everything, targets, len(examples.categories), everything)
            found["knn"] = float((votes.argmax(1) == targets).mean())
        return found

    @torch.inference_mode()
    def _features(self, backbone: nn.Module, inputs: Inputs, rows: IntArray) -> FloatArray:
        was = backbone.training
        backbone.eval()
        starts = range(0, len(rows), BATCH)
        parts = [backbone(inputs.batch(rows[start : start + BATCH]).to(self.device)) for start in starts]
        backbone.train(was)
        return np.asarray(torch.cat(parts).double().cpu().numpy())


def dimensions(features: FloatArray) -> float:
    """In how many directions the centred features spread: exp of the entropy of their singular values.

    Garrido et al., "RankMe", ICML 2023, equation 2; ours centres first, as a constant is no information.
    From 1 (or 0, where nothing spreads at all) to min(n, d).
    """
    if not np.isfinite(features).all():
        return 0.0
    values = np.linalg.svd(features - features.mean(0), compute_uv=False)
    if values[0] <= 1e-6 * max(1e-12, float(np.abs(features).max())) * math.sqrt(len(features)):
        return 0.0
    share = values / values.sum()
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


def some(rows: IntArray) -> IntArray:
    """At most LOOKED_AT of the rows, evenly spread."""
    spread = np.linspace(0, len(rows) - 1, min(LOOKED_AT, len(rows))).astype(np.int64)
    return np.asarray(rows[spread])
