"""Forecasts: is what ships better than dull forecasts on series that it has never met, and at what cost?

    python benchmarks/forecasting.py zero [--sets monthly quarterly …]
    python benchmarks/forecasting.py ten [--sets …] [--series 10] [--draws 3]
    python benchmarks/forecasting.py short [--sets …]
    python benchmarks/forecasting.py runs [--sets exchange monthly] [--series 300] [--minutes 2] [--alone]
    python benchmarks/forecasting.py cost
    python benchmarks/forecasting.py growth [--counts 1000 10000 100000]

Collections: those of the M3 competition, M4 hourly, ETTh1 (`ett`: 7 long hourly series, 24 steps), and
exchange rates (30 days, the last six windows of each of 8 series), from `time_series/` of the shared data.
`builtin/series-s` was trained on made series alone, so that each collection is one that it has not met. A
difference is that of MASE, with the 95 % interval of 4,000 draws of series. `zero` forecasts the last part
of each series. `ten` learns from some series and forecasts the last part of all others. `short` forecasts
from two seasons and two values. `runs` are whole runs: the verdict, what ships, and the seconds; `--alone`
takes the seconds of one thread for the clock of the run, as on a core that nobody else uses.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import forecasting_growth
import numpy as np
import pandas as pd
import torch

import headstart as hs
from headstart import data, tasks
from headstart.adaptation import Job, Recipe, fit, outputs, strategy_named
from headstart.bases import load_base
from headstart.bases.base import INPUT
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.series.calendar import named
from headstart.data.series.gridded import Series
from headstart.data.series.histories import History
from headstart.data.series.lags import framed, repeated
from headstart.data.series.layouts import history
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines
from headstart.tasks.scores.forecasts import LEVELS, MEDIAN
from headstart.types import FloatArray

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared"))
M3 = {"monthly": "MS", "quarterly": "QS", "yearly": "YS"}
SETS = ("monthly", "quarterly", "yearly", "other", "hourly", "exchange", "ett")
WINDOWS, DAYS = 6, 30
"""Of an exchange rate, and steps of each."""
HOURS = 24
"""Steps of a load or temperature of a transformer."""


@dataclass(frozen=True)
class Case:
    """A history and what came after."""

    series: str
    known: FloatArray
    after: FloatArray
    frequency: str
    season: int


def cases(name: str) -> list[Case]:
    """The windows of a collection."""
    return list({"hourly": hourly, "exchange": exchange, "ett": ett}.get(name, lambda: m3(name))())


def m3(name: str) -> Iterator[Case]:
    frequency = name if name in M3 else "numbered"
    for line in (SHARED / f"data/time_series/m3_competition/{name}.jsonl").open():
        row = json.loads(line)
        yield Case(
            row["id"], np.array(row["train"]), np.array(row["test"]), frequency, named(frequency).season
        )


def hourly() -> Iterator[Case]:
    folder = SHARED / "data/time_series/m4_hourly"
    parts = [list(csv.reader((folder / f"Hourly-{part}.csv").open()))[1:] for part in ("train", "test")]
    for known, after in zip(*parts, strict=True):
        values = (np.array([float(cell) for cell in row[1:] if cell]) for row in (known, after))
        yield Case(known[0], *values, "hourly", 24)


def exchange() -> Iterator[Case]:
    rates = np.loadtxt(SHARED / "data/time_series/exchange_rate/exchange_rate.txt", delimiter=",")
    for number in range(rates.shape[1]):
        for back in range(WINDOWS, 0, -1):
            end = len(rates) - DAYS * back
            yield Case(f"rate {number}", rates[:end, number], rates[end : end + DAYS, number], "daily", 7)


def ett() -> Iterator[Case]:
    loads = pd.read_csv(SHARED / "data/time_series/ett_h1/ETTh1.csv", index_col=0)
    for name in loads:
        values = loads[name].to_numpy()
        yield Case(str(name), values[:-HOURS], values[-HOURS:], "hourly", 24)


def head(*columns: str) -> None:
    """The head of a table."""
    print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|", flush=True)


def interval(difference: FloatArray, series: list[str]) -> str:
    """The mean, and the 95 % interval over series."""
    means = pd.Series(difference).groupby(series).mean().to_numpy()
    draws = np.random.default_rng(0).integers(0, len(means), (4000, len(means)))
    low, high = np.quantile(means[draws].mean(1), [0.025, 0.975])
    return f"{means.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def told(found: list[Case], network: torch.nn.Module) -> tuple[dict[str, FloatArray], float]:
    """MASE of each window by what forecasts it, and the share of steps inside of the 80 % interval."""
    errors: dict[str, list[float]] = {name: [] for name in ("zero_shot", "naive", "seasonal_naive", "drift")}
    inside = []
    for case in found:
        frame = framed(case.known, case.season, len(case.after))
        with torch.no_grad():
            row = network(torch.from_numpy(frame.inputs).float()[None]).numpy().reshape(len(case.after), -1)
        quantiles = np.sort(row[:, -len(LEVELS) :], 1) * frame.scale + frame.reference[:, None]
        quantiles = np.maximum(quantiles, frame.floor)
        slope = (case.known[-1] - case.known[0]) / max(1, len(case.known) - 1)
        forecasts = {
            "zero_shot": quantiles[:, MEDIAN],
            "naive": case.known[-1],
            "seasonal_naive": repeated(case.known, case.season, len(case.after)),
            "drift": case.known[-1] + slope * np.arange(1, len(case.after) + 1),
        }
        for name, forecast in forecasts.items():
            errors[name].append(float(np.abs(case.after - forecast).mean() / frame.scale))
        inside.append(((case.after >= quantiles[:, 0]) & (case.after <= quantiles[:, -1])).mean())
    return {name: np.array(values) for name, values in errors.items()}, float(np.mean(inside))


def zero(asked: argparse.Namespace, shorten: Callable[[Case], Case | None] = lambda case: case) -> None:
    """The base as it is."""
    network = load_base("builtin/series-s").network()
    columns = (
        "naive",
        "seasonal naive",
        "drift",
        "zero-shot",
        "of seasonal naive",
        "zero-shot − it",
        "80 % holds",
    )
    head("collection", "windows", *columns)
    for name in asked.sets:
        found = [short for case in cases(name) if (short := shorten(case)) is not None]
        mase, holds = told(found, network)
        ours, season = mase["zero_shot"], mase["seasonal_naive"]
        dull = " | ".join(f"{mase[one].mean():.3f}" for one in ("naive", "seasonal_naive", "drift"))
        print(
            f"| {name} | {len(found)} | {dull} | {ours.mean():.3f} | {ours.mean() / season.mean():.3f} "
            f"| {interval(ours - season, [case.series for case in found])} | {holds:.2f} |",
            flush=True,
        )


def short(asked: argparse.Namespace) -> None:
    """Two seasons and two values."""

    def shorten(case: Case) -> Case | None:
        keep = 2 * case.season + 2
        return (
            Case(case.series, case.known[-keep:], case.after, case.frequency, case.season)
            if keep <= len(case.known)
            else None
        )

    zero(asked, shorten)


def table(found: list[Case]) -> pd.DataFrame:
    """Series as a long table, what came after included."""
    codes = {**M3, "hourly": "h", "daily": "D", "numbered": None}
    parts = []
    for case in {one.series: one for one in found}.values():
        values = np.append(case.known, case.after)
        code = codes[case.frequency]
        stamps = (
            range(len(values))
            if code is None
            else pd.date_range("1970-01-01", periods=len(values), freq=code).astype(str)
        )
        parts.append(pd.DataFrame({"unique_id": case.series, "ds": stamps, "y": values}))
    return pd.concat(parts, ignore_index=True)


def ten(asked: argparse.Namespace) -> None:
    """Few series to learn from, all others to be told."""
    arms = ("zero_shot", "frozen", "finetune", "warm_init", "scratch")
    last = "finetune − scratch", "finetune − ridge"
    head("collection", "series", "seasonal naive", "lagged ridge", *arms, *last)
    for name in asked.sets:
        every = cases(name)
        rows: dict[str, list[FloatArray]] = {}
        others: list[str] = []
        for draw in range(asked.draws):
            order = np.random.default_rng(draw).permutation(len(every))
            some = [every[place] for place in order[: asked.series]]
            rest = [every[place] for place in order[asked.series : asked.series + asked.rest]]
            others += [case.series for case in rest]
            for arm, scores in learned(some, rest, arms, draw).items():
                rows.setdefault(arm, []).append(scores)
        mase = {arm: np.concatenate(parts) for arm, parts in rows.items()}
        cells = [f"{mase[arm].mean():.3f}" for arm in ("seasonal_naive", "lagged_ridge", *arms)]
        gains = [interval(mase["finetune"] - mase[other], others) for other in ("scratch", "lagged_ridge")]
        print(f"| {name} | {asked.series} | " + " | ".join([*cells, *gains]) + " |", flush=True)


def learned(some: list[Case], rest: list[Case], arms: tuple[str, ...], seed: int) -> dict[str, FloatArray]:
    """By arm the MASE of each of the others, after learning from what is known of some."""
    task, horizon = tasks.task_named("forecasting"), len(rest[0].after)
    joined = pd.concat([table(some), table(rest).assign(unique_id=lambda rows: "other " + rows["unique_id"])])
    reading = data.Reading(options={"horizon": str(horizon)})
    splits = data.load(joined, task, seed, reading)
    names = np.array([not name.startswith("other ") for name in splits.examples.names])
    train, validation = (rows[names[rows]] for rows in (splits.train, splits.validation))
    test = splits.test[~names[splits.test]]
    base = task.suited(load_base("builtin/series-s", "series"), splits.examples, train)
    right = splits.examples.answers[test]
    found: dict[str, FloatArray] = {}
    with tempfile.TemporaryDirectory() as folder:
        pool = np.sort(np.concatenate([train, validation]))
        bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(Path(folder) / "cache"), Runtime()))
        for name in ("seasonal_naive", "lagged_ridge"):
            found[name] = task.score.of(baselines.get(name).fit(bench, train).outputs(test), right)
        for arm in arms:
            strategy = strategy_named(arm)
            whole = () if strategy.stages((), 1) else (INPUT,)
            best = None
            for rate in strategy.rates or (0.0,):
                epochs = 30 if strategy.rates else 0
                recipe = Recipe(epochs, 16, rate, whole if epochs else (), horizon)
                job = Job(arm, strategy, seed, recipe, train, validation, part=f"{rate}")
                one = fit(job, bench, Path(folder))
                merit = task.score.value(outputs(one, bench, validation), splits.examples.answers[validation])
                best = min(best or (merit, one), (merit, one), key=lambda pair: pair[0])
            assert best is not None
            found[arm] = task.score.of(outputs(best[1], bench, test), right)
    return found


def runs(asked: argparse.Namespace) -> None:
    """Whole runs."""
    if asked.alone:
        torch.set_num_threads(1)
        time.monotonic = time.perf_counter = time.process_time
    head(
        "collection",
        "series",
        "verdict",
        "shipped",
        "MASE",
        "best dull, by the test",
        "ratio",
        "80 % holds",
        "pairs",
        "s",
        "CPU s",
    )
    for name in asked.sets:
        found = cases(name)
        if name != "exchange":
            found = found[: asked.series]
        last = {case.series: case for case in found}
        steps = str(len(found[0].after))
        with tempfile.TemporaryDirectory() as folder:
            started, worked = time.monotonic(), time.process_time()
            hs.run(table(list(last.values())), minutes=asked.minutes, out=Path(folder) / "run", horizon=steps)
            seconds, worked = time.monotonic() - started, time.process_time() - worked
            said = json.loads((Path(folder) / "run" / "result.json").read_text())
        arms, verdict = {arm["name"]: arm for arm in said["arms"]}, said["verdict"]
        dull = min(tasks.task_named("forecasting").rivals, key=lambda one: arms[one]["value"])
        value = said["metric"]["value"]
        low, high = verdict["interval"]
        call = f"{verdict['transfer']} over {verdict['baseline']}: {verdict['call']}"
        call += f", {verdict['delta']:+.3f} [{low:+.3f}, {high:+.3f}]"
        holds = said["metrics"]["coverage_80"]
        print(
            f"| {name} | {len(last)} | {call} | {said['chosen']['arm']} | {value:.3f} "
            f"| {dull} {arms[dull]['value']:.3f} | {value / arms[dull]['value']:.3f} "
            f"| {holds:.2f} | {verdict['seeds']} | {seconds:.0f} | {worked:.0f} |",
            flush=True,
        )


def cost(asked: argparse.Namespace) -> None:
    """CPU seconds of one thread."""
    torch.set_num_threads(1)
    task = tasks.task_named("forecasting")
    long = table(cases("monthly")[:300])
    head("what", "CPU s")

    def timed(what: str, act: Callable[[], object]) -> object:
        started = time.process_time()
        found = act()
        print(f"| {what} | {time.process_time() - started:.2f} |", flush=True)
        return found

    reading = data.Reading(options={"horizon": "24"})
    splits = timed("read and cut 300 monthly series, 24 steps", lambda: data.load(long, task, 0, reading))
    base = task.suited(load_base("builtin/series-s", "series"), splits.examples, splits.train)
    with tempfile.TemporaryDirectory() as folder:
        pool = np.sort(np.concatenate([splits.train, splits.validation]))
        bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(Path(folder) / "cache"), Runtime()))
        features = timed("inputs and frozen pass", bench.features)
        solve = task.answer.solver.solve
        right = splits.examples.answers[splits.train]
        timed("ridge head", lambda: solve(features[splits.train], right, 24))
        strategy, recipe = strategy_named("finetune"), Recipe(5, 32, 1e-3, (INPUT,), 24)
        job = Job("finetune", strategy, 0, recipe, splits.train, splits.validation)
        timed("fine-tuning, 5 epochs", lambda: fit(job, bench, Path(folder)))
    many = [
        Series(f"{number}", case.known, named("monthly"), 12, 0)
        for number, case in enumerate((cases("monthly") * 2)[:1000])
    ]
    network = base.network()

    def forecast() -> None:
        windows: list[History] = [history(one, len(one.values)) for one in many]
        inputs = np.stack([window.framed(12).inputs for window in windows]).astype(np.float32)
        with torch.no_grad():
            network(torch.from_numpy(inputs))

    timed("forecast 1,000 series, 12 steps", forecast)


def growth(asked: argparse.Namespace) -> None:
    """Up to 100,000 series."""
    forecasting_growth.grow(asked.counts, asked.parts)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("zero", "ten", "short", "runs", "cost", "growth"))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=None)
    parser.add_argument("--series", type=int, default=None)
    parser.add_argument("--rest", type=int, default=300, help="other series that are told, at most (ten)")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--alone", action="store_true", help="the clock is that of the processor (runs)")
    parser.add_argument("--counts", nargs="+", type=int, default=forecasting_growth.COUNTS)
    parser.add_argument("--parts", nargs="+", default=tuple(forecasting_growth.PARTS))
    asked = parser.parse_args()
    usual = {
        "zero": SETS,
        "short": ("monthly", "quarterly"),
        "ten": ("monthly", "quarterly"),
        "runs": ("exchange", "monthly"),
    }
    asked.sets = asked.sets or usual.get(asked.what, ())
    asked.series = asked.series or (10 if asked.what == "ten" else 300)
    {"zero": zero, "ten": ten, "short": short, "runs": runs, "cost": cost, "growth": growth}[asked.what](
        asked
    )


if __name__ == "__main__":
    main()
