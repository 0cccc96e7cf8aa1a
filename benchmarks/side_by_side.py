"""Seeds of an arm in processes beside each other, against one after the other: seconds, and the same bits.

    python benchmarks/side_by_side.py --data DIR --base BASE [--processes 2] [--seeds 6] [--rounds 3]

DIR is a set of images, BASE a name or a folder. Training is at one thread both ways, in turns; starting the
processes is counted. Which plans train so is decided by `adaptation/_plan.py`.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

import torch
from measuring import machine, opened, seconds, spread, table
from safetensors.torch import load_file, save

from headstart import workers
from headstart.adaptation import Job, Recipe, draws, fit, strategy_named
from headstart.adaptation.training.speed import best_threads
from headstart.bench import Bench
from headstart.runtime import using_threads


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        bench, splits = opened(asked.data, asked.base, Path(cache))
        size = bench.base.preprocess.size
        recipe = Recipe(epochs=asked.epochs, batch=16, rate=1e-3, size=size)
        jobs = [
            Job("scratch", strategy_named("scratch"), 0, recipe, draw.train, draw.validation, number=number)
            for number, draw in enumerate(draws(splits, asked.seeds, 0))
        ]
        print(f"{machine()}; a plan would take {best_threads(bench, size)} of {torch.get_num_threads()}\n")
        bench.subject(size).inputs.encoded(bench.pool)  # decoded once, before the clock runs
        with using_threads(1):
            turns = [[run(bench, jobs, count) for count in (1, asked.processes)] for _ in range(asked.rounds)]
    alone, beside = zip(*turns, strict=True)
    same = all(one[1] == other[1] for one, other in turns)
    times = [[took for took, _ in way] for way in (alone, beside)]
    ratios = [slow / fast for slow, fast in zip(*times, strict=True)]
    heads = [
        "seeds",
        "one after the other, s",
        f"{asked.processes} side by side, s",
        "ratio",
        "the same bits",
    ]
    print(table(heads, [[asked.seeds, *map(spread, times), spread(ratios, ".2f"), same]]))


def run(bench: Bench, jobs: list[Job], processes: int) -> tuple[float, list[bytes]]:
    """Seconds of all jobs from nothing, and the bytes of what each left."""
    with tempfile.TemporaryDirectory() as folder:
        work = partial(fitted, Path(folder))
        took = seconds(lambda: list(workers.each(work, [(bench, job) for job in jobs], processes)))
        return took, [save(load_file(file)) for file in sorted(Path(folder).glob("*.safetensors"))]


def fitted(folder: Path, bench: Bench, job: Job) -> str:
    """One job; its weights are in the folder."""
    return fit(job, bench, folder).job.name


if __name__ == "__main__":
    main()
