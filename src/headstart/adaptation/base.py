"""The contract of a strategy: how a base becomes a model of the task.

A strategy declares and, where it does something of its own, overrides a method; the one training loop
(`training/loop.py`) and the one solver of heads (`tasks/solvers/linear.py`) act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from ..bases.base import FEATURES, Base, Classes
from ..bench import Bench
from ..runtime import derive
from ..types import Architecture, IntArray

if TYPE_CHECKING:
    from ..tasks.answers.base import Answer
    from .training.loop import Feed, Training

HEAD_RATE = 4e-3
"""Learning rate of a head that is trained by steps on frozen features."""


@dataclass(frozen=True)
class Stage:
    """Some epochs during which everything above `boundary` is trained and everything below is still."""

    boundary: str
    """A stage of the base, or `bases.base.INPUT` to train everything."""
    epochs: int


@dataclass(frozen=True)
class Strategy:
    """One file of `adaptation/`: its `plugin`. What it does not say otherwise is feature extraction."""

    summary: str
    """One line for `headstart list`."""
    rates: tuple[float, ...] = ()
    """Learning rates that are raced on validation; none where nothing is trained by steps."""
    inherits: bool = True
    """Starts from the pre-trained weights (else from random ones)."""
    solved_head: bool = True
    """The head comes first, on frozen features: solved exactly, or trained where there is no solution."""
    still_statistics: bool = True
    """BatchNorm statistics stay as they were inherited."""
    proves: bool = True
    """Is what it gains the doing of the pre-trained weights?"""
    needs_classes: bool = False
    """Is it of no use where examples have anything else than one class each?"""
    beyond_classes: tuple[str, ...] = ()
    """Modalities where it is of use for other answers too."""
    modalities: tuple[str, ...] = ()
    """What it can be used for; empty for anything."""
    only_listed: bool = False
    """Is it for the tasks alone that have it among their strategies?"""
    top: str = FEATURES
    """The boundary that its head reads."""

    def stages(self, cuts: Sequence[str], epochs: int) -> list[Stage]:
        """What is trained when; `cuts` are the planned boundaries of the base, top first."""
        return []

    def rate(self, depth: float) -> float:
        """Factor on the learning rate of a layer: depth 0 is the stem, 1 the top of the backbone."""
        return 1.0

    def own(self, recipe: Recipe, lowest: str) -> Recipe | None:
        """The recipe with numbers of its own; None where they are what the time allows.

        `lowest` is the boundary above the layer that looks inputs up, where there is one to train above.
        """
        return None

    def shown(self, train: int) -> float | None:
        """Examples that its steps run, with numbers of its own, of so many training examples."""
        return None

    def added(self, bench: Bench, inputs: Tensor) -> Callable[[], object] | None:
        """A training step on a batch of what it puts beside the base, to be timed, if it does."""
        return None

    def require(self, base: Base) -> None:
        """Raise BaseError where a base cannot be adapted so."""

    def shape(self, base: Base) -> tuple[Architecture, int]:
        """The architecture of what it makes of the base, and the width of its features."""
        return base.architecture, base.card.width

    def classes(self, base: Base) -> Classes | None:
        """What the base knows of classes, where rows of the head start from it."""
        return None

    def answer(self, bench: Bench) -> Answer:
        """What reads its answers off what it makes, and builds the head that ships."""
        return bench.task.answer

    def passes(self, base: Base) -> float:
        """What its own frozen pass over an example costs, in those of the base."""
        return 0.0

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """What it makes of the network before anything is trained."""
        return start

    def training(self, training: Training, start: Start, bench: Bench) -> Training:
        """What it tells the loop otherwise, of a training that begins there."""
        return training

    def finish(self, kept: dict[str, Tensor], start: Start, job: Job, bench: Bench) -> dict[str, Tensor]:
        """What is kept of a training: tensors to load over `backbone.…` and `head.…`."""
        return kept

    def plain(self, network: nn.Module) -> nn.Module:
        """The trained network as it ships."""
        return network


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
    whole: bool = False
    """A fitter makes the whole model: nothing is trained by steps, whatever the strategy says."""

    def stages(self, strategy: Strategy) -> list[Stage]:
        """What is trained when: the head alone, then what the strategy opens."""
        if self.whole:
            return []
        head = [Stage(FEATURES, self.head_epochs)] if self.head_epochs else []
        return [*head, *strategy.stages(self.cuts, self.epochs)]

    def ended(self, epochs: int) -> Recipe:
        """The same for so many epochs, from the start."""
        if epochs <= self.head_epochs:
            return replace(self, head_epochs=epochs, epochs=0, cuts=())
        return replace(self, epochs=epochs - self.head_epochs)


@dataclass(frozen=True)
class Job:
    """One arm with one paired seed."""

    arm: str
    strategy: Strategy
    run: int
    """The run's seed, which all of its paired seeds are derived from."""
    recipe: Recipe
    train: IntArray
    validation: IntArray
    fresh: bool = False
    """Re-initialised weights whatever the strategy says: the `reinit` arm."""
    part: str = ""
    """Tells apart a race's trial or the refit from the arm's own seed."""
    number: int = 0
    """Of the paired seed: all arms train with the same ones."""

    @property
    def stages(self) -> list[Stage]:
        """What is trained when."""
        return self.recipe.stages(self.strategy)

    @property
    def lowest(self) -> str:
        """The lowest boundary that is opened; what the head reads where none is."""
        return self.stages[-1].boundary if self.stages else self.strategy.top

    @property
    def inherits(self) -> bool:
        """Does it start from the pre-trained weights?"""
        return self.strategy.inherits and not self.fresh

    @property
    def seed(self) -> int:
        """What everything that is random in it is drawn from; no two runs share one."""
        return derive(self.run, "arm", self.number)

    @property
    def views(self) -> list[int]:
        """What its cached augmented views are drawn from: all arms and paired seeds of a run share them."""
        return [derive(self.run, "views", number) for number in range(self.recipe.views)]

    @property
    def name(self) -> str:
        """Of its files in the run folder."""
        return "-".join(filter(None, [self.arm, self.part, str(self.number)]))


@dataclass(frozen=True)
class Start:
    """Where a job begins."""

    network: nn.Module
    head: nn.Module
    feeds: Callable[[str], Feed]
    """By boundary, where its batches come from."""
    identity: str
    """Of the network's weights, as the cache knows them."""
    trained: nn.Module
    """What is trained on top of the network: the head, or nothing."""
    measured: Mapping[str, Tensor]
    """BatchNorm statistics of random weights that are kept still, by name."""
    given: bool = False
    """Is what a job has left loaded over it? Then nothing has to be solved."""


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
