"""Where a job starts: its backbone, its head, and where its batches come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from .. import registry, workers
from ..bases.base import FEATURES, INPUT, Brought, Classes
from ..bases.networks.costs import fingerprint
from ..bases.networks.cuts import cut
from ..bases.networks.example import example
from ..bases.networks.maps import maps_of
from ..bases.networks.memory import laid_out
from ..bases.passes.frozen import seed_of
from ..bench import Bench
from ..runtime import derive, seeded
from ._class_rows import carry_over, matches, reuse
from .base import Job, Recipe, Start
from .training.feed import CachedFeed, LiveFeed, PrefixFeed
from .training.loop import Feed

CALIBRATION_BATCHES = 8
BatchNorm = nn.modules.batchnorm._BatchNorm
STATISTICS = "statistics."
"""Before the names of what was measured, in what a job leaves."""


def start(job: Job, bench: Bench, left: Mapping[str, Tensor] | None = None) -> Start:
    """Where the job begins.

    Its head is solved where its strategy says so, and what random weights make of the training examples is
    measured; neither where `left`, what the job has left, says it.
    """
    strategy, answer = job.strategy, bench.task.answer
    network = bench.base.network() if job.inherits else _random(job, bench)
    measured = {} if job.inherits else _statistics(network, job, bench, left)
    network.load_state_dict(measured, strict=False)
    identity = bench.base.identity if job.inherits else fingerprint(network.state_dict())
    size = job.recipe.size
    network = laid_out(network, bench.runtime.device, example(bench.base.preprocess.at(size)))
    with seeded(derive(job.seed, "head")):
        width = strategy.shape(bench.base)[1]
        head = answer.head(width, bench.examples.categories, maps_of(network))
    answer.begun(head, bench.examples.answers[job.train])
    if strategy.solved_head and left is None:
        _solve(head, job, bench, network, identity)
    if classes := _known_classes(job, bench):
        reuse(head, bench.examples.categories, classes)
    if came := brought(job, bench):
        carry_over(head, came)
    head = head.to(bench.runtime.device)
    feeds = _feeds(job, bench, network, identity)
    return strategy.begin(Start(network, head, feeds, identity, head, measured, left is not None), job, bench)


def reinitialised(bench: Bench, seed: int) -> tuple[nn.Module, str]:
    """The base's network with random weights, as the arm `reinit` has it, and its identity."""
    recipe, nothing = Recipe(size=bench.base.preprocess.size), bench.pool[:0]
    job = Job("reinit", registry.get("adaptation", "frozen"), seed, recipe, bench.pool, nothing, fresh=True)
    network = _random(job, bench)
    network.load_state_dict(_statistics(network, job, bench, None), strict=False)
    return network, fingerprint(network.state_dict())


def _solve(head: nn.Module, job: Job, bench: Bench, network: nn.Module, identity: str) -> None:
    """The head on frozen features of the training rows; what it reads beside them begins at zero."""
    answer, right = bench.task.answer, bench.examples.answers[job.train]
    if answer.solver is None:
        return
    plain = bench.activations(network, identity, _planned(job))[FEATURES]
    solved = answer.solver.solve(plain.read(job.train), right, len(bench.examples.categories))
    state = answer.as_state(head, solved)
    beside = head.state_dict()["weight"].shape[1] - state["weight"].shape[1]
    padded = nn.functional.pad(state["weight"], (0, beside))
    head.load_state_dict({**head.state_dict(), **state, "weight": padded})


def _known_classes(job: Job, bench: Bench) -> Classes | None:
    """The base's classes, where the job's head starts from them; heads that are trained have other rows."""
    return job.strategy.classes(bench.base) if job.inherits and bench.task.answer.classes else None


def brought(job: Job, bench: Bench) -> Brought | None:
    """The head that came with the base, where the job starts from it."""
    head = bench.base.head
    if head is None or not job.inherits:
        return None
    return head if head.architecture == bench.task.answer.head_architecture else None


def reused(job: Job, bench: Bench) -> int:
    """How many classes of the job's head start from what the base knows of them."""
    known = _known_classes(job, bench) or brought(job, bench)
    return len(matches(bench.examples.categories, known.labels)) if known else 0


def _planned(job: Job) -> list[str]:
    return [FEATURES, *_cached(job)]


def _cached(job: Job) -> list[str]:
    return [] if job.recipe.live else [name for name in job.recipe.cuts if name != INPUT]


def scatter_views(job: Job, bench: Bench) -> None:
    """The frozen pass over each of the job's augmented views, written where there are workers."""
    if job.inherits and _kept(job, bench):
        workers.scatter(_viewed, [(bench, (job, view)) for view in job.views])


def _viewed(bench: Bench, wanted: tuple[Job, int]) -> None:
    job, view = wanted
    bench.activations(bench.base.network(), bench.base.identity, _kept(job, bench), bench.pool, view)


def _kept(job: Job, bench: Bench) -> list[str]:
    """Boundaries of which the cache has augmented views."""
    return [FEATURES] if bench.task.answer.headed == "trained" else _cached(job)


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
        kept = _kept(job, bench)
        views = {
            seed_of(view): bench.activations(network, identity, kept, bench.pool, view)[boundary]
            for view in (job.views if boundary in kept else ())
        }
        return CachedFeed(plain, views, job.seed, device)

    return feed


def _random(job: Job, bench: Bench) -> nn.Module:
    """Random weights drawn from the job's seed."""
    with seeded(derive(job.seed, "init")):
        return bench.base.build(job.recipe.size).eval()


def _statistics(
    network: nn.Module, job: Job, bench: Bench, left: Mapping[str, Tensor] | None
) -> dict[str, Tensor]:
    """BatchNorm statistics of random weights, where the strategy keeps them still; by name.

    Measured on training examples: random features without that are a weaker rival than they need to be.
    """
    if not job.strategy.still_statistics:
        return {}
    there = {name: value for name, value in (left or {}).items() if name.startswith(STATISTICS)}
    if there:
        return {name.removeprefix(STATISTICS): value for name, value in there.items()}
    norms = {name: one for name, one in network.named_modules() if isinstance(one, BatchNorm)}
    if norms:
        _calibrate(network, list(norms.values()), bench, job)
    return {
        f"{name}.{own}": value.clone() for name, one in norms.items() for own, value in one.named_buffers()
    }


@torch.no_grad()
def _calibrate(network: nn.Module, norms: Sequence[BatchNorm], bench: Bench, job: Job) -> None:
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    inputs = bench.subject(job.recipe.size).inputs
    network.train()
    with seeded(derive(job.seed, "statistics")):  # of what drops out
        for start in range(0, min(len(job.train), 16 * CALIBRATION_BATCHES), 16):
            network(inputs.batch(job.train[start : start + 16]))
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
