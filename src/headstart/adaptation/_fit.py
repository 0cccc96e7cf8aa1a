"""Fit one arm with one seed, or take it from the run folder where that was done before.

Notation: n examples, d feature width, k classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .. import registry
from ..bases.base import FEATURES, INPUT, Brought, Classes
from ..bases.networks.adapters import Adapted
from ..bases.networks.costs import fingerprint
from ..bases.networks.cuts import cut
from ..bases.networks.example import example
from ..bases.networks.maps import maps_of
from ..bases.networks.memory import laid_out
from ..bases.networks.refined import JOINED, Refined, added
from ..bases.passes.frozen import seed_of
from ..bench import Bench
from ..runtime import derive, seeded
from ..tasks.solvers import linear
from ..tasks.solvers.base import as_state
from ..types import Architecture, IntArray
from ._class_rows import carry_over, matches, reuse
from ._pairs import Pairs
from .base import History, Recipe, Strategy
from .training import checkpoints
from .training.feed import CachedFeed, JoinedFeed, LiveFeed, PrefixFeed, places
from .training.loop import Feed, Loop, Training, evaluate
from .training.objective import objective_of

CALIBRATION_BATCHES = 8
ANSWERS = 64
"""Examples that are answered together."""


@dataclass(frozen=True)
class Job:
    """One arm with one paired seed."""

    arm: str
    strategy: str
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
class Fitted:
    """What a job left: the weights that it changed, and how it went."""

    job: Job
    kept: dict[str, Tensor]
    """Tensors to load over the network that the job started from: `backbone.…`, `head.…`."""
    history: History
    seconds: float


def fit(job: Job, bench: Bench, folder: Path, deadline: float = math.inf) -> Fitted:
    """Fit the job; a job that is already in the folder is read, an interrupted one goes on."""
    path, checkpoint = fitted_file(job, folder), folder / f"{job.name}.checkpoint"
    if path.exists():
        groups, facts = checkpoints.read(path)
        return Fitted(job, groups["kept"], History.from_json(facts["history"]), facts["seconds"])
    started = time.monotonic()
    network, head, feeds = _start(job, bench)
    strategy: Strategy = registry.get("adaptation", job.strategy)
    kept = {f"head.{name}": tensor.clone() for name, tensor in head.state_dict().items()}
    history = History()
    if job.recipe.stages(strategy):
        training = _training(job, bench, checkpoint, deadline)
        trained = nn.Identity() if strategy.pairs else head
        kept, history = Loop(network, trained, training, feeds, bench.runtime).run()
    if strategy.pairs:
        nn.ModuleDict({"backbone": network}).load_state_dict(kept, strict=False)
        kept = kept | _solved_on(network, job, bench, feeds)
    seconds = max(history.seconds, time.monotonic() - started)
    checkpoints.write(path, {"kept": kept}, {"history": asdict(history), "seconds": seconds})
    checkpoint.unlink(missing_ok=True)
    bench.runtime.log("fitted", job=job.name, seconds=round(seconds, 2), candidate=history.candidate)
    return Fitted(job, kept, history, seconds)


def _training(job: Job, bench: Bench, checkpoint: Path, deadline: float) -> Training:
    """What the loop is told of the job."""
    strategy: Strategy = registry.get("adaptation", job.strategy)
    pairs = Pairs(bench.examples.answers) if strategy.pairs else None
    inputs = bench.subject(job.recipe.size).inputs
    return Training(
        objective=pairs or objective_of(bench.task, bench.examples, job.train, inputs),
        strategy=strategy,
        recipe=job.recipe,
        seed=job.seed,
        train=job.train,
        validation=np.zeros(0, dtype=np.int64) if pairs else job.validation,
        stages=() if strategy.joins or strategy.adapters else bench.base.card.stages,
        checkpoint=checkpoint,
        deadline=deadline,
        begun=_brought(job, bench) is not None,
        sampler=pairs.batches if pairs else None,
        lengths=places(inputs, job.train, len(bench.examples)),
    )


def _solved_on(network: nn.Module, job: Job, bench: Bench, feeds: Callable[[str], Feed]) -> dict[str, Tensor]:
    """The head for what the network makes of the training rows."""
    boundary = lowest(job)
    suffix = cut(network, boundary, feeds(INPUT).still(job.train[:1])).suffix
    features = evaluate(suffix, feeds(boundary), job.train).double().numpy()
    solved = linear.solve(features, bench.examples.answers[job.train], len(bench.examples.categories))
    return {f"head.{name}": tensor for name, tensor in as_state(solved).items()}


def fitted_file(job: Job, folder: Path) -> Path:
    """Where a finished job is kept."""
    return folder / f"{job.name}.safetensors"


def outputs(fitted: Fitted, bench: Bench, rows: IntArray) -> Any:
    """(n, k) outputs of a fitted job for the rows, or (n,) answers of an open-ended task; not augmented."""
    network, head, feeds = _start(fitted.job, bench, solve=False)
    whole = nn.ModuleDict({"backbone": network, "head": head})
    whole.load_state_dict(fitted.kept, strict=False)
    # what has no head is answered by the whole network
    answer = bench.task.answer
    boundary = INPUT if answer.headed == "none" else lowest(fitted.job)
    feed = feeds(boundary)
    model = nn.Sequential(cut(network, boundary, feeds(INPUT).still(rows[:1])).suffix, head)
    if answer.solver is None:
        return _answers(model, bench, feed, rows)
    quickest = bench.subject(fitted.job.recipe.size).inputs.ordered(rows)
    found = np.asarray(evaluate(model, feed, quickest).numpy(), dtype=np.float64)
    place = np.empty(len(bench.examples), dtype=np.int64)
    place[quickest] = np.arange(len(rows))
    return found[place[rows]]


@torch.no_grad()
def _answers(model: nn.Module, bench: Bench, feed: Feed, rows: IntArray) -> Any:
    """(n,) answers of a model, a few at a time."""
    model.eval()
    starts = range(0, len(rows), ANSWERS)
    how = bench.base.preprocess
    parts = [
        bench.task.answer.answers(model, feed.still(rows[start : start + ANSWERS]), how) for start in starts
    ]
    return np.asarray(np.concatenate(parts))


def model_of(fitted: Fitted, bench: Bench) -> tuple[nn.Module, nn.Module]:
    """The whole backbone and head of a fitted job, ready to ship."""
    network, head, _ = _start(fitted.job, bench, solve=False)
    nn.ModuleDict({"backbone": network, "head": head}).load_state_dict(fitted.kept, strict=False)
    plain = network.merged() if isinstance(network, Adapted) else network
    return plain.eval(), head.eval()


def lowest(job: Job) -> str:
    """The lowest boundary that the job's strategy opens; FEATURES where it opens nothing."""
    strategy: Strategy = registry.get("adaptation", job.strategy)
    stages = job.recipe.stages(strategy)
    return stages[-1].boundary if stages else JOINED if strategy.joins else FEATURES


def race(job: Job, bench: Bench, folder: Path, deadline: float) -> Recipe:
    """The job's recipe at the learning rate that does best on validation in a third of the epochs.

    A rate at which the loss stops being a number is out.
    """
    rates = registry.get("adaptation", job.strategy).rates
    if len(rates) < 2 or len(job.validation) == 0:
        return replace(job.recipe, rate=rates[len(rates) // 2] if rates else 0.0)
    short = max(2, job.recipe.epochs // 3)
    losses, clock = {}, bench.runtime.clock
    for number, rate in enumerate(rates):
        recipe = replace(job.recipe, rate=rate, epochs=short, head_epochs=-(-job.recipe.head_epochs // 3))
        share = clock.elapsed() + (deadline - clock.elapsed()) / (len(rates) - number)
        trial = fit(replace(job, recipe=recipe, part=f"rate{rate:g}"), bench, folder, share)
        out = trial.history.diverged or not all(map(math.isfinite, trial.history.validation))
        losses[rate] = math.inf if out else min(trial.history.validation, default=math.inf)
    best = min(losses, key=losses.__getitem__)
    bench.runtime.log("race", arm=job.arm, losses={f"{rate:g}": loss for rate, loss in losses.items()})
    return replace(job.recipe, rate=best)


def _start(job: Job, bench: Bench, solve: bool = True) -> tuple[nn.Module, nn.Module, Callable[[str], Feed]]:
    """Where the job starts: backbone, head, and where its batches come from."""
    strategy: Strategy = registry.get("adaptation", job.strategy)
    inherits = strategy.inherits and not job.fresh
    network = bench.base.network() if inherits else _random(job, bench)
    identity = bench.base.identity if inherits else fingerprint(network.state_dict())
    size = job.recipe.size
    network = laid_out(network, bench.runtime.device, example(bench.base.preprocess.at(size)))
    feeds = _feeds(job, bench, network, identity)
    with seeded(derive(job.seed, "head")):
        head = bench.task.answer.head(shape_of(job, bench)[1], bench.examples.categories, maps_of(network))
    answer, right = bench.task.answer, bench.examples.answers[job.train]
    answer.begun(head, right)
    if strategy.solved_head and solve and answer.solver is not None:
        plain = bench.activations(network, identity, _planned(job))[FEATURES]
        solved = answer.solver.solve(plain.read(job.train), right, len(bench.examples.categories))
        state = answer.as_state(head, solved)
        beside = head.state_dict()["weight"].shape[1] - state["weight"].shape[1]
        padded = nn.functional.pad(state["weight"], (0, beside))
        head.load_state_dict({**head.state_dict(), **state, "weight": padded})
    if classes := _known_classes(job, bench):
        reuse(head, bench.examples.categories, classes)
    if brought := _brought(job, bench):
        carry_over(head, brought)
    if strategy.joins:
        network, feeds = _joined(job, bench, network, identity, feeds)
    if strategy.adapters and lowest(job) == INPUT:
        with seeded(derive(job.seed, "adapters")):
            network = Adapted(network).eval()
    return network, head.to(bench.runtime.device), feeds


def _known_classes(job: Job, bench: Bench) -> Classes | None:
    """The base's classes, where the job's head starts from them; heads that are trained have other rows."""
    strategy: Strategy = registry.get("adaptation", job.strategy)
    taken = strategy.class_rows and strategy.inherits and not job.fresh and bench.task.answer.classes
    return bench.base.classes if taken else None


def _brought(job: Job, bench: Bench) -> Brought | None:
    """The head that came with the base, where the job starts from it."""
    head = bench.base.head
    if head is None or job.fresh or not registry.get("adaptation", job.strategy).inherits:
        return None
    return head if head.architecture == bench.task.answer.head_architecture else None


def reused(job: Job, bench: Bench) -> int:
    """How many classes of the job's head start from what the base knows of them."""
    known = _known_classes(job, bench) or _brought(job, bench)
    return len(matches(bench.examples.categories, known.labels)) if known else 0


def shape_of(job: Job, bench: Bench) -> tuple[Architecture, int]:
    """The architecture of the job's network, and the width of its features."""
    base, width = bench.base.architecture, bench.base.card.width
    if not registry.get("adaptation", job.strategy).joins:
        return base, width
    refined = Architecture("builtin", "refined", {"base": asdict(base), "width": width})
    return refined, width + added()


def _joined(
    job: Job, bench: Bench, network: nn.Module, identity: str, feeds: Callable[[str], Feed]
) -> tuple[nn.Module, Callable[[str], Feed]]:
    """The network with a new encoder beside it, and feeds that join the features with pixels."""
    with seeded(derive(job.seed, "encoder")):
        refined = Refined(asdict(bench.base.architecture), bench.base.card.width)
    refined.base = network
    refined = refined.to(bench.runtime.device)
    live = LiveFeed(bench.subject(job.recipe.size).inputs, job.seed, bench.runtime.device)

    def feed(boundary: str) -> Feed:
        if boundary != JOINED:
            return feeds(boundary)
        plain = bench.activations(network, identity, [FEATURES])[FEATURES]
        return JoinedFeed(plain, live, refined)

    return refined, feed


def _planned(job: Job) -> list[str]:
    return [FEATURES, *_cached(job)]


def _cached(job: Job) -> list[str]:
    return [] if job.recipe.live else [name for name in job.recipe.cuts if name != INPUT]


def _feeds(job: Job, bench: Bench, network: nn.Module, identity: str) -> Callable[[str], Feed]:
    """The feed at each boundary: live at the input, above it from the frozen pass or a frozen prefix."""
    device = bench.runtime.device

    def feed(boundary: str) -> Feed:
        live = LiveFeed(bench.subject(job.recipe.size).inputs, job.seed, device)
        if boundary == INPUT:
            return live
        if job.recipe.live and boundary != FEATURES:
            return PrefixFeed(live, cut(network, boundary, live.still(job.train[:1])).prefix)
        plain = bench.activations(network, identity, _planned(job))[boundary]
        kept = [FEATURES] if bench.task.answer.headed == "trained" else _cached(job)
        views = {
            seed_of(view): bench.activations(network, identity, kept, bench.pool, view)[boundary]
            for view in (job.views if boundary in kept else ())
        }
        return CachedFeed(plain, views, job.seed, device)

    return feed


def _random(job: Job, bench: Bench) -> nn.Module:
    """Random weights drawn from the job's seed.

    Where a strategy keeps BatchNorm statistics still, they are first measured on the training
    examples: random features without that are a weaker rival than they need to be.
    """
    strategy: Strategy = registry.get("adaptation", job.strategy)
    size = job.recipe.size
    with seeded(derive(job.seed, "init")):
        network = bench.base.build(size)
        if strategy.still_statistics:
            _calibrate(network, bench, job)
    return network.eval()


@torch.no_grad()
def _calibrate(network: nn.Module, bench: Bench, job: Job) -> None:
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    inputs = bench.subject(job.recipe.size).inputs
    network.train()
    for start in range(0, min(len(job.train), 16 * CALIBRATION_BATCHES), 16):
        network(inputs.batch(job.train[start : start + 16]))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
