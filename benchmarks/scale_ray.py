"""Two Ray nodes of one core each against one process of one core; and what `--on ray` costs a tiny run.

    python benchmarks/scale_ray.py --data DIR --base BASE --base BASE [--seeds 6] [--epochs 6] [--rounds 3]
    python benchmarks/scale_ray.py --data DIR --base BASE --tiny [--rounds 3]

The first passes the pictures of DIR through both bases and then trains seeds of the first from scratch, all
from nothing, in turns: in one process on one core, and on a cluster of two nodes that are held to one core
each and whose workers have done a job before. What starting all that takes is told beside. The second repeats
one run from its settings, `--on local` and `--on ray`. Both compare all results bit for bit; in the first the
engine of a network, which is timed, is what the first side found the quickest.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
}
STORE = 200 * 2**20
"""Bytes of each node's memory for what is sent."""


def main() -> None:
    """Print the tables; or do one side of them, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", action="append", required=True)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--side", choices=("local", "ray"), help=argparse.SUPPRESS)
    parser.add_argument("--engines", type=json.loads, default={}, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(side(asked)))
    elif asked.tiny:
        tiny(asked)
    else:
        shared_out(asked)


def shared_out(asked: argparse.Namespace) -> None:
    """Both sides in turns, each in a process of its own."""
    from measuring import machine, spread, table

    rounds, engines = list[dict[str, Any]](), dict[str, str]()
    for _ in range(asked.rounds):
        rounds.append({})
        for name in ("local", "ray"):
            rounds[-1][name] = started(name, engines)
            engines = rounds[-1][name]["engines"]
    print(f"{machine()}\n")
    rows = []
    for part in ("passes", "seeds", "whole"):
        times = {name: [one[name][part] for one in rounds] for name in ("local", "ray")}
        ratios = [slow / fast for slow, fast in zip(times["local"], times["ray"], strict=True)]
        rows.append([part, spread(times["local"]), spread(times["ray"]), spread(ratios, ".2f")])
    print(table(["", "one core, s", "two nodes, s", "ratio"], rows))
    ready = spread([one["ray"]["ready"] for one in rounds])
    same = all(one["local"]["digest"] == one["ray"]["digest"] for one in rounds)
    print(f"\nthe cluster and its workers were ready after {ready} s; the same bits: {same}")


def started(name: str, engines: dict[str, str]) -> dict[str, Any]:
    """What a side says of itself."""
    command = [sys.executable, *sys.argv, "--side", name, "--engines", json.dumps(engines)]
    done = subprocess.run(command, env={**os.environ, **ONE_CORE}, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def side(asked: argparse.Namespace) -> dict[str, Any]:
    """Passes and trainings from nothing: seconds, and a hash of all that they gave."""
    with tempfile.TemporaryDirectory() as home, cluster(asked.side) as ready:
        return measured(asked, Path(home), ready)


@contextlib.contextmanager
def cluster(name: str) -> Iterator[float]:
    """One core for this process; or a connection to two nodes of a core each. Seconds that it took."""
    cores, begun = sorted(os.sched_getaffinity(0)), time.monotonic()
    if name == "local":
        os.sched_setaffinity(0, cores[:1])
        yield 0.0
        return
    import ray
    from ray.cluster_utils import Cluster

    os.sched_setaffinity(0, cores[:1])  # a node's processes inherit it
    head = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}
    nodes = Cluster(initialize_head=True, head_node_args=head)
    os.sched_setaffinity(0, cores[1:2])
    nodes.add_node(num_cpus=1, object_store_memory=STORE)
    os.sched_setaffinity(0, cores)
    ray.init(nodes.address, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield time.monotonic() - begun
    finally:
        ray.shutdown()
        nodes.shutdown()


def measured(asked: argparse.Namespace, home: Path, ready: float) -> dict[str, Any]:
    """The work itself, once everything is imported and the data are read."""
    import numpy as np
    from measuring import opened, seconds

    from headstart import workers
    from headstart.adaptation import Job, Recipe, draws, strategy_named
    from headstart.bases import load_base
    from headstart.bases.passes.frozen import FrozenPass
    from headstart.bench import Bench
    from headstart.ranking import _passes

    first, splits = opened(asked.data, asked.base[0], home / "cache")
    runtime = replace(first.runtime, on=asked.side)
    passes = FrozenPass(first.passes.cache, runtime, asked.engines)
    benches = [Bench(first.task, first.examples, first.pool, load_base(name), passes) for name in asked.base]
    bench = benches[0]
    began = time.monotonic()
    list(workers.each(nothing, [(bench, number) for number in range(8)]))  # workers have imported all
    ready += time.monotonic() - began
    recipe = Recipe(epochs=asked.epochs, batch=16, rate=1e-3, size=bench.base.preprocess.size)
    jobs = [
        Job("scratch", strategy_named("scratch"), 0, recipe, draw.train, draw.validation, number=number)
        for number, draw in enumerate(draws(splits, asked.seeds, 0))
    ]
    features: list[Any] = []

    def pass_all() -> None:
        _passes.scatter(benches, [()] * len(benches))
        features.extend(np.array(one.features()) for one in map(_passes.framed, benches))

    folder = home / "work"
    folder.mkdir()
    passed = seconds(pass_all)
    trained = seconds(lambda: list(workers.each(partial(fitted, folder), [(bench, job) for job in jobs])))
    digest = hashlib.sha256(b"".join(one.tobytes() for one in features))
    for file in sorted(folder.glob("*.safetensors")):
        digest.update(weights(file))
    engines = {network: one.engine for network, one in passes.choices.items()}
    times = {"passes": passed, "seeds": trained, "whole": passed + trained, "ready": ready}
    return {**times, "digest": digest.hexdigest(), "engines": engines}


def nothing(_bench: Any, number: int) -> int:
    time.sleep(0.5)
    return number


def fitted(folder: Path, bench: Any, job: Any) -> str:
    from headstart.adaptation import fit

    return fit(job, bench, folder).job.name


def weights(file: Path) -> bytes:
    """Of a file of weights, without what the clock says."""
    from safetensors.torch import load_file, save

    return bytes(save(load_file(file)))


def tiny(asked: argparse.Namespace) -> None:
    """One run again from its settings, here and on Ray, each with an empty cache."""
    from measuring import machine, spread, table

    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        bases = [word for name in asked.base for word in ("--base", name)]
        run(folder / "first", folder / "cache", str(asked.data.resolve()), *bases, "--minutes", "0.5")
        again = ("--from", str(folder / "first" / "settings.json"))
        took: dict[str, list[float]] = {"local": [], "ray": []}
        same = True
        for number in range(asked.rounds):
            made = []
            for name, times in took.items():
                out = folder / f"{name}-{number}"
                times.append(run(out, folder / f"cache-{name}-{number}", *again, "--on", name))
                made.append((out / "bundle" / "model.safetensors").read_bytes())
            same &= made[0] == made[1]
    more = [there - here for here, there in zip(took["local"], took["ray"], strict=True)]
    print(f"{machine()}\n")
    row = [*map(spread, took.values()), spread(more), same]
    print(table(["--on local, s", "--on ray, s", "more, s", "the same bundle"], [row]))


def run(out: Path, cache: Path, *words: str) -> float:
    """Seconds of one `headstart run`."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "headstart", "run", *words, "--out", str(out)]
    subprocess.run(
        command, env={**os.environ, "HEADSTART_CACHE": str(cache)}, capture_output=True, check=True
    )
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
