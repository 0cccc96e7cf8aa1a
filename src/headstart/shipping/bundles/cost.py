"""What predicting costs on this machine, with a base or a bundle, measured with the code that predicts."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from ...bases.networks.maps import maps_of
from ...bench import Bench
from ...errors import RunError
from ...records import Speed
from ...types import Source
from . import bundle
from .predict import Predictor

PREDICT = """
import sys
from headstart.cli import code
left = code(["predict", *sys.argv[1:]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(left)
"""
"""A process that predicts and then says what it took at most. (What the system tells its parent counts the
parent's own memory at the time of the fork.)"""
RUNS = 9
EXAMPLES = 3
"""Examples that latency is measured on, in turn: some are larger than others."""


def latency(bench: Bench, task: str) -> float:
    """Milliseconds from one input to its prediction, one at a time; the median of a few after a first one."""
    with tempfile.TemporaryDirectory() as folder:
        predictor = Predictor(_bundle(bench, task, Path(folder)))
        sources = [bench.examples.sources[row] for row in bench.pool[:EXAMPLES].tolist()]
        times = [_milliseconds(predictor, sources[run % len(sources)]) for run in range(-1, RUNS)]
        return statistics.median(times[1:])


def speed(predictor: Predictor, sources: Sequence[Source], lengths: Sequence[float] = ()) -> Speed:
    """How fast a bundle answers examples one by one, from the file to the record: decoding included.

    Args:
        predictor: of a bundle that takes pictures or recordings.
        sources: a few of them, in turn; they can be used.
        lengths: seconds of each, where they are recordings.
    """
    times = []
    for run in range(-1, RUNS):
        started = time.perf_counter()
        next(predictor.predict([sources[run % len(sources)]]))
        times.append(1e3 * (time.perf_counter() - started))
    middle = statistics.median(times[1:])
    heard = sum(lengths[run % len(lengths)] for run in range(RUNS)) if lengths else 0.0
    factor = float(f"{sum(times[1:]) / 1e3 / heard:.2g}") if heard else None
    size, threads = predictor.parts.preprocess.size, torch.get_num_threads()
    return Speed(round(middle, 2), round(1e3 / middle, 2), size, threads, factor)


def memory(bench: Bench, task: str) -> float:
    """MB that a process takes at most that predicts one input: the interpreter and its libraries included.

    Raises:
        RunError: that process failed, or this system does not say what its processes take.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _file(bench.examples.sources[int(bench.pool[0])], Path(folder))
        words = [sys.executable, "-c", PREDICT, str(_bundle(bench, task, Path(folder))), str(file)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = re.search(r"VmHWM:\s+(\d+) kB\s*$", done.stdout)
    if done.returncode or found is None:
        raise RunError(
            f"the memory that predicting takes cannot be measured: {done.stderr}", "leave out --max-memory"
        )
    return float(found[1]) / 1e3


def _bundle(bench: Bench, task: str, folder: Path) -> Path:
    """A bundle of the base with a head that has learned nothing: it costs what a trained one does."""
    base, labels, network = bench.base, bench.examples.categories, bench.base.network()
    about = base.architecture, base.preprocess, labels, base.card.width
    parts = bundle.Parts(task, *about, facts={}, head=bench.task.answer.head_architecture)
    head = bench.task.answer.head(base.card.width, labels, maps_of(network))
    bundle.write(folder / "bundle", parts, network, head)
    return folder / "bundle"


def _file(source: Source, folder: Path) -> Path:
    """A copy, as an example of a table or an archive is no file."""
    copy = folder / (source.name if isinstance(source, Path) else "example")
    copy.write_bytes(source.read_bytes() if isinstance(source, Path) else source)
    return copy


def _milliseconds(predictor: Predictor, source: Source) -> float:
    started = time.perf_counter()
    predictor.outputs([source])
    return 1e3 * (time.perf_counter() - started)
