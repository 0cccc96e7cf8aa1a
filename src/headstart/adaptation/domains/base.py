"""The contract of a way across domains: a linear head for the target, from features that are at hand.

A way is no strategy: nothing is trained by steps, and all ways read the one frozen pass over both domains. It
never sees a label of the target, but for `few` and `target_only`, which are given some.

Examples that have sets of labels are asked about one label after the other, whether they have it: a way has
two classes then, and knows nothing of the other labels.

Notation: n source rows, m target rows, d feature width, k classes or labels, l labelled target rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...tasks.solvers.base import LinearHead, Solver
from ...types import BoolArray, FloatArray, IntArray
from ._moments import Moments, carried


@dataclass(frozen=True)
class Labelled:
    """Target rows whose labels may be learned from."""

    features: FloatArray
    """(l, d)."""
    right: IntArray
    """(l,) the class of each; or (l, k) 1 for each label that it has, else 0."""

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
    """(n,) class of each source row; or (n, k) 1 for each label that it has, else 0."""
    target: FloatArray
    """(m, d)."""
    k: int
    solver: Solver
    labelled: Labelled = field(default=NOBODY)

    @property
    def sets(self) -> bool:
        """Have examples sets of labels?"""
        return self.right.ndim > 1

    @cached_property
    def questions(self) -> tuple[Domains, ...]:
        """What a way is asked: one question of k classes, or k questions of two."""
        return tuple(map(self._asked, range(self.k))) if self.sets else (self,)

    def _asked(self, label: int) -> Domains:
        """Of one label. What no label changes is kept."""
        labelled = self.labelled
        known = Labelled(labelled.features, labelled.right[:, label]) if len(labelled.right) else NOBODY
        part = Domains(self.source, self.right[:, label], self.target, 2, self.solver, known)
        vars(part).update(moments=self.moments, carried=self.carried)
        return part

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
        if self.sets:
            vars(part).update(questions=tuple(one.without(rows) for one in self.questions))
        else:
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


def alike(one: IntArray, other: IntArray) -> BoolArray:
    """(m,) do they say the same of a row: (m,) classes each, or (m, k) labels, all of which count?"""
    same: BoolArray = one == other if one.ndim == 1 else (one == other).all(1)
    return same


def mean_head(heads: Sequence[LinearHead]) -> LinearHead:
    """The mean of heads: of their log-odds, so that it is one linear head again."""
    weight = np.mean([head.weight for head in heads], axis=0)
    bias = np.mean([head.bias for head in heads], axis=0)
    return LinearHead(weight, bias, heads[0].penalty, heads[0].left_out)
