"""What a pass and the trainings of a large set would take on more machines: measured rates, a simulation.

    python benchmarks/scale_model.py --data DIR --base BASE [--cores 8] [--price 0.4] [--store 1e9]

Measured on one core, in seconds that it computed: pictures through the frozen pass and through training; and
bytes of a picture, of its features, and of what each worker is told of it; empty jobs a second of a local Ray
cluster. Simulated: parts of the pass as jobs of unequal length, handed out at that rate, on machines of so
many cores that read and write one store of `--store` bytes a second; then paired seeds of the arms, each on
one machine and as quick there as its cores together. What takes longest is named. None of this was run on a
hundred machines.
"""

from __future__ import annotations

import argparse
import heapq
import logging
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PART = 4096
"""Examples of a job of the pass, as `ranking/_passes.py` has it."""
SPREAD = 0.15
"""Of the logarithm of a job's seconds: machines and pictures differ."""
SEEDS, ARMS, EPOCHS = 6, 3, 10
"""Trainings that a verdict may take, and how often each sees every example."""


@dataclass(frozen=True)
class Rates:
    """Of one core, and of the store and the scheduler."""

    passed: float
    """Examples a second."""
    trained: float
    read: float
    """Bytes of an example."""
    kept: float
    told: float
    """Bytes of an example that every worker is sent and the driver holds."""
    jobs: float
    """A second, that the scheduler hands out."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--cores", type=int, default=8, help="Of a machine.")
    parser.add_argument("--price", type=float, default=0.4, help="Of a machine for an hour.")
    parser.add_argument("--store", type=float, default=1e9, help="Bytes a second, all machines together.")
    asked = parser.parse_args()
    from measuring import machine, table

    rates = measured(asked.data, asked.base)
    print(f"{machine()}; {asked.base}, {rates}\n")
    rows = [
        row(rates, int(examples), machines, asked) for examples in (1e6, 1e9) for machines in (1, 10, 100)
    ]
    heads = ["images", "machines", "pass, h", "limit", "trainings, h", "machine hours", "price"]
    print(table(heads, rows))
    print(
        f"\nThe driver and each worker hold {rates.told * 1e6 / 2**20:,.0f} MB for a million images, "
        f"{rates.told * 1e9 / 2**30:,.0f} GB for a billion; features take {rates.kept * 1e6 / 2**30:.1f} GB "
        f"and {rates.kept * 1e9 / 2**40:.1f} TB"
    )


def row(rates: Rates, examples: int, machines: int, asked: argparse.Namespace) -> list[str]:
    """One line of the table."""
    passing, limit = pass_seconds(rates, examples, machines * asked.cores, asked.store)
    training = training_seconds(rates, examples, machines, asked.cores)
    hours = machines * (passing + training) / 3600
    shown = [f"{seconds / 3600:,.2f}" for seconds in (passing, training)]
    return [
        f"{examples:,}",
        str(machines),
        shown[0],
        limit,
        shown[1],
        f"{hours:,.0f}",
        f"{hours * asked.price:,.0f}",
    ]


def pass_seconds(rates: Rates, examples: int, cores: int, store: float) -> tuple[float, str]:
    """Seconds of a frozen pass, and what it waits for."""
    parts = -(-examples // PART)
    draws = np.random.default_rng(0).normal(0.0, SPREAD, parts)
    lengths = PART / rates.passed * np.exp(draws - SPREAD**2 / 2)
    first, *others = lengths  # the first finds the engine
    computing = first + makespan(others, cores, 1 / rates.jobs)
    alone = first + makespan(others, cores, 0.0)
    moving = examples * (rates.read + rates.kept) / store
    if moving > computing:
        return moving, "store"
    if computing > 1.1 * alone:
        return computing, "scheduler"
    return computing, "cores" if parts > cores else "parts"


def makespan(lengths: Sequence[float], cores: int, gap: float) -> float:
    """Seconds until jobs that are handed out one by one, `gap` seconds apart, are done on so many cores."""
    free = [0.0] * cores
    for number, length in enumerate(lengths):
        begun = max(heapq.heappop(free), number * gap)
        heapq.heappush(free, begun + length)
    return max(free)


def training_seconds(rates: Rates, examples: int, machines: int, cores: int) -> float:
    """Arms one after another, the seeds of one beside each other, each on all cores of a machine."""
    each = EPOCHS * examples / (rates.trained * cores)
    return ARMS * -(-SEEDS // machines) * each


def measured(folder: Path, base: str) -> Rates:
    """On one core of this machine."""
    import torch
    from measuring import opened

    from headstart.adaptation import Job, Recipe, fit, strategy_named

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as home:
        bench, splits = opened(folder, base, Path(home) / "cache")
        bench.passes.seconds(
            bench.wanted(bench.base.network(), bench.base.identity, ["features"]), bench.pool
        )
        passed = len(bench.examples) / computed(bench.features)
        recipe = Recipe(epochs=2, batch=16, rate=1e-3, size=bench.base.preprocess.size)
        job = Job("scratch", strategy_named("scratch"), 0, recipe, splits.train, splits.train[:0])
        trained = recipe.epochs * len(splits.train) / computed(lambda: fit(job, bench, Path(home)))
        read = float(np.mean([os.path.getsize(one) for one in bench.examples.sources]))
        kept = float(bench.features().nbytes / len(bench.examples))
        return Rates(passed, trained, read, kept, told(bench.examples), scheduled())


def computed(work: Callable[[], object]) -> float:
    """Seconds of this process's threads: what else the machine does counts for little."""
    began = time.process_time()
    work()
    return time.process_time() - began


def told(examples: Sized) -> float:
    """Bytes of an example as it is sent."""
    return len(pickle.dumps(examples)) / len(examples)


def scheduled(jobs: int = 2_000) -> float:
    """Empty jobs a second of a local cluster."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    empty = ray.remote(max_retries=3)(_empty)
    ray.get([empty.remote(number) for number in range(100)])
    began = time.monotonic()
    ray.get([empty.remote(number) for number in range(jobs)])
    took = time.monotonic() - began
    ray.shutdown()
    return jobs / took


def _empty(number: int) -> int:
    return number


if __name__ == "__main__":
    main()
