"""Forecasts as the series grow to 100,000: time should be linear and memory flat.

    python benchmarks/forecasting.py growth [--counts 1000 10000 100000] [--parts read windows run predict]

Made monthly series of 48 to 72 values in one long CSV file, 12 steps ahead. Each part of the way is measured
alone, in a process of its own: CPU seconds of one thread, and the most memory that the process had, libraries
included. `read` is reading, checking and cutting; `windows` is that, then the inputs,
the frozen pass of `builtin/series-s` and all dull forecasts; `run` a whole run of a minute with its report;
`predict` forecasts every series of the file by the base as it is.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from measuring import table

import headstart as hs
from headstart import data, tasks
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines
from headstart.types import Splits

COUNTS = (1_000, 10_000, 100_000)
SHORTEST, LONGEST, STEPS, SEASON = 48, 72, 12, 12
SOME = 100
"""Series that a bundle is made from."""
BASE = "builtin/series-s"


def grow(counts: Sequence[int], parts: Sequence[str]) -> None:
    """Print a row for each number of series."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            write(home / "series.csv", count)
            write(home / "some.csv", SOME)
            cells: list[object] = [count]
            for part in parts:
                command = [sys.executable, __file__, part, str(home)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise SystemExit(done.stderr)
                seconds, memory = json.loads(done.stdout.splitlines()[-1])
                cells += [f"{seconds:.1f}", f"{memory:.0f}"]
            rows.append(cells)
            print(cells, file=sys.stderr, flush=True)
    print(table(["series", *(f"{part}, {unit}" for part in parts for unit in ("CPU s", "MB"))], rows))


def write(file: Path, count: int) -> None:
    """So many made series, a season, a trend and noise in each."""
    draws, months = (
        np.random.default_rng(0),
        [f"{1990 + m // 12}-{m % 12 + 1:02d}-01" for m in range(LONGEST)],
    )
    with file.open("w", encoding="utf-8") as stream:
        stream.write("unique_id,ds,y\n")
        for number in range(count):
            places = np.arange(int(draws.integers(SHORTEST, LONGEST + 1)))
            season = draws.normal(size=SEASON)[places % SEASON]
            values = 50 + draws.normal(0, 0.2) * places + 4 * season + draws.normal(size=len(places))
            stream.writelines(
                f"s{number},{month},{value:.3f}\n" for month, value in zip(months, values, strict=False)
            )


def loaded(home: Path) -> Splits:
    reading = data.Reading(options={"horizon": str(STEPS)})
    return data.load(home / "series.csv", tasks.task_named("forecasting"), 0, reading)


def windows(home: Path) -> None:
    splits, task = loaded(home), tasks.task_named("forecasting")
    base = task.suited(load_base(BASE, "series"), splits.examples, splits.train)
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(home / "cache"), Runtime()))
    bench.features()
    for name in task.baselines:
        baselines.get(name).fit(bench, splits.train).outputs(splits.test)


def run(home: Path) -> None:
    hs.run(home / "series.csv", base=BASE, minutes=1, out=home / "run", horizon=str(STEPS))


def predict(home: Path) -> None:
    about = {"task": "forecasting", "base": BASE, "strategy": "zero_shot", "horizon": str(STEPS)}
    model = hs.adapt(home / "some.csv", out=home / "model", **about)
    assert sum(len(one["forecast"]) == STEPS for one in model.predict(home / "series.csv")) >= SOME


PARTS: dict[str, Callable[[Path], object]] = {
    "read": loaded,
    "windows": windows,
    "run": run,
    "predict": predict,
}


def main() -> None:
    """One part: its CPU seconds and the most memory, in MB."""
    torch.set_num_threads(1)
    started = time.process_time()
    PARTS[sys.argv[1]](Path(sys.argv[2]))
    seconds = time.process_time() - started
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == "__main__":
    main()
