"""How long to pre-train: planned once from measured speed, written down, reused on resume."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import torch
from torch import nn

from ..adaptation import Recipe
from ..adaptation.training.half import agrees, in_half, worth_a_try
from ..adaptation.training.loop import MIN_STEPS, Feed
from ..adaptation.training.objective import Objective
from ..errors import HeadstartError
from ..preprocessing.base import Lengthy, Preprocess
from ..runtime import Runtime, seeded, using_threads
from ..types import IntArray

MINUTES = 10.0
"""Where neither minutes nor epochs are asked for."""
SHARE = 0.9
"""Of the minutes that the epochs should take: looking, saving and reading take the rest."""
BATCH = 64
"""Examples a step."""
RATES = {"image": (1.5e-3, 1e-3), "text": (1e-3, 2e-4), "translation": (3e-3, 1e-3)}
"""Peak learning rate from scratch, and from a base, by modality."""
TOKENS = 8192
"""A step at most, of texts: attention and the words to choose from cost memory for each."""
PROBED = 3
"""Steps that are timed, after one that is not."""
ADVANTAGE = 1.25
"""By so much more threads, or half precision, have to be faster to be taken: they change the last bits."""


@dataclass(frozen=True)
class Trial:
    """A model to time training steps of; nothing but BatchNorm's statistics of this copy change."""

    model: nn.Module
    feed: Feed
    objective: Objective
    rows: IntArray

    def seconds(self, batch: int, half: bool) -> float:
        """The quickest of a few steps."""
        self.model.train()
        rows, times = self.rows[:batch], []
        trained = [one for one in self.model.parameters() if one.requires_grad]
        with seeded(0):
            for number in range(1 + PROBED):
                started = time.perf_counter()
                inputs = self.feed.tensor(self.feed.fetch(rows, 0, number))
                with in_half(half):
                    outputs = self.model(inputs)
                torch.autograd.grad(self.objective.loss(outputs.float(), rows), trained, allow_unused=True)
                times.append(time.perf_counter() - started)
        return min(times[1:])

    def agrees(self, batch: int) -> bool:
        """Are the numbers of a step in bfloat16 nearly those in float32?"""
        rows = self.rows[:batch]
        with seeded(0):
            inputs = self.feed.tensor(self.feed.fetch(rows, 0, 0))
        return agrees(self.model, inputs, lambda outputs: self.objective.loss(outputs, rows))


@dataclass(frozen=True)
class Plan:
    """What is run."""

    recipe: Recipe
    threads: int
    half: bool
    """bfloat16 where that is safe."""

    def as_json(self) -> dict[str, object]:
        """For settings.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Plan:
        """What `as_json` gave."""
        recipe = {**plain["recipe"], "cuts": tuple(plain["recipe"]["cuts"])}
        return cls(Recipe(**recipe), int(plain["threads"]), bool(plain["half"]))


def make(trial: Trial, recipe: Recipe, minutes: float | None, runtime: Runtime) -> Plan:
    """As many epochs as the minutes allow, unless the recipe says how many; the quickest way to train."""
    ways = list(_ways(trial, recipe.batch, runtime))
    # the first is the plainest
    threads, half, seconds = min(ways, key=lambda way: way[2] * (1 if way is ways[0] else ADVANTAGE))
    if recipe.epochs:
        return Plan(recipe, threads, half)
    steps = max(MIN_STEPS, round(len(trial.rows) / recipe.batch))
    budget = 60 * SHARE * (MINUTES if minutes is None else minutes)
    return Plan(replace(recipe, epochs=max(1, int(budget / (steps * seconds)))), threads, half)


def _ways(trial: Trial, batch: int, runtime: Runtime) -> Iterator[tuple[int, bool, float]]:
    """(threads, half precision, seconds a step).

    Threads of a small network mostly wait for each other, and few CPUs compute faster in half precision.
    """
    if runtime.device != "cpu":
        yield runtime.threads, False, trial.seconds(batch, False)
        return
    halves = (False, True) if worth_a_try(runtime) and trial.agrees(batch) else (False,)
    for number, (threads, half) in enumerate(product(sorted({1, runtime.threads}), halves)):
        try:
            with using_threads(threads):
                yield threads, half, trial.seconds(batch, half)
        except HeadstartError:  # of the data
            raise
        except Exception:  # whatever a library says to a network that it does not take
            if not number:  # the plainest way has to work
                raise


def recipe(examples: int, preprocess: Preprocess, continued: bool, epochs: int | None) -> Recipe:
    """The numbers that do not depend on this machine's speed; 0 epochs where those are to be planned."""
    longest = preprocess.size if isinstance(preprocess, Lengthy) else 1
    return Recipe(
        epochs=epochs or 0,
        batch=min(BATCH, examples, max(1, TOKENS // longest)),
        rate=RATES.get(preprocess.modality, RATES["image"])[continued],
        size=preprocess.size,
        live=True,
    )
