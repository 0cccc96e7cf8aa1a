"""What one example costs on this machine, measured before anything is planned."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ...bases.base import FEATURES
from ...bases.networks.cuts import Cut, cut
from ...bases.networks.maps import maps_of
from ...bases.networks.memory import laid_out
from ...bases.networks.parted import PartedNetwork
from ...bench import Bench
from ...errors import HeadstartError
from ...runtime import seeded, using_threads
from ...tasks.modalities.base import Inputs
from ...types import IntArray
from ..base import HEAD_RATE, Strategy
from .half import agrees, in_half, worth_a_try
from .loop import LARGEST_GRADIENT
from .objective import objective_of
from .optimizer import adamw

PROBE = 16
"""Examples per probe: the batch of the frozen pass and of most training steps."""
SENTENCES = 64
"""The same where examples are pairs of sentences: they are short, and so many are worth a step's overhead."""
FEW = 8
"""The same where inputs are whole scenes: each is as much work as several small pictures."""
LOOKED_AT = 1000
"""Examples whose lengths are looked at."""
REPEATS = 2
LONG = 0.3
"""Seconds: a run of that length is not repeated."""
LAYERS = 20
"""Small ones after one another, to see whether threads wait for each other."""
BUSY = 2.0
"""Times as slow as with one thread, where other work keeps the cores busy."""
SLOW = 3.0
"""Seconds: what takes longer to warm up is not run again. On a busy machine all is slow."""
SHARE = 0.1
"""Of the time that is left, that a trial may take; after it no more sizes are timed than two."""
CLEARLY = 1.25
"""Times as quick, for less exact numbers to be worth it."""
THREADS_TRIED, HALF_TRIED = 4, 8
"""Steps that it takes, about, to try more threads and half precision."""


@dataclass(frozen=True)
class Speeds:
    """Seconds per example."""

    forward: float
    """Frozen pass at the base's input side."""
    view: float
    """Decoding and augmenting one example at the base's input side."""
    above: dict[str, float]
    """Training step of the part above a boundary, from the cache."""
    below: dict[str, float]
    """The part below a boundary, run at a training step instead."""
    whole: dict[int, float]
    """Training step of the whole network at an input side, augmentation included."""
    head: float = 0.0
    """Training step of a head alone, where it is trained by steps, its loss and the optimizer included."""
    build: float = 0.0
    """Building the network, not per example but once; where its head is trained by steps."""
    engine: float = 0.0
    """Making what runs a network's frozen pass, not per example but once for each network."""


def measure(
    bench: Bench,
    boundaries: Sequence[str],
    sizes: Sequence[int],
    half: bool = False,
    strategies: Sequence[Strategy] = (),
) -> Speeds:
    """Time the frozen pass, the parts above `boundaries`, and whole training steps at `sizes`.

    With `half` the steps are in bfloat16; the pass never is. What `strategies` put beside the base is timed
    as what is above the boundary that they name.
    """
    inputs = bench.subject(bench.base.preprocess.size).inputs
    rows = _usual(bench, inputs)
    started = time.perf_counter()
    network = bench.base.network().to(bench.runtime.device)
    trained = bench.task.answer.headed == "trained"
    build = time.perf_counter() - started if trained else 0.0
    batch = inputs.batch(rows).to(bench.runtime.device)
    network = laid_out(network, bench.runtime.device, batch[:1])
    if bench.task.answer.solver is None:
        with torch.no_grad():
            forward = _seconds(lambda: network(batch)) / len(rows)
    else:
        kept = () if isinstance(network, PartedNetwork) else boundaries
        wanted = bench.wanted(network, bench.base.identity, [FEATURES, *kept])
        forward = bench.passes.seconds(wanted, rows)
    view = _seconds(lambda: inputs.batch(rows, 0)) / len(rows)
    parts = {name: cut(network, name, batch[:1]) for name in boundaries}
    with in_half(half):
        above = {name: _above(cuts, batch) / len(rows) for name, cuts in parts.items()}
        whole = _whole_at(bench, sizes, len(rows))
    below = {name: _below(cuts, batch) / len(rows) for name, cuts in parts.items()}
    beside = {one.top: step for one in strategies if (step := one.added(bench, batch)) is not None}
    above |= {boundary: view + _seconds(step) / len(rows) for boundary, step in beside.items()}
    head = _head(bench, network, batch, rows) / len(rows) if trained else 0.0
    choice = bench.passes.choices.get(bench.base.identity)
    engine = (choice.ready or 0.0) if choice is not None else 0.0
    return Speeds(forward, view, above, below, whole, head, build, engine)


def best_threads(bench: Bench, size: int) -> int:
    """All threads, or one where training steps at an input side are no slower with it.

    Threads of a small network mostly wait for each other, and on a busy machine they wait long.
    """
    many = bench.runtime.threads
    if many == 1:
        return 1
    if _busy(many):  # each step would wait many times: to try it would take long
        return 1
    with using_threads(1):
        alone = _whole(bench, size)
    if alone is not None and not _is_time_for(bench, THREADS_TRIED * alone):
        return 1
    together = _whole(bench, size, SLOW if alone is None else max(LONG, 2 * alone))
    if alone is None:
        return 1 if together is None else many
    return 1 if together is None or alone < 1.1 * together else many


def _is_time_for(bench: Bench, seconds: float) -> bool:
    """Is so much no more than a share of what is left, so that a trial does not cost what it may save?"""
    return seconds < SHARE * bench.runtime.clock.left()


def _busy(threads: int) -> bool:
    """Are so many threads slower than one where nothing but their waiting for each other can be why?"""
    inputs, weights = torch.ones(1, 64, 28, 28), torch.ones(64, 64, 3, 3)

    def layers() -> None:
        for _ in range(LAYERS):
            nn.functional.conv2d(inputs, weights, padding=1)

    with using_threads(1):
        alone = _seconds(layers)
    with using_threads(threads):
        return _seconds(layers) > BUSY * alone


def quicker_in_half(bench: Bench, size: int) -> bool:
    """Are training steps on this CPU clearly quicker in bfloat16, and right? A GPU decides for itself.

    No, too, where the processor has no instructions for it, anything fails or gives other numbers, or the
    time is too short to find out.
    """
    if not worth_a_try(bench.runtime):
        return False
    plain = _whole(bench, size)
    if plain is None or not _is_time_for(bench, HALF_TRIED * plain):
        return False
    network, batch = _built(bench, size)
    if not agrees(network, batch(), lambda outputs: outputs.square().mean()):
        return False
    with in_half(True):
        half = _whole(bench, size, 2 * plain)
    return half is not None and plain > CLEARLY * half


def measure_safely(
    bench: Bench,
    boundaries: Sequence[str],
    sizes: Sequence[int],
    half: bool,
    strategies: Sequence[Strategy] = (),
) -> tuple[Speeds, bool]:
    """`measure`, and whether in bfloat16: not where a part of the base fails so."""
    if half:
        try:
            return measure(bench, boundaries, sizes, True, strategies), True
        except HeadstartError:
            raise
        except Exception as error:  # whatever a library says to a layer that it does not take
            bench.runtime.log("half", why_not=f"{type(error).__name__}: {error}")
    return measure(bench, boundaries, sizes, False, strategies), False


def _usual(bench: Bench, inputs: Inputs) -> IntArray:
    """Examples of middling length: texts of like length are trained on together."""
    ordered = inputs.ordered(bench.pool[:LOOKED_AT])
    answer = bench.task.answer
    usual = SENTENCES if answer.headed == "none" else PROBE if answer.finest is None else FEW
    many = min(len(ordered), usual)
    start = (len(ordered) - many) // 2
    return ordered[start : start + many]


def _head(bench: Bench, network: nn.Module, batch: torch.Tensor, rows: IntArray) -> float:
    """A head on what the network gives, with its loss for a view of each example."""
    with torch.no_grad():
        features = network(batch)
    examples, maps = bench.examples, maps_of(network)
    with seeded(0):
        head = bench.task.answer.head(features.shape[-1], examples.categories, maps).to(batch.device)
    inputs = bench.subject(bench.base.preprocess.size).inputs
    objective = objective_of(bench.task, examples, bench.pool, inputs)
    # In a step of a small head the optimizer and what surrounds it take as long as the head.
    optimizer = adamw(head.parameters(), bench.runtime.device, HEAD_RATE)

    def step() -> None:
        loss: Any = objective.loss(head(features), rows, 0)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), LARGEST_GRADIENT)
        optimizer.step()

    return _seconds(step)


@torch.no_grad()
def _below(parts: Cut, batch: torch.Tensor) -> float:
    return _seconds(lambda: parts.prefix(batch))


def _above(parts: Cut, batch: torch.Tensor) -> float:
    if parts.trained is not None:
        for name, parameter in parts.network.named_parameters():
            parameter.requires_grad_(name in parts.trained)
    with torch.no_grad():
        activation = parts.prefix(batch).float().clone()
    return _seconds(lambda: parts.suffix(activation).square().mean().backward())


def _whole_at(bench: Bench, sizes: Sequence[int], examples: int) -> dict[int, float]:
    """Seconds per example of whole training steps; where time is short, at the first and the last size."""
    clock, found = bench.runtime.clock, dict[int, float]()
    deadline = clock.elapsed() + SHARE * clock.left()
    for size in dict.fromkeys([sizes[0], sizes[-1], *sizes[1:-1]]):
        if len(found) > 1 and clock.elapsed() > deadline:
            break
        # what fails at the base's own size says why
        seconds = _whole(bench, size) if found else _steps(bench, size)
        if seconds is not None:
            found[size] = seconds / examples
    return {size: found[size] for size in sizes if size in found}


def _whole(bench: Bench, size: int, most: float = SLOW) -> float | None:
    """None where the network cannot be trained on such inputs; of steps slower than `most` one is enough."""
    try:
        return _steps(bench, size, most)
    except HeadstartError:  # of the data
        raise
    except Exception:  # whatever a library says to a network that it does not take
        return None


def _steps(bench: Bench, size: int, most: float = SLOW) -> float:
    network, batch = _built(bench, size)
    return _seconds(lambda: network(batch()).square().mean().backward(), most)


def _built(bench: Bench, size: int) -> tuple[nn.Module, Callable[[], torch.Tensor]]:
    """The network at an input side, in training mode, and what makes a batch for it."""
    inputs = bench.subject(size).inputs
    one = inputs.batch(bench.pool[:1]).to(bench.runtime.device)
    with seeded(0), torch.no_grad():
        network = laid_out(bench.base.build(size).eval(), bench.runtime.device, one)
        network(one)
    rows = _usual(bench, inputs)
    return network.train(), lambda: inputs.batch(rows, 0).to(bench.runtime.device)


def _seconds(work: Callable[[], object], most: float = SLOW) -> float:
    """The quickest of a few runs after a warm-up; the warm-up itself where that takes more than `most`."""
    warm = _timed(work)
    if warm > most:
        return warm
    times = [_timed(work)]
    while len(times) < REPEATS and times[0] < LONG:
        times.append(_timed(work))
    return min(times)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
