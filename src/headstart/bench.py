"""One base on the examples of one task: the inputs and frozen passes that every stage reads."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from .bases.base import FEATURES, Base
from .bases.networks.frames import means_of_steps
from .bases.networks.layers import mean_of_layers
from .bases.networks.maps import pooled, shapes_of
from .bases.passes.frozen import FrozenPass, Subject, Wanted
from .cache import Array, Cache, Rows, key_of
from .runtime import Runtime, Silent
from .tasks.base import Task
from .types import Examples, IntArray

SOME = 64
"""Examples whose feature maps are in memory at once."""


@dataclass(frozen=True)
class Spec:
    """What a bench is made from in another process: values, and where the cache lies."""

    task: Task
    examples: Examples
    pool: IntArray
    base: Base
    runtime: Runtime
    """Without a voice: who sent it speaks."""
    cache: Cache
    engines: dict[str, str]
    """By network, what its frozen pass runs on: another one differs in the last bits."""

    def bench(self) -> Bench:
        """The bench, with passes of its own through the same cache."""
        passes = FrozenPass(self.cache, self.runtime, self.engines)
        return Bench(self.task, self.examples, self.pool, self.base, passes)


class Bench:
    """What rank, adapt and verify share.

    `pool` holds the rows that may be trained on: training and validation, never test.
    """

    def __init__(
        self, task: Task, examples: Examples, pool: IntArray, base: Base, passes: FrozenPass
    ) -> None:
        self.task, self.examples, self.pool, self.base = task, examples, np.sort(pool), base
        self.passes, self.runtime = passes, passes.runtime
        self.everything: IntArray = np.arange(len(examples))
        self._subjects: dict[int, Subject] = {}

    def spec(self) -> Spec:
        """What makes the same bench elsewhere."""
        engines = {network: choice.engine for network, choice in self.passes.choices.items()}
        decided = {**self.passes.decided, **engines}
        runtime = replace(self.runtime, reporter=Silent())
        about = self.task, self.examples, self.pool, self.base
        return Spec(*about, runtime, self.passes.cache, decided)

    def for_pool(self, pool: IntArray) -> Bench:
        """The same bench for other rows that may be trained on."""
        other = copy.copy(self)
        other.pool = np.sort(pool)
        return other

    def in_half(self, half: bool) -> Bench:
        """The same with networks that are trained in bfloat16, or as they are."""
        other = copy.copy(self)
        other.runtime = replace(self.runtime, half=half)
        return other

    def with_base(self, base: Base) -> Bench:
        """The same examples on another base."""
        return Bench(self.task, self.examples, self.pool, base, self.passes)

    def framings(self) -> list[Bench]:
        """The same, and what else of an example the base could be shown."""
        other = self.base.preprocess.framings()[1:]
        return [self, *(self.with_base(replace(self.base, preprocess=preprocess)) for preprocess in other)]

    def subject(self, size: int) -> Subject:
        """The examples at an input size; opened once."""
        if size not in self._subjects:
            preprocess = self.base.preprocess.at(size)
            examples = self.examples
            inputs = self.task.inputs(examples, preprocess, self.passes.cache)
            self._subjects[size] = Subject(inputs, examples.digests, preprocess)
        return self._subjects[size]

    def wanted(
        self, network: nn.Module, identity: str, boundaries: Sequence[str], view: int | None = None
    ) -> Wanted:
        """A frozen pass of a network at the base's own input size."""
        return Wanted(network, identity, self.subject(self.base.preprocess.size), tuple(boundaries), view)

    def activations(
        self,
        network: nn.Module,
        identity: str,
        boundaries: Sequence[str],
        rows: IntArray | None = None,
        view: int | None = None,
    ) -> dict[str, Rows]:
        """By boundary the activations of `rows`, row i that of example i; of all where none are given."""
        rows = self.everything if rows is None else rows
        return self.passes(self.wanted(network, identity, boundaries, view), rows)

    def ranked(self, rows: IntArray) -> Array:
        """(len(rows), d) what bases are compared on: features, or the mean of a language model's layers."""
        mean = mean_of_layers(self.base.network(), self.base.card.stages)
        if mean is None:
            return self.features(rows=rows)
        identity = key_of(mean_of=self.base.identity)
        kept = self.activations(mean, identity, [FEATURES], rows)
        return kept[FEATURES].read(rows)

    def viewed(self, rows: IntArray, view: int) -> Array:
        """(len(rows), c) what `summaries` gives of rows of features, of the examples as a view shows them.

        Views are the strong ones, as self-taught learning compares them.
        """
        own = self.subject(self.base.preprocess.size)
        subject = replace(own, inputs=own.inputs.distorted())
        wanted = Wanted(self.base.network(), self.base.identity, subject, (FEATURES,), view)
        return means_of_steps(self.passes(wanted, rows)[FEATURES].read(rows))

    def summaries(self) -> Array:
        """(n, c) short rows that tell all examples apart: features, or the means of maps or steps."""
        shapes = shapes_of(self.base.network())
        if not shapes:
            return means_of_steps(self.features())
        kept = self.activations(self.base.network(), self.base.identity, [FEATURES])[FEATURES]
        found = np.empty((len(self.everything), 0), np.float32)
        for start in range(0, len(found), SOME):
            part = torch.from_numpy(kept.read(self.everything[start : start + SOME])).float()
            means = pooled(part, shapes).numpy()
            if not start:
                found = np.empty((len(found), means.shape[1]), np.float32)
            found[start : start + SOME] = means
        return found

    def features(self, boundaries: Sequence[str] = (), rows: IntArray | None = None) -> Array:
        """(n, d) features under the pre-trained weights, of all examples where no rows are given.

        Further boundaries are written to the cache by the same pass.
        """
        wanted = [FEATURES, *boundaries]
        found = self.activations(self.base.network(), self.base.identity, wanted, rows)[FEATURES]
        return found.mapped() if rows is None else found.read(rows)
