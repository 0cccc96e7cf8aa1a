"""Contrastive tuning for few examples: features of one class are drawn together, then the head is solved.

Tunstall et al., "Efficient Few-Shot Learning Without Prompts" (SetFit, arXiv 2209.11055). We differ: every
pair inside a batch counts after one run of each example, instead of a list of pairs; the number of steps is
bounded; nothing is dropped out; the head is the exact solution (`_pairs.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor, nn

from ..bases.base import INPUT
from ..bases.networks.cuts import cut
from ..bench import Bench
from ..tasks.solvers import linear
from ..tasks.solvers.base import as_state
from ._pairs import KEEP, SIZE, Pairs, shown
from .base import Job, Recipe, Stage, Start, Strategy
from .training.loop import Training, evaluate

LOOKS = 0.3
"""Of the training examples, whose run solving the head at the end takes as long as."""


class Contrastive(Strategy):
    """Validation chooses nothing: of few examples a dozen rows decide nothing."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Everything above the lowest boundary, all the time."""
        return [Stage(cuts[-1], epochs)] if cuts and epochs else []

    def own(self, recipe: Recipe, lowest: str) -> Recipe:
        """One epoch of as many steps as the number of examples asks for; what is still is run at each."""
        return replace(recipe, epochs=1, batch=SIZE, cuts=(lowest,), live=lowest != INPUT, keep=KEEP)

    def shown(self, train: int) -> float:
        """Batches of pairs, and everything once more at the end."""
        return shown(train) + LOOKS * train

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """Features are compared without a head."""
        return replace(start, trained=nn.Identity())

    def training(self, training: Training, start: Start, bench: Bench) -> Training:
        """Nobody looks at validation, and nothing is dropped out: it would blur the pairs."""
        pairs = Pairs(bench.examples.answers)
        nobody = np.zeros(0, dtype=np.int64)
        return replace(training, objective=pairs, sampler=pairs.batches, validation=nobody, drops=False)

    def finish(self, kept: dict[str, Tensor], start: Start, job: Job, bench: Bench) -> dict[str, Tensor]:
        """With the head for what the network makes of the training rows."""
        nn.ModuleDict({"backbone": start.network}).load_state_dict(kept, strict=False)
        suffix = cut(start.network, job.lowest, start.feeds(INPUT).still(job.train[:1])).suffix
        features = evaluate(suffix, start.feeds(job.lowest), job.train).double().numpy()
        right = bench.examples.answers[job.train]
        solved = linear.solve(features, right, len(bench.examples.categories))
        return kept | {f"head.{name}": tensor for name, tensor in as_state(solved).items()}


plugin = Contrastive(
    "contrastive tuning for few labels: pairs of a class drawn together, then a solved head",
    rates=(1e-4,),
    solved_head=False,
    needs_classes=True,
)
