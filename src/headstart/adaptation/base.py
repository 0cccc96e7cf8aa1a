"""The contract of a strategy: how a base becomes a model of the task.

A strategy declares; the one training loop (`training/loop.py`) and the one solver of heads
(`tasks/solvers/linear.py`) act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..bases.base import FEATURES, INPUT

VIEWS = (4, 2, 0)
"""Augmented views of an example in the cache, the most wanted number first."""


@dataclass(frozen=True)
class Stage:
    """Some epochs during which everything above `boundary` is trained and everything below is still."""

    boundary: str
    """A stage of the base, or `bases.base.INPUT` to train everything."""
    epochs: int


HEAD_RATE = 4e-3
"""Learning rate of a head that is trained by steps on frozen features."""


class Strategy(Protocol):
    """One file of `adaptation/`: its `plugin`."""

    summary: str
    """One line for `headstart list`."""
    inherits: bool
    """Starts from the pre-trained weights (else from random ones)."""
    solved_head: bool
    """The head comes first, on frozen features: solved exactly, or trained where there is no solution."""
    still_statistics: bool
    """BatchNorm statistics stay as they were inherited."""
    joins: bool
    """Trains a small encoder from scratch beside the frozen base. Its gain says nothing of the base."""
    class_rows: bool
    """Rows of a head at zero start from the base's own where it knows a class of that name."""
    pairs: bool
    """Features are tuned by comparing examples, without a head; it is solved on what they have become."""
    adapters: bool
    """Small matrices beside the linear layers are trained in their place, and merged into them at the end."""
    modalities: tuple[str, ...]
    """What it can be used for; empty for anything."""
    needs_classes: bool
    """Is it of no use where examples have anything else than one class each?"""
    rates: tuple[float, ...]
    """Learning rates that are raced on validation; none where nothing is trained by steps."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """What is trained when; `cuts` are the planned boundaries of the base, top first."""
        ...

    def rate(self, depth: float) -> float:
        """Factor on the learning rate of a layer: depth 0 is the stem, 1 the top of the backbone."""
        ...


@dataclass(frozen=True)
class Counts:
    """How many examples there are to work on."""

    all: int
    pool: int
    train: int
    validation: int
    least: int
    """Training examples of the rarest class."""


@dataclass(frozen=True)
class Way:
    """What differs between one kind of task and base and another."""

    views: tuple[int, ...] = VIEWS
    """Augmented views to choose from, the most wanted first."""
    live: bool = False
    """What is below an opened part is run at each step: no cache can hold its output."""
    references: tuple[str, ...] = ("reinit", "scratch")
    curve: bool = True
    """Can there be a learning curve?"""
    lowest: str = INPUT
    """Boundary above the layer that looks inputs up, where there is one to train above."""
    batch: int | None = None
    """Examples of a training step; by how many there are, where it is None."""
    fewest: int = 12
    """Epochs of whole-network training at least."""
    head: bool = False
    """Is the head trained by steps?"""


@dataclass(frozen=True)
class Recipe:
    """The numbers that a strategy is run with: planned once, written down, reused on resume."""

    epochs: int = 0
    """Of the strategy's own stages."""
    batch: int = 16
    rate: float = 0.0
    cuts: tuple[str, ...] = ()
    """Boundaries that gradual unfreezing opens, top first."""
    size: int = 0
    """Of an input, in units of its preprocessing: the side of a picture, tokens of a text."""
    views: int = 0
    """Augmented views per example in the cache; 0 where inputs are augmented anew at each step."""
    live: bool = False
    """The frozen part is run at each step, on a fresh view, instead of once for the cache."""
    keep: str = "ema"
    """The candidate that is kept where there is no validation to choose on."""
    head_epochs: int = 0
    """Before those stages, with everything but the head frozen."""

    def stages(self, strategy: Strategy) -> list[Stage]:
        """What is trained when: the head alone, then what the strategy opens."""
        head = [Stage(FEATURES, self.head_epochs)] if self.head_epochs else []
        return [*head, *strategy.stages(self.cuts, self.epochs)]

    def ended(self, epochs: int) -> Recipe:
        """The same for so many epochs, from the start."""
        if epochs <= self.head_epochs:
            return replace(self, head_epochs=epochs, epochs=0, cuts=())
        return replace(self, epochs=epochs - self.head_epochs)


@dataclass(frozen=True)
class History:
    """What happened during one training: all losses are per example, one entry an epoch."""

    train: tuple[float, ...] = ()
    validation: tuple[float, ...] = ()
    watched: tuple[dict[str, float], ...] = ()
    """What else was noted after each epoch."""
    kept: int | None = None
    """The epoch whose weights are kept (0 is the first), None where the start is."""
    candidate: str = "start"
    """`start`, `trained`, `ema` or `interpolated`."""
    steps: int = 0
    seconds: float = 0.0
    cut_short: bool = False
    """Its time ended before its epochs did."""
    diverged: bool = False

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> History:
        """The history that was written as JSON."""
        series = {name: tuple(plain.get(name, ())) for name in ("train", "validation", "watched")}
        return cls(**{**plain, **series})

    @property
    def still_improving(self) -> bool:
        """The kept epoch is one of the last tenth, and no early stop ended it."""
        return self.kept is not None and self.kept >= len(self.train) - 1 - len(self.train) // 10
