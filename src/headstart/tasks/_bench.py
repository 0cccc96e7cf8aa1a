"""One base on the examples of one task: the inputs and frozen passes that every stage reads."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from torch import nn

from ..bases import build
from ..bases._features import Subject, frozen_pass
from ..bases.base import FEATURES, Base
from ..cache import Array, Cache, key_of
from ..runtime import Runtime
from ..types import Examples, IntArray
from .base import Task


class Bench:
    """What rank, adapt and verify share.

    `pool` holds the rows that may be trained on: training and validation, never test.
    """

    def __init__(
        self, task: Task, examples: Examples, pool: IntArray, base: Base, cache: Cache, runtime: Runtime
    ) -> None:
        self.task, self.examples, self.pool, self.base = task, examples, np.sort(pool), base
        self.cache, self.runtime = cache, runtime
        self.everything: IntArray = np.arange(len(examples))
        self._subjects: dict[int, Subject] = {}

    def for_pool(self, pool: IntArray) -> Bench:
        """The same bench for other rows that may be trained on."""
        other = copy.copy(self)
        other.pool = np.sort(pool)
        return other

    def with_base(self, base: Base) -> Bench:
        """The same examples on another base."""
        return Bench(self.task, self.examples, self.pool, base, self.cache, self.runtime)

    def subject(self, size: int) -> Subject:
        """The examples at an input side; opened once."""
        if size not in self._subjects:
            preprocess = self.base.preprocess.at(size)
            inputs = self.task.inputs(self.examples.sources, preprocess, self.cache)
            self._subjects[size] = Subject(inputs, self.examples.digests, preprocess)
        return self._subjects[size]

    def activations(
        self,
        network: nn.Module,
        identity: str,
        boundaries: Sequence[str],
        rows: IntArray | None = None,
        view: int | None = None,
    ) -> dict[str, Array]:
        """The frozen pass of a network at the base's own input side; all examples where no rows are given."""
        subject = self.subject(self.base.preprocess.size)
        rows = self.everything if rows is None else rows
        return frozen_pass(network, identity, subject, rows, boundaries, view, self.cache, self.runtime)

    def features(self, boundaries: Sequence[str] = (), rows: IntArray | None = None) -> Array:
        """(n, d) features under the pre-trained weights, of all examples where no rows are given.

        Further boundaries are written to the cache by the same pass.
        """
        wanted = [FEATURES, *boundaries]
        return self.activations(self.base.network(), self.base.identity, wanted, rows)[FEATURES]

    def raw(self) -> Array:
        """(n, m) features of all examples that know nothing: of the task's own dull baseline."""
        network = build(self.task.dull)
        return self.activations(network, key_of(dull=asdict(self.task.dull)), [FEATURES])[FEATURES]
