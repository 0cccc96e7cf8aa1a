"""What runs the frozen pass: the fastest engine that agrees with plain PyTorch.

An engine is probed before it is believed: on a few real examples its outputs must be those of the
network itself, in eval mode and float32; of those that agree the quickest is taken. What it was and by
how much is remembered in the cache and shown. Half precision computes on a GPU only: few CPUs are any
good at it.
"""

from __future__ import annotations

import copy
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

import numpy as np
import onnxruntime
import torch
from torch import nn
from torch.backends import cpu

from ...cache import Array, Cache, key_of
from ...runtime import Runtime
from ..networks.fold import folded
from ..networks.memory import laid_out
from ..networks.ragged import layout
from ..networks.taps import activations
from .onnx import Session

TOLERANCE = {"float32": 1e-3, "bfloat16": 3e-2}
"""Largest difference over the largest value that counts as agreement, by the precision of the engine."""
PLAIN = "pytorch"
CLEARLY = 1.3
"""Times plain PyTorch: what is that fast is taken without a look at the rest."""
SHORT = 1.0
"""Seconds that plain PyTorch takes for everything: to look for something quicker would take longer."""
PROBE_SECONDS = 0.08
"""Each engine is timed for about so long."""


class Engine(Protocol):
    """One way to run a network up to its boundaries."""

    name: str
    precision: str
    batch: int
    """Examples per call."""
    concurrent: bool
    """May several threads call it at once?"""

    def __call__(self, encoded: Array) -> list[Array]:
        """Encoded examples to float32 activations, in the order of the boundaries."""
        ...


@dataclass(frozen=True)
class Job:
    """What an engine is to compute."""

    network: nn.Module
    """(n, 3, s, s) -> (n, d), in eval mode."""
    preparation: nn.Module
    """Encoded examples to the network's inputs."""
    boundaries: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """Which engine, and why."""

    engine: str
    speedup: float | None = None
    """Examples a second over those of plain PyTorch, on the probe; None where it was decided elsewhere."""
    difference: float | None = None
    """From plain PyTorch: the largest over the largest value."""
    rejected: dict[str, str] = field(default_factory=dict)
    """Other engines and what was wrong with them."""
    building: float | None = field(default=None, compare=False)
    """Seconds until it was ready: an export may take longer than a short pass."""
    plain: float | None = field(default=None, compare=False)
    """Examples a second of plain PyTorch."""
    ready: float | None = field(default=None, compare=False)
    """Seconds until it was built and had agreed, once it was chosen: what another such network takes."""

    def pays(self, examples: int) -> bool:
        """Does it save more in so many examples than it takes to build it anew?"""
        if self.speedup is None or not self.building or not self.plain:
            return True
        return examples / self.plain * (1 - 1 / self.speedup) > self.building


def per_call(network: nn.Module, pictures: int) -> int:
    """Examples per call, where so many pictures would be right: a text is less work."""
    return layout(network).calls * pictures


class Torch:
    """The network as it is or folded, on the runtime's device."""

    concurrent = False

    def __init__(
        self, job: Job, device: str, name: str, precision: str = "float32", sample: Array | None = None
    ) -> None:
        """`sample` are a few encoded examples, to try with what is quicker only where a network takes it."""
        self.name, self.precision, self.device, self.job = name, precision, device, job
        self.batch = per_call(job.network, 8) if device == "cpu" else 128
        self.preparation = copy.deepcopy(job.preparation).to(device)  # others go on using theirs where it is
        one = None if sample is None else self.preparation(torch.from_numpy(sample[:1]).to(device))
        self.network = laid_out(job.network, device, one)

    def __call__(self, encoded: Array) -> list[Array]:
        half = self.precision != "float32"
        batch = torch.from_numpy(encoded).to(self.device, non_blocking=True)
        with torch.inference_mode(), torch.autocast(self.device, torch.bfloat16, enabled=half):
            outputs = activations(self.network, self.preparation(batch), self.job.boundaries)
        return [output.float().cpu().numpy() for output in outputs]


def choose(
    job: Job, sample: Array, runtime: Runtime, cache: Cache, decided: Choice | None = None, examples: int = 0
) -> tuple[Engine, Choice]:
    """The engine for a job, and why.

    What was found to be the quickest for such a network on such a machine is only checked for agreement. For
    other weights it is built anew: where that does not pay, it is plain PyTorch.

    Args:
        job: what is to be computed.
        sample: a few encoded examples.
        runtime: device and threads.
        cache: where choices are remembered.
        decided: what was chosen for this very network.
        examples: that there are; 0 where nobody knows. For few that are quickly run nothing is searched.
    """
    probe = _Probe(job, sample, runtime)
    key = _key(job, sample, runtime)
    known = cache.recall(key) if decided is None else None
    if known is None:
        found = decided or _measured(probe, key, cache, examples)
    else:
        found = Choice(**known)
        if examples and not found.pays(examples):
            found = replace(found, engine=PLAIN, speedup=1.0)
    engine, difference = probe.engine(found.engine)
    if engine is None:  # it agreed for other weights, or elsewhere
        engine, difference = probe.engine(PLAIN)
        assert engine is not None
        found = replace(found, engine=PLAIN, speedup=1.0)
    ready, rejected = probe.ready(found.engine), {**found.rejected, **probe.rejected}
    return engine, replace(found, difference=difference, rejected=rejected, ready=ready)


def _measured(probe: _Probe, key: str, cache: Cache, examples: int) -> Choice:
    """The quickest, which is remembered for networks like this; plain PyTorch where no search pays."""
    plain = rate(probe.plain, probe.sample, probe.runtime.threads)
    if 0 < examples < SHORT * plain:
        return Choice(PLAIN)
    found = probe.best(plain)
    cache.remember(key, asdict(found))
    return found


def rate(engine: Engine, sample: Array, threads: int) -> float:
    """Examples a second, with as many calls at once as the engine takes and the machine has threads for."""
    parts = [sample[start : start + engine.batch] for start in range(0, len(sample), engine.batch)]
    with ThreadPoolExecutor(threads if engine.concurrent else 1) as pool:

        def once() -> None:
            list(pool.map(engine, parts))

        once()
        started, runs = time.perf_counter(), 0
        while (seconds := time.perf_counter() - started) < PROBE_SECONDS:
            once()
            runs += 1
    return runs * len(sample) / seconds


def cannot_run(error: Exception) -> str:
    """Why an engine is not used, in a line."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"it cannot run this network ({said[:120]})"


class _Probe:
    """Builds engines for one job and compares them with the network itself."""

    def __init__(self, job: Job, sample: Array, runtime: Runtime) -> None:
        self.job, self.sample, self.runtime = job, sample, runtime
        self.rejected: dict[str, str] = {}
        started = time.perf_counter()
        self.makers = _makers(job, sample, runtime.device)
        self.plain = self.makers[PLAIN]()
        self.expected = self.plain(sample)
        self.single = layout(job.network).alone(sample)
        self.agreeing: dict[str, tuple[Engine, float]] = {PLAIN: (self.plain, 0.0)}
        self.building = {PLAIN: 0.0}
        """Seconds that each engine took to be built."""
        self._begun = time.perf_counter() - started
        self._agreed = {PLAIN: 0.0}

    def best(self, plain: float) -> Choice:
        """The quickest engine that agrees; the first that clearly wins ends the search.

        `plain` are the examples a second of plain PyTorch.
        """
        rates = {PLAIN: plain}
        for name in self.makers:
            engine, _ = self.engine(name)
            if engine is not None and name != PLAIN:
                rates[name] = self.rate(engine)
            if rates.get(name, 0.0) > CLEARLY * plain:
                break
        best = max(rates, key=rates.__getitem__)  # of equals the plain one
        speedup, difference = round(rates[best] / plain, 2), self.engine(best)[1]
        return Choice(best, speedup, difference, dict(self.rejected), self.building[best], plain)

    def rate(self, engine: Engine) -> float:
        """Examples a second; none where several calls at once, or later ones, fail."""
        try:
            return rate(engine, self.sample, self.runtime.threads)
        except Exception as error:
            self.rejected[engine.name] = cannot_run(error)
            del self.agreeing[engine.name]
            return 0.0

    def engine(self, name: str) -> tuple[Engine | None, float]:
        """The engine if it agrees, else None; and its difference."""
        if name in self.agreeing:
            return self.agreeing[name]
        started = time.perf_counter()
        try:
            engine = self.makers[name]()
            self.building[name] = time.perf_counter() - started
            found = engine(self.sample)
            single = engine(self.single)  # an export can be tied to the batch that it was made with
        except Exception as error:  # whatever a library says to a network that it does not take
            self.rejected[name] = cannot_run(error)
            return None, float("nan")
        pairs = [*zip(found, self.expected, strict=True)]
        pairs += zip(single, self.plain(self.single), strict=True)
        difference = float(np.max([_difference(*pair) for pair in pairs]))  # NaN where any is
        if not difference <= TOLERANCE[engine.precision]:
            self.rejected[name] = f"its outputs differ from PyTorch's by {difference:.1e} of the largest"
            return None, difference
        self.agreeing[name] = (engine, difference)
        self._agreed[name] = time.perf_counter() - started
        return engine, difference

    def ready(self, name: str) -> float:
        """Seconds until an engine was built and had agreed, plain PyTorch's answers included."""
        return self._begun + self._agreed[name]


def _makers(job: Job, sample: Array, device: str) -> dict[str, Callable[[], Engine]]:
    """What may run a job on a device, the likeliest winner after plain PyTorch first."""
    plain: dict[str, Callable[[], Engine]] = {PLAIN: lambda: Torch(job, device, PLAIN, sample=sample)}
    if device != "cpu":
        return {**plain, "pytorch bfloat16": lambda: Torch(job, device, "pytorch bfloat16", "bfloat16")}
    return {
        **plain,
        "onnxruntime": lambda: Session(job.network, job.preparation, job.boundaries, sample),
        "pytorch folded": lambda: Torch(_folded(job, sample), device, "pytorch folded"),
    }


def _folded(job: Job, sample: Array) -> Job:
    example = job.preparation(torch.from_numpy(sample[:1]))
    return replace(job, network=folded(job.network, example, job.boundaries))


def _difference(found: Array, expected: Array) -> float:
    if found.shape != expected.shape:
        return float("inf")
    largest = float(np.abs(expected).max(initial=0.0))
    return float(np.abs(found - expected).max(initial=0.0)) / max(largest, 1e-12)


def _key(job: Job, sample: Array, runtime: Runtime) -> str:
    """Everything that decides which engine is the quickest, but for the weights."""
    return key_of(
        kind="engine",
        network=str(job.network),
        example=[*sample.shape[1:], str(sample.dtype)],
        device=runtime.device,
        threads=runtime.threads,
        machine=[platform.machine(), platform.processor(), os.cpu_count(), cpu.get_cpu_capability()],
        versions=[torch.__version__, onnxruntime.__version__],
    )
