"""A tiny base on a few pictures, as rank, adapt and verify get it, and ways to disturb a training.

A conftest imports the fixtures that its folder needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file

from headstart import data
from headstart.adaptation import strategy_named
from headstart.adaptation._boundaries import boundaries
from headstart.adaptation._fit import Fitted
from headstart.adaptation._plan import Plan
from headstart.adaptation.base import Job, Recipe, Strategy
from headstart.bases import load_base
from headstart.bases.base import Base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.errors import BaseError
from headstart.runtime import Clock, Runtime
from headstart.targets import of_classes
from headstart.tasks.answers.classes import Classes
from headstart.tasks.image_classification import plugin as images
from headstart.types import Splits
from pictures import write_folder

T = TypeVar("T")
NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Ground:
    """What a stage stands on."""

    bench: Bench
    splits: Splits

    def job(self, strategy: str, seed: int = 0, **changes: Any) -> Job:
        """A short training of a strategy; `changes` are of the job or of its recipe."""
        own = {name: changes.pop(name) for name in list(changes) if name in Job.__dataclass_fields__}
        one = recipe(strategy, self.bench, **changes)
        job = Job(
            strategy,
            strategy_named(strategy),
            0,
            one,
            self.splits.train,
            self.splits.validation,
            number=seed,
        )
        return replace(job, **own)

    def full_length(self, strategy: str, **changes: Any) -> Job:
        """The same without validation: runs all its epochs and keeps the last weights."""
        return self.job(strategy, **{"validation": NOBODY, "keep": "trained", **changes})

    def with_task(self, task: Any) -> Bench:
        """The bench with another task."""
        bench = self.bench
        return Bench(task, bench.examples, bench.pool, bench.base, bench.passes)

    def with_runtime(self, runtime: Runtime) -> Bench:
        """The bench with another clock or reporter."""
        bench = self.bench
        return Bench(
            bench.task, bench.examples, bench.pool, bench.base, FrozenPass(bench.passes.cache, runtime)
        )

    def scrambled(self) -> Ground:
        """The same with other test labels."""
        before = self.splits.examples.targets
        numbers = before.right.copy()
        numbers[self.splits.test] = (numbers[self.splits.test] + 1) % len(before.categories)
        assert (numbers != before.right).sum() == len(self.splits.test)
        examples = replace(self.splits.examples, targets=of_classes(numbers, before.categories))
        bench = self.bench
        other = Bench(bench.task, examples, bench.pool, bench.base, bench.passes)
        return Ground(other, self.splits.but(examples=examples))


def ground(base: Base, folder: Path, cache: Cache, clock: Clock | None = None, **pictures: Any) -> Ground:
    """Pictures written to `folder`, split, and the base on them."""
    splits = data.load(write_folder(folder, **pictures), images)
    pool = np.concatenate([splits.train, splits.validation])
    bench = Bench(images, splits.examples, pool, base, FrozenPass(cache, Runtime(clock=clock or Clock())))
    return Ground(bench, splits)


def renamed(base: Base, name: str, **changes: Any) -> Base:
    """The base under another name, and another hash where other weights are given."""
    sha256 = name if "state" in changes else base.card.sha256
    return replace(base, name=name, card=replace(base.card, name=name, sha256=sha256), **changes)


def recipe(strategy: str, bench: Bench, **changes: Any) -> Recipe:
    """Three epochs at the strategy's middle rate, from the cache where it uses that."""
    how: Strategy = strategy_named(strategy)
    rates, pairs = how.rates, how.shown(1) is not None
    usual = {
        "epochs": 1 if pairs else 3,
        "batch": 8,
        "rate": rates[len(rates) // 2] if rates else 0.0,
        "cuts": boundaries(bench.base.card, len(bench.examples), float("inf")),
        "size": bench.base.preprocess.size,
        "views": 0 if pairs else 1,
        "live": pairs,
    }
    return Recipe(**{**usual, **changes})


def needs_layers(strategy: str, base: Base) -> bool:
    """Can this base not be adapted so, because it has no linear layers?"""
    try:
        strategy_named(strategy).require(base)
    except BaseError:
        return True
    return False


def plan(bench: Bench, *strategies: str, seeds: int = 2, reinit: str = "frozen", epochs: int = 2) -> Plan:
    """A plan of short recipes; all seeds are trained."""
    names = dict.fromkeys(["frozen", *strategies, "scratch"])
    recipes = {name: recipe(name, bench, epochs=epochs) for name in names}
    seconds = dict.fromkeys(["frozen", *strategies, "reinit", "scratch"], 1.0)
    return Plan(1.0, 1, 0, seeds, recipes, reinit, seconds, first=seeds)


def same(first: Fitted, second: Fitted) -> bool:
    """Are the weights equal bit for bit, and the histories but for the time they took?"""
    return same_tensors(first.kept, second.kept) and replace(first.history, seconds=0) == replace(
        second.history, seconds=0
    )


def same_tensors(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    """Are the names and the bits equal?"""
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


class Killed(BaseException):
    """Stands for a kill: nothing in the package may catch it."""


def asking(answer: Any) -> Any:
    """The task of the pictures with another answer."""
    return replace(images, answer=answer)


class Mortal(Classes):
    """Classes whose loss is computed `calls` times, and then the training is killed."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        self.live()
        return super().loss(outputs, targets)

    def live(self) -> None:
        """One loss more."""
        self.calls -= 1
        if self.calls < 0:
            raise Killed


class Scripted(Classes):
    """Classes whose validation loss gets worse at each look, and whose training loss ends as NaN."""

    def __init__(self, numbers_until: float = float("inf"), worse: bool = True) -> None:
        self.steps, self.looks, self.numbers_until, self.worse = 0, 0, numbers_until, worse

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        loss = super().loss(outputs, targets)
        if outputs.requires_grad:
            self.steps += 1
            return loss * (1.0 if self.steps <= self.numbers_until else float("nan"))
        self.looks += 1
        return torch.full_like(loss, float(self.looks)) if self.worse else loss


class Listening:
    """A reporter that remembers the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        yield from items


@pytest.fixture(scope="session")
def base(tiny_base) -> Base:
    return load_base(str(tiny_base))


@pytest.fixture(scope="session")
def home(base, tmp_path_factory) -> Ground:
    """Three classes of six pictures; its cache is shared by the tests."""
    folder = tmp_path_factory.mktemp("home")
    return ground(base, folder / "photos", Cache(folder / "cache"), per_class=6)


@pytest.fixture(scope="session")
def home_of_layers(tmp_path_factory) -> Ground:
    """The same for a base with linear layers, a tiny ViT."""
    folder = tmp_path_factory.mktemp("layers")
    base = load_base(str(write_vit(folder / "vit")))
    return ground(base, folder / "photos", Cache(folder / "cache"), per_class=6)


def write_vit(folder: Path) -> Path:
    """A model folder in timm's format."""
    args = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 2}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = timm.create_model("vit_tiny_patch16_224", num_classes=0, **args)
        for parameter in network.parameters():
            parameter.data.add_(0.05 * torch.randn_like(parameter))
    facts = {"input_size": [3, 32, 32], "mean": [0.5] * 3, "std": [0.25] * 3, "fixed_input_size": True}
    config = {"architecture": "vit_tiny_patch16_224", "model_args": args, "pretrained_cfg": facts}
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder


@pytest.fixture
def fresh(tmp_path_factory):
    """`fresh()` is a new empty folder."""
    return lambda: tmp_path_factory.mktemp("run")
