"""Supervised pre-training on one labelled data set or several: one backbone, one head for each (multi-task).

Where a task is open-ended (translation), the base itself says the answers: all data sets are one.

Losses of several data sets are balanced by learned uncertainties: Kendall, Gal and Cipolla, "Multi-Task
Learning Using Uncertainty to Weigh Losses", CVPR 2018, equation 10, with the regulariser of Liebel and
Körner, "Auxiliary Tasks in Multi-task Learning", 2018, equation 5: log(1 + s) instead of log(s), which keeps
the weight of a loss that goes to zero from growing without bound.

Notation: b examples of a batch, t data sets, k classes of one, K of all together, d feature width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..adaptation.training.feed import LiveFeed
from ..adaptation.training.objective import Labelled, Objective
from ..preprocessing.base import Preprocess
from ..sources import Sources
from ..types import IntArray


class Heads(nn.Module):
    """One output layer for each data set, and how uncertain each is: (b, d) -> (b, K)."""

    def __init__(self, heads: list[nn.Module]) -> None:
        super().__init__()
        self.each = nn.ModuleList(heads)
        self.log_variance: Tensor
        if len(heads) > 1:
            self.log_variance = nn.Parameter(torch.zeros(len(heads)))
        else:  # nothing to weigh; processes that train together wait for every parameter's gradient
            self.register_buffer("log_variance", torch.zeros(1))

    def forward(self, features: Tensor) -> Tensor:
        """The outputs of all heads beside each other."""
        return torch.cat([head(features) for head in self.each], dim=1)


class Balanced:
    """The losses of t data sets, weighed by what the heads say of their uncertainty."""

    together = True

    def __init__(self, sources: Sources, log_variance: Tensor) -> None:
        self.source = torch.from_numpy(sources.source)
        self.sizes, self.starts = sources.sizes, sources.starts
        self.log_variance = log_variance
        self.parts = [Labelled(sources.task, one.examples, one.train) for one in sources.splits]

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """Σ L / (2 s) + log(1 + s) over the data sets that the batch has examples of, s the variances.

        One data set alone is not weighed.
        """
        found = self._each(outputs, rows, "loss")
        if len(self.parts) == 1:
            return found[0]
        terms = []
        for number, loss in found.items():
            log = self.log_variance[number]
            terms.append(0.5 * loss * torch.exp(-log) + F.softplus(log))
        return torch.stack(terms).sum()

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """The mean of the data sets' own losses."""
        found = self._each(outputs, rows, "validation")
        return float(sum(float(loss) for loss in found.values()) / len(found))

    def _each(self, outputs: Tensor, rows: IntArray, what: str) -> dict[int, Tensor]:
        """By data set, its loss over its own rows and its own outputs."""
        source, found = self.source[torch.from_numpy(rows)], {}
        for number, own in enumerate(torch.split(outputs, self.sizes, dim=1)):
            here = source == number
            if here.any():
                inside = rows[here.numpy()] - self.starts[number]
                found[number] = getattr(self.parts[number], what)(own[here.to(own.device)], inside)
        return found


class Supervised:
    """The method."""

    summary = "labels: one head for each data set on a shared backbone; or translations"
    labelled = True
    modalities = ("image", "text", "translation", "sound")

    def around(self, backbone: nn.Module, preprocess: Preprocess) -> nn.Module:
        """The backbone itself."""
        return backbone

    def head(self, sources: Sources, width: int) -> nn.Module:
        """The task's own head for each data set."""
        if not sources.task.answer.classes:
            return sources.task.answer.head(width, ())
        return Heads([sources.task.answer.head(width, one.examples.categories) for one in sources.splits])

    def objective(self, sources: Sources, head: nn.Module) -> Objective:
        """The task's own loss, balanced over the data sets."""
        if not sources.task.answer.classes:
            return Labelled(sources.task, sources.examples, sources.train)
        assert isinstance(head, Heads)
        return Balanced(sources, head.log_variance)

    def feed(self, live: LiveFeed) -> LiveFeed:
        """One view of each example."""
        return live


plugin = Supervised()
