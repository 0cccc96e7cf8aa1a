"""Forecast combination: the mean of what the base tells and of what a ridge regression tells.

J. M. Bates & C. W. J. Granger, "The combination of forecasts", Operational Research Quarterly 20, 1969: two
forecasts that err in other ways are better together, and even shares are hard to beat. The regression is on
the numbers that the base reads, as the baseline `lagged_ridge` has it, so that both are one network and one
head. Quantiles are averaged, too. What it gains is not the pre-trained weights' doing alone.
"""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import torch
from torch import nn

from ..bases.base import FEATURES, Base
from ..bases.networks.combined import Combined
from ..bench import Bench
from ..cache import key_of
from ..errors import BaseError
from ..preprocessing.series import LEVELS, SeriesPreprocess
from ..tasks.solvers.steps import ridge
from ..types import Architecture
from .base import Job, Start, Strategy
from .training.feed import CachedFeed
from .training.loop import Feed

SHARE = 0.5
"""Of the regression; the base has the rest."""


class Combination(Strategy):
    """Nothing is trained by steps, and nothing is drawn."""

    def require(self, base: Base) -> None:
        """The base has to read the numbers that a regression can be solved on."""
        if not _numbers(base):
            raise BaseError(
                f"`{base.name}` reads the values themselves, not the numbers of a regression",
                "take builtin/series-s or another strategy",
            )

    def shape(self, base: Base) -> tuple[Architecture, int]:
        """Both side by side; without numbers the base alone."""
        if not _numbers(base):
            return super().shape(base)
        network = Architecture("builtin", "combined", {"of": asdict(base.architecture)})
        return network, _numbers(base) + base.card.width

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """The base with the numbers beside it, if there are any, and a head that tells the mean."""
        if not _numbers(bench.base):
            return start
        network = Combined(asdict(bench.base.architecture))
        network.base = start.network
        identity, device = key_of(combined=start.identity), bench.runtime.device

        def feed(boundary: str) -> Feed:
            if boundary != FEATURES:
                return start.feeds(boundary)
            rows = bench.activations(network, identity, [FEATURES])[FEATURES]
            return CachedFeed(rows, {}, job.seed, device)

        if not start.given:
            _solve(start.head, job, bench, feed(FEATURES).still(job.train).cpu().numpy())
        return replace(start, network=network, feeds=feed, identity=identity)


def _numbers(base: Base) -> int:
    """Of each step, that the base reads; 0 where it reads something else."""
    return base.preprocess.rows if isinstance(base.preprocess, SeriesPreprocess) else 0


@torch.no_grad()
def _solve(head: nn.Module, job: Job, bench: Bench, features: np.ndarray) -> None:
    """The head for (n, H (R + D)) features of the training rows."""
    steps, many, count = len(bench.examples.categories), len(LEVELS), _numbers(bench.base)
    apart = features.reshape(len(features), steps, -1)
    # the numbers alone, and a base that tells the season before
    plain = np.concatenate([apart[..., :count], np.zeros((*apart.shape[:2], many))], -1)
    solved = ridge(plain.reshape(len(plain), -1), bench.examples.answers[job.train], steps, clear=0.0)
    weight, bias = (dict(head.named_parameters())[name] for name in ("weight", "bias"))
    weight.zero_()
    weight[:, :count] = SHARE * torch.from_numpy(solved.weight[:, :count])
    weight[:, -many:] = -SHARE * torch.eye(many)
    bias.copy_(SHARE * torch.from_numpy(solved.bias))


plugin = Combination(
    "forecast combination: mean of what the base and what a ridge regression tell",
    solved_head=False,
    proves=False,
    modalities=("series",),
    only_listed=True,
)
