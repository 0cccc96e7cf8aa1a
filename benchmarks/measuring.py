"""What the benchmarks share: interleaved timings, tables, and a bench on a folder of images."""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from headstart import data, ranking, tasks
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.image_classification import plugin as images
from headstart.types import FloatArray, Splits


def opened(folder: Path, base: str, cache: Path, dtype: str = "float16") -> tuple[Bench, Splits]:
    """A bench on a data set with a cache of its own; validation is cut where the set has none."""
    splits = data.load(folder, images)
    pool = np.concatenate([splits.train, splits.validation])
    passes = FrozenPass(Cache(cache, dtype=dtype), Runtime(threads=torch.get_num_threads()))
    return Bench(images, splits.examples, pool, load_base(base), passes), splits


def frozen(folder: Path, base: str, task: str) -> tuple[FloatArray, Splits]:
    """(n, d) frozen features of a base on any data set that has classes, and its splits."""
    plugin = tasks.task_named(task)
    splits = data.load(folder, plugin)
    loaded = [load_base(base, plugin.modality.name)]
    with tempfile.TemporaryDirectory() as cache:
        passes = FrozenPass(Cache(Path(cache)), Runtime(threads=torch.get_num_threads()))
        (bench,) = ranking.benches(plugin, splits, loaded, passes)
        return np.array(bench.features(), np.float64), splits


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rate(work: Callable[[], int], least: float = 1.5) -> float:
    """Examples a second of `work`, which says how many it did, over at least so many seconds."""
    done, started = 0, time.perf_counter()
    while (took := time.perf_counter() - started) < least:
        done += work()
    return done / took


def spread(values: Sequence[float], form: str = ".1f") -> str:
    """`median (least-most)`."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}} ({low:{form}}-{high:{form}})"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def machine() -> str:
    """One line: what this was measured on."""
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            cpu = line.split(":")[1].strip()
            break
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{cpu}, {gpu}, {torch.get_num_threads()} threads, torch {torch.__version__}"
