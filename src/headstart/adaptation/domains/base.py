"""The contract of a way across domains: a linear head for the target, from features that are at hand.

A way is no strategy: nothing is trained by steps, and all ways read the one frozen pass over both domains. It
never sees a label of the target, but for `few` and `target_only`, which are given some.

Notation: n source rows, m target rows, d feature width, k classes, l labelled target rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...tasks.solvers.base import LinearHead, Solver
from ...types import FloatArray, IntArray
from ._moments import Moments, carried


@dataclass(frozen=True)
class Labelled:
    """Target rows whose labels may be learned from."""

    features: FloatArray
    """(l, d)."""
    right: IntArray
    """(l,)."""

    def of(self, rows: IntArray) -> Labelled:
        """Those of some rows."""
        return Labelled(self.features[rows], self.right[rows])


NOBODY = Labelled(np.zeros((0, 0)), np.zeros(0, dtype=np.int64))
"""No target row has a label that may be learned from."""


@dataclass(frozen=True, eq=False)
class Domains:
    """Features of both domains, and the labels of the source."""

    source: FloatArray
    """(n, d)."""
    right: IntArray
    """(n,) class of each source row."""
    target: FloatArray
    """(m, d)."""
    k: int
    solver: Solver
    labelled: Labelled = field(default=NOBODY)

    @cached_property
    def head(self) -> LinearHead:
        """The head of the source alone, which several ways begin with."""
        return self.solved(self.source)

    @cached_property
    def moments(self) -> Moments:
        """Means and covariances of both domains."""
        return Moments.of(self.source, self.target)

    @cached_property
    def carried(self) -> FloatArray:
        """(n, d) source rows after linear optimal transport, which several ways learn."""
        return carried(self.moments, self.source)

    @cached_property
    def vote(self) -> LinearHead:
        """The vote of the ways in closed form (`align.py`), which several begin with."""
        from .align import voted

        return voted(self)

    def without(self, rows: IntArray) -> Domains:
        """The same where these labelled rows may not be learned from; what labels do not change is kept."""
        kept = np.setdiff1d(np.arange(len(self.labelled.right)), rows)
        part = Domains(self.source, self.right, self.target, self.k, self.solver, self.labelled.of(kept))
        vars(part).update(head=self.head, carried=self.carried, vote=self.vote)
        return part

    def solved(self, source: FloatArray) -> LinearHead:
        """A head on source rows that were moved, (n, d)."""
        return self.solver.solve(source, self.right, self.k)


@dataclass(frozen=True)
class Way:
    """One file of this room: its `plugin`."""

    summary: str
    """One line, for `headstart list` and the report."""
    solve: Callable[[Domains], LinearHead]
    """The head for the target."""
    labels: int = 0
    """It takes so many labelled target rows of each class; none but few ways take any."""


def mean_head(heads: Sequence[LinearHead]) -> LinearHead:
    """The mean of heads: of their log-odds, so that it is one linear head again."""
    weight = np.mean([head.weight for head in heads], axis=0)
    bias = np.mean([head.bias for head in heads], axis=0)
    return LinearHead(weight, bias, heads[0].penalty, heads[0].left_out)
