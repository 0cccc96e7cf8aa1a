"""The only training loop: stages of a strategy, exact resume, the best weights on validation.

Every random draw of a step comes from (seed, epoch, step), never from a running generator, so a
checkpoint needs no generator state and a killed training ends with the same weights.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..bases import _cuts
from ..runtime import Runtime, derive, seeded
from ..tasks.base import Task
from ..types import IntArray
from . import _checkpoint
from ..tasks._head import class_weights
from .base import History, Recipe, Stage, Strategy

SAVE_SECONDS = 15.0
"""A kill costs at most this much work."""
MIN_STEPS = 8
"""An epoch of very few examples is repeated up to this many steps, so that looking at validation
does not cost more than training."""
WEIGHT_DECAY = 0.02
EMA_SHARE = 0.1
"""The average of the weights looks back over this share of all steps."""
VALIDATION_BATCH = 64

Tensors = dict[str, Tensor]


class Feed(Protocol):
    """Inputs at one boundary."""

    def moving(self, rows: IntArray, epoch: int, step: int) -> Tensor:
        """A training batch: an augmented view of each example."""
        ...

    def still(self, rows: IntArray) -> Tensor:
        """The same examples without augmentation."""
        ...


@dataclass(frozen=True)
class Training:
    """What one training is about."""

    task: Task
    strategy: Strategy
    recipe: Recipe
    seed: int
    train: IntArray
    validation: IntArray
    """May be empty: then `recipe.stop_after` and `recipe.keep` say what is kept."""
    targets: IntArray
    """Of all examples."""
    k: int
    stages: tuple[str, ...]
    """Of the base, stem first: where a parameter lies decides its rate."""
    checkpoint: Path


@dataclass
class _Progress:
    """Everything that changes while training, besides the weights."""

    stage: int = 0
    epoch: int = 0
    step: int = 0
    steps: int = 0
    loss_sum: float = 0.0
    seconds: float = 0.0
    train: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Candidate -> (validation loss, epoch)."""
    diverged: bool = False
    cut_short: bool = False


class Loop:
    """One training of a backbone and a head; `run` returns what is kept."""

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
        self.fabric = runtime.fabric()
        self.schedule = training.strategy.stages(training.recipe.cuts, training.recipe.epochs)
        self.weights = torch.zeros(len(training.targets))
        rows = training.train
        self.weights[rows] = torch.from_numpy(class_weights(training.targets[rows], training.k)).float()
        self.batches_per_epoch = len(_batches(training, 0))
        self.total_steps = self.batches_per_epoch * sum(stage.epochs for stage in self.schedule)
        self.progress = _Progress()
        self.saved: dict[str, Tensors] = {}
        """The best tensors of each candidate, and the running average `ema_now`."""

    def run(self) -> tuple[Tensors, History]:
        """Train; returns the tensors to load into `{"backbone": …, "head": …}` and the history."""
        resumed = self._resume()
        if not resumed:
            self._begin()
        for number in range(self.progress.stage, len(self.schedule)):
            self.progress.stage = number
            if not self._stage(self.schedule[number], resumed):
                break
            resumed = None
        return self._choose()

    # ---- one stage ----------------------------------------------------------------------------

    def _stage(self, stage: Stage, resumed: Tensors | None) -> bool:
        """Train one stage; False when the training is over."""
        model, names = self._open(stage)
        feed = self.feeds(stage.boundary)
        optimizer = torch.optim.AdamW(self._groups(names), lr=1.0, weight_decay=WEIGHT_DECAY)
        if resumed is not None:
            _checkpoint.restore_optimizer(optimizer, resumed)
        wrapped, optimizer = self.fabric.setup(model, optimizer)
        end = sum(earlier.epochs for earlier in self.schedule[: self.progress.stage + 1])
        while self.progress.epoch < end:
            if not self._epoch(wrapped, optimizer, feed):
                return False
            self._look(model, feed)
            if self._over():
                return False
        return True

    def _open(self, stage: Stage) -> tuple[nn.Module, list[str]]:
        """The part above the boundary, its parameters' names, everything else set still."""
        cut = _cuts.cut(self.whole["backbone"], stage.boundary, self.feeds(_cuts.INPUT).still(self._any()))
        names = [f"backbone.{name}" for name in cut.suffix_parameters()]
        names += [f"head.{name}" for name, _ in self.whole["head"].named_parameters()]
        for name, parameter in self.whole.named_parameters():
            parameter.requires_grad_(name in names)
        return nn.Sequential(cut.suffix, self.whole["head"]), names

    def _epoch(self, model: nn.Module, optimizer: Any, feed: Feed) -> bool:
        """One pass over the training rows; False when the loss is no longer a number."""
        progress, training = self.progress, self.training
        batches = _batches(training, progress.epoch)
        last = time.monotonic()
        for step in self.runtime.reporter.track(
            range(progress.step, len(batches)), f"epoch {progress.epoch + 1}", len(batches)
        ):
            rows = batches[step]
            with seeded(derive(training.seed, "step", progress.epoch, step)):
                loss = self._step(model, optimizer, feed.moving(rows, progress.epoch, step), rows)
            if not math.isfinite(loss):
                progress.diverged = True
                return False
            progress.loss_sum += loss * len(rows)
            progress.step, progress.steps = step + 1, progress.steps + 1
            self._average()
            now = time.monotonic()
            if now - last > SAVE_SECONDS:
                progress.seconds += now - last
                last = now
                self._save(optimizer)
        progress.seconds += time.monotonic() - last
        progress.train.append(progress.loss_sum / sum(len(rows) for rows in batches))
        progress.epoch, progress.step, progress.loss_sum = progress.epoch + 1, 0, 0.0
        return True

    def _step(self, model: nn.Module, optimizer: Any, inputs: Tensor, rows: IntArray) -> float:
        for group in optimizer.param_groups:
            group["lr"] = group["full"] * self._factor()
        model.train()
        if self.training.strategy.still_statistics:
            _keep_statistics(model)
        targets = torch.from_numpy(self.training.targets[rows]).to(inputs.device)
        weights = self.weights[torch.from_numpy(rows)].to(inputs.device)
        losses = self.training.task.loss(model(inputs), targets)
        loss = (weights * losses).mean()
        optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], 5.0)
        optimizer.step()
        return float(loss.detach())

    def _factor(self) -> float:
        """Warm-up over a tenth of the steps, then a cosine to zero."""
        done, warm = self.progress.steps, max(1, self.total_steps // 10)
        if done < warm:
            return (done + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (done - warm) / max(1, self.total_steps - warm)))

    def _groups(self, names: list[str]) -> list[dict[str, Any]]:
        """One group a parameter: layers below learn slower; biases and norms do not decay."""
        parameters = dict(self.whole.named_parameters())
        strategy, recipe = self.training.strategy, self.training.recipe
        return [
            {
                "params": [parameters[name]],
                "full": recipe.rate * strategy.rate(depth_of(name, self.training.stages)),
                "weight_decay": WEIGHT_DECAY if parameters[name].ndim > 1 else 0.0,
            }
            for name in names
        ]

    # ---- what is kept -------------------------------------------------------------------------

    def _moving(self) -> Tensors:
        """The tensors that training changes: opened parameters, and statistics unless they are still."""
        state = self.whole.state_dict()
        opened = {name for name, parameter in self.whole.named_parameters() if parameter.requires_grad}
        if not self.training.strategy.still_statistics:
            opened |= {name for name, _ in self.whole.named_buffers()}
        return {name: tensor for name, tensor in state.items() if name in opened}

    def _begin(self) -> None:
        for stage in reversed(self.schedule):  # ends with the top part open, as training starts
            self._open(stage)
            start = {name: tensor.clone() for name, tensor in self._moving().items()}
            self.saved["start"] = {**start, **self.saved.get("start", {})}
        self.saved["ema_now"] = {name: tensor.clone() for name, tensor in self.saved["start"].items()}
        if self.schedule and len(self.training.validation) and self.training.strategy.solved_head:
            model, _ = self._open(self.schedule[0])
            feed = self.feeds(self.schedule[0].boundary)
            self.progress.best["start"] = (self._validation_loss(model, feed), -1)

    @torch.no_grad()
    def _average(self) -> None:
        horizon = max(1.0, EMA_SHARE * self.total_steps)
        decay = min(1 - 1 / horizon, (1 + self.progress.steps) / (10 + self.progress.steps))
        average = self.saved["ema_now"]
        for name, tensor in self._moving().items():
            if tensor.is_floating_point():
                average[name].lerp_(tensor, 1 - decay)
            else:
                average[name].copy_(tensor)

    def _look(self, model: nn.Module, feed: Feed) -> None:
        """Validation loss of the weights and of their average; keep either where it is the best yet."""
        if len(self.training.validation) == 0:
            return
        epoch = self.progress.epoch - 1
        loss = self._validation_loss(model, feed)
        self.progress.validation.append(loss)
        self._keep("trained", loss, epoch, self._full())
        average = dict(self.saved["ema_now"])
        with _swapped(self.whole, average):
            self._keep("ema", self._validation_loss(model, feed), epoch, average)

    def _keep(self, candidate: str, loss: float, epoch: int, tensors: Tensors) -> None:
        if loss < self.progress.best.get(candidate, (math.inf, 0))[0]:
            self.progress.best[candidate] = (loss, epoch)
            self.saved[candidate] = {name: tensor.clone() for name, tensor in tensors.items()}

    def _full(self) -> Tensors:
        """All tensors that any stage trains, as they are now."""
        state = self.whole.state_dict()
        return {name: state[name] for name in self.saved["start"]}

    @torch.inference_mode()
    def _validation_loss(self, model: nn.Module, feed: Feed) -> float:
        outputs = evaluate(model, feed, self.training.validation)
        targets = torch.from_numpy(self.training.targets[self.training.validation])
        return float(self.training.task.loss(outputs, targets).mean())

    def _over(self) -> bool:
        progress, recipe = self.progress, self.training.recipe
        progress.cut_short = progress.seconds > recipe.seconds and progress.epoch < recipe.epochs
        if recipe.stop_after is not None:
            return progress.epoch >= recipe.stop_after
        best = min((epoch for loss, epoch in [min(progress.best.values())]), default=0)
        patience = max(3, recipe.epochs // 3)
        last_stage = progress.stage == len(self.schedule) - 1
        return progress.cut_short or (last_stage and progress.epoch - 1 - best > patience)

    def _choose(self) -> tuple[Tensors, History]:
        """The candidate of least validation loss, the half-way point to the start among them."""
        best, saved = self.progress.best, self.saved
        if len(self.training.validation) == 0:
            saved = {**saved, "trained": self._full(), "ema": saved["ema_now"]}
            chosen, kept = self.training.recipe.keep, self.progress.epoch - 1
        else:
            ranked = {name: loss for name, (loss, _) in best.items() if math.isfinite(loss)}
            chosen = min(ranked, key=ranked.__getitem__, default="start")
            kept = best[chosen][1] if chosen in best else -1
        if self.training.strategy.solved_head and self.schedule:
            chosen = self._try_interpolation(chosen, saved)
        history = History(
            train=tuple(self.progress.train),
            validation=tuple(self.progress.validation),
            kept=kept if kept >= 0 else None,
            candidate=chosen,
            steps=self.progress.steps,
            seconds=self.progress.seconds,
            cut_short=self.progress.cut_short,
            diverged=self.progress.diverged,
        )
        self.training.checkpoint.unlink(missing_ok=True)
        return saved[chosen], history

    def _try_interpolation(self, chosen: str, saved: dict[str, Tensors]) -> str:
        """Half-way between the start and the best: often better than both on little data."""
        source = "ema" if chosen == "interpolated" and "ema" in saved else chosen
        if source == "start" or source not in saved:
            return chosen
        saved["interpolated"] = {n: torch.lerp(saved["start"][n], t, 0.5) for n, t in saved[source].items()}
        if len(self.training.validation) == 0:
            return chosen
        last = self.schedule[min(self.progress.stage, len(self.schedule) - 1)]
        model, _ = self._open(last)
        with _swapped(self.whole, saved["interpolated"]):
            loss = self._validation_loss(model, self.feeds(last.boundary))
        return "interpolated" if loss < self.progress.best[chosen][0] else chosen

    # ---- resume -------------------------------------------------------------------------------

    def _save(self, optimizer: Any) -> None:
        groups = {"now": self._full(), "optimizer": _checkpoint.optimizer_tensors(optimizer), **self.saved}
        _checkpoint.write(self.training.checkpoint, groups, asdict(self.progress))

    def _resume(self) -> Tensors | None:
        """Go to the last checkpoint of this very training; the optimizer's tensors, or None."""
        if not self.training.checkpoint.exists():
            return None
        groups, facts = _checkpoint.read(self.training.checkpoint)
        optimizer, now = groups.pop("optimizer"), groups.pop("now")
        self.saved = groups
        best = {name: (loss, epoch) for name, (loss, epoch) in facts.pop("best").items()}
        self.progress = _Progress(**facts, best=best)
        self.whole.load_state_dict(now, strict=False)
        return optimizer

    def _any(self) -> IntArray:
        return self.training.train[:2]


def _batches(training: Training, epoch: int) -> list[IntArray]:
    """The rows of each step: shuffled, in nearly equal batches (a batch of one breaks BatchNorm)."""
    rows, batch = training.train, training.recipe.batch
    repeats = max(1, math.ceil(MIN_STEPS * batch / len(rows)))
    draws = np.random.default_rng(derive(training.seed, "order", epoch))
    order = np.concatenate([draws.permutation(rows) for _ in range(repeats)])
    return np.array_split(order, max(1, round(len(order) / batch)))


def depth_of(name: str, stages: tuple[str, ...]) -> float:
    """Where `backbone.…` or `head.…` lies: 0 is the stem, 1 the top and the head."""
    if not name.startswith("backbone."):
        return 1.0
    inner = name.removeprefix("backbone.")
    below = [number for number, stage in enumerate(stages) if f"{inner}.".startswith(f"{stage}.")]
    return (max(below) + 1) / len(stages) if below else 1.0


@torch.inference_mode()
def evaluate(model: nn.Module, feed: Feed, rows: IntArray) -> Tensor:
    """(n, k) outputs of the rows in eval mode, on the CPU, float32."""
    model.eval()
    starts = range(0, len(rows), VALIDATION_BATCH)
    parts = [model(feed.still(rows[start : start + VALIDATION_BATCH])).float().cpu() for start in starts]
    return torch.cat(parts)


def _keep_statistics(model: nn.Module) -> None:
    """BatchNorm layers in eval mode: their statistics stay as inherited, their weights may move."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


class _swapped:
    """Other tensors in a model for the length of a block."""

    def __init__(self, model: nn.Module, tensors: Tensors) -> None:
        self.model, self.tensors = model, tensors

    def __enter__(self) -> None:
        state = self.model.state_dict()
        self.before = {name: state[name].clone() for name in self.tensors}
        self.model.load_state_dict(self.tensors, strict=False)

    def __exit__(self, *_: object) -> None:
        self.model.load_state_dict(self.before, strict=False)


def with_rate(training: Training, rate: float, **changes: Any) -> Training:
    """The same training at another learning rate."""
    return replace(training, recipe=replace(training.recipe, rate=rate, **changes))


__all__ = ["Feed", "Loop", "Training", "depth_of", "evaluate", "with_rate"]
_ = Iterator
