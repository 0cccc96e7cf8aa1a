"""Several targets as one: a bench on the examples of all, and a strategy with a head for each.

What is trained of one target is trained of several by the same code: a job is raced, fitted, kept in the run
folder and gone on with alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from torch import Tensor, nn

from . import adaptation, verification
from .adaptation import Fitted, Job, Recipe
from .adaptation.base import Stage, Start, Strategy
from .adaptation.training.loop import Training
from .bench import Bench
from .data.cutting.stratified import redraw
from .pretraining.supervised import Balanced, Heads
from .sources import Sources
from .tasks.solvers import linear
from .tasks.solvers.base import as_state
from .types import FloatArray, IntArray, Splits


@dataclass(frozen=True)
class Target:
    """One data set on the shared base."""

    name: str
    bench: Bench
    splits: Splits


@dataclass(frozen=True, kw_only=True)
class Joint(Strategy):
    """A strategy for a group of targets at once: one backbone, a head for each, their losses balanced."""

    of: Strategy
    group: tuple[Target, ...]
    sources: Sources
    """The examples of the group, as one list."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """Those of the strategy."""
        return self.of.stages(cuts, epochs)

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """Each target's head, solved on frozen features of its training rows where the strategy says so."""
        heads = []
        for target, own in zip(self.group, self._own(job.train).splits, strict=True):
            answer, categories = target.bench.task.answer, target.bench.examples.categories
            head = answer.head(bench.base.card.width, categories)
            if self.of.solved_head:
                features = np.asarray(target.bench.features(rows=own.train), dtype=np.float64)
                solved = linear.solve(features, own.examples.answers[own.train], len(categories))
                head.load_state_dict(as_state(solved))
            heads.append(head)
        together = Heads(heads).to(bench.runtime.device)
        return self.of.begin(replace(start, head=together, trained=together), job, bench)

    def training(self, training: Training, start: Start, bench: Bench) -> Training:
        """The strategy itself, and the loss of each target over its own rows and outputs."""
        assert isinstance(start.head, Heads)
        objective = Balanced(self._own(training.train), start.head.log_variance)
        joint = replace(training, strategy=self.of, objective=objective)
        return self.of.training(joint, start, bench)

    def finish(self, kept: dict[str, Tensor], start: Start, job: Job, bench: Bench) -> dict[str, Tensor]:
        """As the strategy does."""
        return self.of.finish(kept, start, job, bench)

    def plain(self, network: nn.Module) -> nn.Module:
        """As the strategy does."""
        return self.of.plain(network)

    def _own(self, train: IntArray) -> Sources:
        """The sources with these rows to train on, each with its own."""
        starts, source = self.sources.starts, self.sources.source[train]
        splits = [
            one.but(train=train[source == number] - starts[number])
            for number, one in enumerate(self.sources.splits)
        ]
        return replace(self.sources, splits=tuple(splits))


class Group:
    """Targets that share a backbone: one bench and one strategy, as a run of one target has them."""

    def __init__(
        self, arm: str, targets: Sequence[Target], places: Sequence[int], strategy: Strategy
    ) -> None:
        self.targets = targets
        self.arm = f"{arm}-{'+'.join(map(str, places))}"
        first = targets[0].bench
        task = first.task
        self.sources = Sources(task, tuple(one.name for one in targets), tuple(one.splits for one in targets))
        pool = np.concatenate([self.sources.train, self.sources.validation])
        self.bench = Bench(task, self.sources.examples, pool, first.base, first.passes)
        flags = {one.name: getattr(strategy, one.name) for one in fields(Strategy)}
        # its heads come in `begin`: one for all has no solution
        self.strategy = Joint(
            **{**flags, "solved_head": False}, of=strategy, group=tuple(targets), sources=self.sources
        )

    def job(self, seed: int, recipe: Recipe, number: int) -> Job:
        """Of one paired seed of a run with this seed."""
        drawn = replace(self.sources, splits=tuple(self.draws(seed, number)))
        rows = drawn.train, drawn.validation
        return Job(self.arm, self.strategy, seed, recipe, *rows, number=number)

    def draws(self, seed: int, number: int) -> list[Splits]:
        """Each target's splits for one paired seed."""
        return [redraw(target.splits, number, seed) for target in self.targets]

    def looks(self, fitted: Fitted) -> list[verification.Looked]:
        """One training, looked at on each target's validation and test."""
        ends = np.cumsum(self.sources.sizes)
        found = []
        for place, draw in enumerate(self.draws(fitted.job.run, fitted.job.number)):
            start, end = self.sources.starts[place], int(ends[place])
            own = slice(end - self.sources.sizes[place], end)

            def outputs(rows: IntArray, start: int = start, own: slice = own) -> FloatArray:
                every: FloatArray = adaptation.outputs(fitted, self.bench, start + rows)
                return every[:, own]

            found.append(verification.looked(outputs, self.targets[place].bench, draw))
        return found
