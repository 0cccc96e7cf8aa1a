"""What predicting with a base costs on this machine, measured with the code that predicts: a bundle."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..errors import RunError
from ..tasks._bench import Bench
from ..types import Source
from . import bundle
from .predict import Predictor

RUNS = 9
PICTURES = 3
"""Examples that latency is measured on, in turn: some files are larger than others."""


def latency(bench: Bench, task: str) -> float:
    """Milliseconds from one file to its prediction, one at a time; the median of a few after a first one."""
    with tempfile.TemporaryDirectory() as folder:
        predictor = Predictor(_bundle(bench, task, Path(folder)))
        sources = [bench.examples.sources[row] for row in bench.pool[:PICTURES].tolist()]
        times = [_milliseconds(predictor, sources[run % len(sources)]) for run in range(-1, RUNS)]
        return statistics.median(times[1:])


def memory(bench: Bench, task: str) -> float:
    """MB that a process takes at most that predicts one file: the interpreter and its libraries included.

    Raises:
        RunError: that process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _file(bench.examples.sources[int(bench.pool[0])], Path(folder))
        command = [
            sys.executable,
            "-m",
            "headstart",
            "predict",
            str(_bundle(bench, task, Path(folder))),
            str(file),
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            said = process.stderr.read().decode(errors="replace")
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RunError(
                f"the memory that predicting takes cannot be measured: {said}", "leave out --max-memory"
            )
    kilo = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, else kilobytes
    return float(used.ru_maxrss / kilo)


def _bundle(bench: Bench, task: str, folder: Path) -> Path:
    """A bundle of the base with a head that has learned nothing: it costs what a trained one does."""
    base, labels = bench.base, bench.examples.labels
    parts = bundle.Parts(task, base.architecture, base.preprocess, labels, base.card.width, {})
    bundle.write(folder / "bundle", parts, base.network(), bench.task.head(base.card.width, labels))
    return folder / "bundle"


def _file(source: Source, folder: Path) -> Path:
    if isinstance(source, Path):
        return source
    (folder / "example").write_bytes(source)
    return folder / "example"


def _milliseconds(predictor: Predictor, source: Source) -> float:
    started = time.perf_counter()
    predictor.outputs([source])
    return 1e3 * (time.perf_counter() - started)
