"""Forecasts beside those of other libraries, of the same series and the same cuts.

    python benchmarks/forecasting_peers.py write FOLDER [--sets monthly quarterly] [--series 300] [--short]
    PEERS/bin/python benchmarks/peers/forecasting_peers.py FOLDER/monthly.json --out FOLDER/monthly-peers.json
    python benchmarks/forecasting_peers.py table FOLDER [--base builtin/series-s]

`write` takes every so many of a collection's series, so that all of its kinds are there; with `--short` only
two seasons and two values of what is known of each. PEERS is an environment of its own
(`benchmarks/peers/requirements-forecasting.txt`). `table` prints MASE by the unit of what is known, and by
how much the base as it is (`zero_shot`) is below each, with the 95 % interval of series drawn anew. `frozen`
and `lagged_ridge` learn from earlier windows of the same series, where there are any.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from forecasting import M3, Case, cases, head, interval, table

from headstart import data, tasks
from headstart.bases import load_base
from headstart.bases.base import Base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.series.histories import History, decoded
from headstart.data.series.lags import changes
from headstart.errors import DataError
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines
from headstart.tasks.scores.forecasts import LEVELS, MEDIAN
from headstart.types import FloatArray

TASK = tasks.task_named("forecasting")


def write(asked: argparse.Namespace) -> None:
    """A file of cases for each collection."""
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in asked.sets:
        found = [one for one in cases(name) if not asked.short or len(one.known) >= 2 * one.season + 2]
        step = max(1, len(found) // asked.series)
        plain = [
            {
                "series": one.series,
                "known": one.known[-(2 * one.season + 2) if asked.short else 0 :].tolist(),
                "after": one.after.tolist(),
                "frequency": one.frequency,
                "season": one.season,
            }
            for one in found[::step][: asked.series]
        ]
        (asked.folder / f"{name}.json").write_text(json.dumps(plain))
        print(f"{asked.folder / name}.json: {len(plain)} of {len(found)} series")


def read(file: Path) -> list[Case]:
    """What was written."""
    plain = json.loads(file.read_text())
    return [
        Case(one["series"], np.array(one["known"]), np.array(one["after"]), one["frequency"], one["season"])
        for one in plain
    ]


def compare(asked: argparse.Namespace) -> None:
    """Print MASE of all, and that of the base as it is less theirs."""
    head("collection", "series", "what", "MASE", "zero_shot − it", "of it", "CPU s")
    for name in M3:
        if not (asked.folder / f"{name}.json").is_file():
            continue
        found = read(asked.folder / f"{name}.json")
        scored = {**ours(found, asked.base), **theirs(found, asked.folder / f"{name}-peers.json")}
        there = np.all([np.isfinite(errors) for errors, _ in scored.values()], 0)
        series = [case.series for case, counts in zip(found, there, strict=True) if counts]
        best = scored["zero_shot"][0][there]
        for what, (errors, seconds) in scored.items():
            it = errors[there]
            gain = "" if what == "zero_shot" else interval(best - it, series)
            share = "" if what == "zero_shot" else f"{best.mean() / it.mean():.3f}"
            cells = [name, str(len(series)), what, f"{it.mean():.3f}", gain, share, seconds]
            print("| " + " | ".join(cells) + " |", flush=True)


def theirs(found: list[Case], file: Path) -> dict[str, tuple[FloatArray, str]]:
    """By peer MASE of each series, and what it cost."""
    scored = {}
    for peer, told in json.loads(file.read_text()).items():
        forecasts = [np.array(told["forecasts"][case.series]) for case in found]
        errors = [mase(case, forecast) for case, forecast in zip(found, forecasts, strict=True)]
        failed = f", fell back {told['failed']} times" if told["failed"] else ""
        scored[f"{peer} ({told['version']}{failed})"] = np.array(errors), f"{told['seconds']:.1f}"
    return scored


def mase(case: Case, forecast: FloatArray) -> float:
    """The mean absolute error in units of the change over a season."""
    return float(np.abs(case.after - forecast).mean() / changes(case.known, case.season)[0])


def ours(found: list[Case], name: str) -> dict[str, tuple[FloatArray, str]]:
    """By arm MASE of each series, NaN where the checks of a run leave it out.

    What learns does so where there are windows before those that are told.
    """
    base = load_base(name, "series")
    scored = {"zero_shot": (as_it_is(found, base), "")}
    try:
        return {**scored, **learned(found, base)}
    except DataError as error:
        print(f"nothing is learned: {error.message}", file=sys.stderr)
        return scored


def as_it_is(found: list[Case], base: Base) -> FloatArray:
    """MASE of the base's own forecasts."""
    horizon = len(found[0].after)
    windows = [History(case.series, case.known, case.season, case.frequency, 0) for case in found]
    preprocess = base.preprocess.at(horizon).holding(max(len(case.known) for case in found))
    inputs = TASK.unanswered([window.encoded() for window in windows], preprocess)
    network, errors = base.network(), []
    for row, (case, window) in enumerate(zip(found, windows, strict=True)):
        with torch.no_grad():
            step = network(inputs.batch(np.array([row]))).reshape(horizon, -1).double().numpy()
        frame = window.framed(horizon)
        median = np.sort(step[:, -len(LEVELS) :], 1)[:, MEDIAN]
        errors.append(mase(case, np.maximum(median * frame.scale + frame.reference, frame.floor)))
    return np.array(errors)


def learned(found: list[Case], base: Base) -> dict[str, tuple[FloatArray, str]]:
    """MASE of what learns from the same series, up to the horizon that is told."""
    horizon = len(found[0].after)
    options = {"horizon": str(horizon), "season": str(found[0].season)}
    splits = data.load(table(found), TASK, 0, data.Reading(options=options))
    examples, train = splits.examples, splits.train
    place = {decoded(examples.sources[row]).series: row for row in splits.test.tolist()}
    rows = np.array([place.get(case.series, -1) for case in found])
    scored = {}
    with tempfile.TemporaryDirectory() as folder:
        pool = np.sort(np.concatenate([train, splits.validation]))
        passes = FrozenPass(Cache(Path(folder)), Runtime())
        bench = Bench(TASK, examples, pool, TASK.suited(base, examples, train), passes)
        features = bench.features()
        head = TASK.answer.solver.solve(features[train], examples.answers[train], horizon)
        told = {
            "frozen": head.outputs(features[rows]),
            "lagged_ridge": baselines.get("lagged_ridge").fit(bench, train).outputs(rows),
        }
    for arm, outputs in told.items():
        errors = TASK.score.of(outputs, examples.answers[rows])
        scored[arm] = np.where(rows >= 0, errors, np.nan), ""
    return scored


def main() -> None:
    """Write cases, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("write", "table"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", choices=tuple(M3), default=("monthly", "quarterly"))
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--short", action="store_true", help="two seasons and two values of history")
    parser.add_argument("--base", default="builtin/series-s")
    asked = parser.parse_args()
    {"write": write, "table": compare}[asked.what](asked)


if __name__ == "__main__":
    main()
