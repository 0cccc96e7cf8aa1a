"""How long to pre-train: planned once from measured speed, written down, reused on resume."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ..adapt import Recipe
from ..adapt._loop import MIN_STEPS, Feed
from ..adapt._objective import Objective
from ..runtime import Runtime, seeded, using_threads

MINUTES = 10.0
"""Where neither minutes nor epochs are asked for."""
SHARE = 0.9
"""Of the minutes that the epochs should take: looking, saving and reading take the rest."""
BATCH, LARGE_BATCH, LARGE = 64, 128, 20_000
"""Examples a step; the larger batch where there are so many examples."""
RATE, CONTINUED_RATE = 3e-3, 1e-3
"""Peak learning rate from scratch, and from a base."""
PROBED = 3
"""Steps that are timed, after one that is not."""


@dataclass(frozen=True)
class Plan:
    """What is run."""

    recipe: Recipe
    threads: int

    def as_json(self) -> dict[str, Any]:
        """For settings.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Plan:
        """What `as_json` gave."""
        recipe = {**plain["recipe"], "cuts": tuple(plain["recipe"]["cuts"])}
        return cls(Recipe(**recipe), int(plain["threads"]))


def make(
    model: nn.Module,
    feed: Feed,
    objective: Objective,
    rows: np.ndarray[Any, np.dtype[np.int64]],
    recipe: Recipe,
    minutes: float | None,
    runtime: Runtime,
) -> Plan:
    """As many epochs as the minutes allow, unless the recipe says how many; the better number of threads."""
    batch = rows[: recipe.batch]
    many, one = runtime.threads, float("inf")
    together = _step_seconds(model, feed, objective, batch)
    if many > 1:
        with using_threads(1):
            one = _step_seconds(model, feed, objective, batch)
    # threads of a small network mostly wait for each other
    threads = 1 if one < 1.1 * together else many
    if recipe.epochs:
        return Plan(recipe, threads)
    steps = max(MIN_STEPS, round(len(rows) / recipe.batch))
    budget = 60 * SHARE * (MINUTES if minutes is None else minutes)
    return Plan(replace(recipe, epochs=max(1, int(budget / (steps * min(one, together))))), threads)


def recipe(examples: int, size: int, continued: bool, epochs: int | None) -> Recipe:
    """The numbers that do not depend on this machine's speed; 0 epochs where those are to be planned."""
    return Recipe(
        epochs=epochs or 0,
        batch=min(LARGE_BATCH if examples >= LARGE else BATCH, examples),
        rate=CONTINUED_RATE if continued else RATE,
        size=size,
        live=True,
    )


def _step_seconds(
    model: nn.Module, feed: Feed, objective: Objective, rows: np.ndarray[Any, np.dtype[np.int64]]
) -> float:
    """The quickest of a few training steps that change nothing but BatchNorm's statistics of this copy."""
    model.train()
    times = []
    with seeded(0):
        for number in range(1 + PROBED):
            started = time.perf_counter()
            loss = objective.loss(model(feed.tensor(feed.fetch(rows, 0, number))), rows)
            torch.autograd.grad(
                loss, [one for one in model.parameters() if one.requires_grad], allow_unused=True
            )
            times.append(time.perf_counter() - started)
    return min(times[1:])
