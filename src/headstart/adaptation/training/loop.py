"""The only training loop: the stages of a strategy, one after the other, with exact resume.

Every random draw of a step comes from (seed, epoch, step), never from a running generator, so a
checkpoint needs no generator state and a killed training ends with the same weights.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ...bases.base import INPUT
from ...bases.networks.cuts import cut
from ...parallel import stream
from ...runtime import Runtime, derive, seeded
from ...types import IntArray
from ..base import HEAD_RATE, History, Recipe, Stage, Strategy
from . import checkpoints
from .keep import Keeper, Tensors
from .objective import Objective
from .optimizer import adamw
from .rates import depths, factor

SAVE_SECONDS = 15.0
"""A kill costs at most this much work."""
MIN_STEPS = 8
"""An epoch of very few examples is repeated up to this many steps, so that looking at validation
does not cost more than training."""
WEIGHT_DECAY = 0.02
LARGEST_GRADIENT = 5.0
"""Norm that gradients are cut to."""
VALIDATION_BATCH = 64
SORTED = 50
"""Steps whose examples are sorted by length among themselves."""


class Feed(Protocol):
    """Inputs at one boundary."""

    def view(self, epoch: int, step: int) -> int | None:
        """What the augmentation of a training batch is drawn from; None where there is none."""
        ...

    def fetch(self, rows: IntArray, epoch: int, step: int) -> Any:
        """A training batch before `tensor`: an augmented view of each example; any thread may call it."""
        ...

    def tensor(self, fetched: Any) -> Tensor:
        """What is trained on."""
        ...

    def still(self, rows: IntArray) -> Tensor:
        """The same examples without augmentation."""
        ...


@dataclass(frozen=True)
class Training:
    """What one training is about."""

    objective: Objective
    strategy: Strategy
    recipe: Recipe
    seed: int
    train: IntArray
    validation: IntArray
    """May be empty: then all epochs are run and `recipe.keep` says what is kept."""
    stages: tuple[str, ...]
    """Of the base, stem first: where a parameter lies decides its rate."""
    checkpoint: Path
    deadline: float = math.inf
    """On the run's clock, seconds: training stops at the step that passes it, or after the first epoch."""
    watch: Callable[[nn.Module], dict[str, float]] | None = None
    """What to note of the backbone after each epoch."""
    lengths: IntArray | None = None
    """(n,) by example: those of near numbers share batches, which then need little padding."""
    begun: bool = False
    """Is what it starts from a model already, since its head came with the base?"""
    sampler: Callable[[Training, int], list[IntArray]] | None = None
    """The rows of each step of an epoch; `batches` where none is given."""
    drops: bool = True
    """Does dropout take part?"""

    def steps(self, epoch: int) -> list[IntArray]:
        """The rows of each step of an epoch."""
        return (self.sampler or batches)(self, epoch)


@dataclass
class Progress:
    """Everything that changes while training, besides tensors."""

    stage: int = 0
    epoch: int = 0
    step: int = 0
    steps: int = 0
    loss_sum: float = 0.0
    seconds: float = 0.0
    train: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    watched: list[dict[str, float]] = field(default_factory=list)
    diverged: bool = False
    cut_short: bool = False


class Loop:
    """One training of a backbone and a head."""

    def __init__(
        self,
        network: nn.Module,
        head: nn.Module,
        training: Training,
        feeds: Callable[[str], Feed],
        runtime: Runtime,
    ) -> None:
        self.whole = nn.ModuleDict({"backbone": network, "head": head})
        self.training, self.feeds, self.runtime = training, feeds, runtime
        self.fabric = runtime.trainer()
        self.schedule = training.recipe.stages(training.strategy)
        self.epochs = sum(stage.epochs for stage in self.schedule)
        steps = len(training.steps(0))
        self.total_steps, self.head_steps = steps * self.epochs, steps * training.recipe.head_epochs
        self.keeper = Keeper(self.whole, self.total_steps)
        self.progress = Progress()
        self.saved_at = time.monotonic()

    def run(self) -> tuple[Tensors, History]:
        """Train; the tensors to load over `backbone.…` and `head.…`, and what happened."""
        optimizer_state = None
        if self.training.checkpoint.exists():
            optimizer_state = self._resume()
        else:
            self._begin()
        for number in range(self.progress.stage, len(self.schedule)):
            self.progress.stage = number
            going_on = self._stage(self.schedule[number], optimizer_state)
            optimizer_state = None
            if not going_on:
                break
        return self._end()

    def _stage(self, stage: Stage, optimizer_state: Tensors | None) -> bool:
        """Train one stage; False when the whole training is over."""
        model, names = self._open(stage)
        feed = self.feeds(stage.boundary)
        optimizer = adamw(self._groups(names), self.runtime.device, 1.0, WEIGHT_DECAY)
        if optimizer_state is not None:
            checkpoints.restore_optimizer(optimizer, optimizer_state)
        wrapped, optimizer = self.fabric.setup(model, optimizer)
        end = sum(earlier.epochs for earlier in self.schedule[: self.progress.stage + 1])
        while self.progress.epoch < end:
            if not self._epoch(wrapped, optimizer, feed):
                return False
            if len(self.training.validation):
                loss = self.keeper.look(lambda: self._validation_loss(model, feed), self.progress.epoch - 1)
                self.progress.validation.append(loss)
            if self.training.watch is not None:
                self.progress.watched.append(self.training.watch(self.whole["backbone"]))
            if self._over():
                return False
        return True

    def _open(self, stage: Stage) -> tuple[nn.Module, list[str]]:
        """The part above the boundary and its parameters' names; everything below is set still."""
        example = self.feeds(INPUT).still(self.training.train[:2])
        parts = cut(self.whole["backbone"], stage.boundary, example)
        names = [f"backbone.{name}" for name in parts.suffix_parameters()]
        names += [f"head.{name}" for name, _ in self.whole["head"].named_parameters()]
        for name, parameter in self.whole.named_parameters():
            parameter.requires_grad_(name in names)
        return nn.Sequential(parts.suffix, self.whole["head"]), names

    def _epoch(self, model: nn.Module, optimizer: Any, feed: Feed) -> bool:
        """One pass over the training rows; False when the loss is no longer a number."""
        progress, steps = self.progress, self.training.steps(self.progress.epoch)
        share = slice(self.fabric.global_rank, None, self.fabric.world_size)
        mine = [rows[share] for rows in steps]
        label, last = f"epoch {progress.epoch + 1} of {self.epochs}", time.monotonic()
        self._train_mode(model)
        for step, fetched in self.runtime.reporter.track(self._fetched(feed, mine), label, len(steps)):
            with seeded(derive(self.training.seed, "step", progress.epoch, step)):
                view = feed.view(progress.epoch, step)
                loss = self._step(model, optimizer, feed.tensor(fetched), (mine[step], view))
            if not math.isfinite(loss):
                progress.diverged = True
                return False
            progress.loss_sum += loss * len(steps[step])
            progress.step, progress.steps = step + 1, progress.steps + 1
            self.keeper.average(progress.steps)
            now = time.monotonic()
            progress.seconds, last = progress.seconds + now - last, now
            # the rest of an epoch may take minutes; the first is always whole
            if progress.epoch and self._late() and self.fabric.world_size == 1:
                progress.cut_short = progress.step < len(steps)
                break
            if now - self.saved_at > SAVE_SECONDS:
                self.saved_at = now
                self._save(optimizer)
        progress.seconds += time.monotonic() - last
        progress.train.append(progress.loss_sum / sum(len(rows) for rows in steps[: progress.step]))
        progress.epoch, progress.step, progress.loss_sum = progress.epoch + 1, 0, 0.0
        return True

    def _fetched(self, feed: Feed, steps: list[IntArray]) -> Iterator[tuple[int, Any]]:
        """The epoch's steps that are left, with what they train on: fetched ahead while others train."""
        epoch = self.progress.epoch
        left = range(self.progress.step, len(steps))
        ahead = stream(lambda step: feed.fetch(steps[step], epoch, step), left, self.runtime.loaders)
        return zip(left, ahead, strict=True)

    def _train_mode(self, model: nn.Module) -> None:
        model.train(self.training.drops)
        if self.training.strategy.still_statistics:
            keep_statistics(self.whole["backbone"])

    def _step(
        self, model: nn.Module, optimizer: Any, inputs: Tensor, which: tuple[IntArray, int | None]
    ) -> float:
        share = self._factor()
        for group in optimizer.param_groups:
            group["lr"] = group["full"] * share
        loss: Tensor = self.training.objective.loss(model(inputs), *which)
        optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        nn.utils.clip_grad_norm_(
            [p for group in optimizer.param_groups for p in group["params"]], LARGEST_GRADIENT
        )
        optimizer.step()
        together: Any = self.fabric.all_reduce(loss.detach())
        return float(together)

    def _factor(self) -> float:
        """Of the learning rate: the head alone has a cycle of its own."""
        done = self.progress.steps
        if done < self.head_steps:
            return factor(done, self.head_steps)
        return factor(done - self.head_steps, self.total_steps - self.head_steps)

    def _groups(self, names: list[str]) -> list[dict[str, Any]]:
        """Parameters of one rate and decay together: layers below learn slower, biases do not decay."""
        parameters = dict(self.whole.named_parameters())
        strategy, recipe = self.training.strategy, self.training.recipe
        alone = self.progress.epoch < recipe.head_epochs  # at its own rate: the strategy's may be none
        depth = depths(self.whole["backbone"], self.training.stages)
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name in names:
            share = strategy.rate(depth.get(name.removeprefix("backbone."), 1.0))
            full = getattr(self.whole["head"], "rate", HEAD_RATE) if alone else recipe.rate * share
            decay = WEIGHT_DECAY if parameters[name].ndim > 1 else 0.0
            groups.setdefault((full, decay), []).append(parameters[name])
        return [{"params": own, "full": full, "weight_decay": decay} for (full, decay), own in groups.items()]

    def _validation_loss(self, model: nn.Module, feed: Feed) -> float:
        objective, rows = self.training.objective, self.training.validation
        starts = range(0, len(rows), len(rows) if objective.together else VALIDATION_BATCH)
        parts = [rows[start : start + starts.step] for start in starts]
        losses = [len(part) * objective.validation(evaluate(model, feed, part), part) for part in parts]
        return sum(losses) / len(rows)

    def _over(self) -> bool:
        """The deadline, or an early stop on validation, which only the last stage has."""
        progress = self.progress
        progress.cut_short |= self._agreed(self._late()) and progress.epoch < self.epochs
        if progress.cut_short or not len(self.training.validation):
            return progress.cut_short
        best = self.keeper.best[self.keeper.leader()][1]
        patience = max(3, self.epochs // 3)
        waited = progress.epoch - 1 - max(best, sum(stage.epochs for stage in self.schedule[:-1]))
        return self._agreed(progress.stage == len(self.schedule) - 1 and waited > patience)

    def _late(self) -> bool:
        return self.runtime.clock.elapsed() > self.training.deadline

    def _agreed(self, decision: bool) -> bool:
        """What the first process decides: those that train together stop together."""
        return bool(self.fabric.broadcast(decision))

    def _begin(self) -> None:
        """Note where training starts, and how good that is where the head is one already."""
        changing: set[str] = set()
        for stage in self.schedule:
            changing |= set(self._open(stage)[1])
        still = self.training.strategy.still_statistics
        changing |= {name for name, _ in self.whole.named_buffers() if not still or name.startswith("head.")}
        self.keeper.begin(changing)
        solved = self.training.strategy.solved_head and not self.head_steps
        if len(self.training.validation) and (solved or self.training.begun):
            model, feed = self._open(self.schedule[0])[0], self.feeds(self.schedule[0].boundary)
            self.keeper.best["start"] = (self._validation_loss(model, feed), -1)

    def _end(self) -> tuple[Tensors, History]:
        progress, training = self.progress, self.training
        if len(training.validation):
            stage = self.schedule[progress.stage]
            model, feed = self._open(stage)[0], self.feeds(stage.boundary)
            chosen, kept = self.keeper.choose(lambda: self._validation_loss(model, feed))
            tensors = self.keeper.tensors[chosen]
        else:
            chosen = "start" if progress.diverged else training.recipe.keep
            kept = progress.epoch - 1
            tensors = self.keeper.last(chosen)
        history = History(
            train=tuple(progress.train),
            validation=tuple(progress.validation),
            watched=tuple(progress.watched),
            kept=kept if kept >= 0 else None,
            candidate=chosen,
            steps=progress.steps,
            seconds=progress.seconds,
            cut_short=progress.cut_short,
            diverged=progress.diverged,
        )
        return tensors, history

    def _save(self, optimizer: Any) -> None:
        if self.fabric.global_rank:
            return
        own = {"now": self.keeper.now(), "optimizer": checkpoints.optimizer_tensors(optimizer)}
        facts = {"progress": asdict(self.progress), "best": self.keeper.best}
        checkpoints.write(self.training.checkpoint, {**own, **self.keeper.tensors}, facts)

    def _resume(self) -> Tensors:
        """Go to the checkpoint of this very training; the optimizer's tensors."""
        groups, facts = checkpoints.read(self.training.checkpoint)
        optimizer_state, now = groups.pop("optimizer"), groups.pop("now")
        self.keeper.tensors = groups
        self.keeper.best = {name: (loss, epoch) for name, (loss, epoch) in facts["best"].items()}
        self.progress = Progress(**facts["progress"])
        self.whole.load_state_dict(now, strict=False)
        return optimizer_state


def batches(training: Training, epoch: int) -> list[IntArray]:
    """The rows of each step: shuffled, in nearly equal batches (a batch of one breaks BatchNorm).

    Where lengths are known, examples are sorted by them within some steps that follow each other.
    """
    rows, batch = training.train, training.recipe.batch
    repeats = max(1, math.ceil(MIN_STEPS * batch / len(rows)))
    draws = np.random.default_rng(derive(training.seed, "order", epoch))
    order = np.concatenate([draws.permutation(rows) for _ in range(repeats)])
    steps = np.array_split(order, max(1, round(len(order) / batch)))
    if training.lengths is None:
        return steps
    alike = list[IntArray]()
    for start in range(0, len(steps), SORTED):
        window = np.concatenate(steps[start : start + SORTED])
        window = window[np.argsort(training.lengths[window], kind="stable")]
        ends = np.cumsum([len(rows) for rows in steps[start : start + SORTED]])[:-1]
        alike += np.split(window, ends)
    return [alike[number] for number in draws.permutation(len(alike))]


@torch.inference_mode()
def evaluate(model: nn.Module, feed: Feed, rows: IntArray) -> Tensor:
    """(n, k) outputs of the rows in eval mode, on the CPU, float32."""
    model.eval()
    starts = range(0, len(rows), VALIDATION_BATCH)
    parts = [model(feed.still(rows[start : start + VALIDATION_BATCH])).float().cpu() for start in starts]
    return torch.cat(parts)


def keep_statistics(model: nn.Module) -> None:
    """BatchNorm layers in eval mode: their statistics stay as inherited, their weights may move."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
