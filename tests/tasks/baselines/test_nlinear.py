"""NLinear in closed form: what it ships is asked in test_naive.py too."""

import numpy as np
import pytest

import serial
from headstart import data, registry
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines
from headstart.tasks.scores.forecasts import LEVELS, MEDIAN


def bench_of(table, folder, horizon="6"):
    task = registry.get("tasks", "forecasting")
    splits = data.load(table, task, 0, data.Reading(options={"horizon": horizon}))
    base = task.suited(load_base(serial.write_base(folder / "base"), "series"), splits.examples, splits.train)
    pool = np.concatenate([splits.train, splits.validation])
    return Bench(task, splits.examples, pool, base, FrozenPass(Cache(folder / "cache"), Runtime())), splits


def test_it_learns_what_follows_from_the_last_values(tmp_path):
    """Each value is half of the one before and noise: the best forecast of a step is known."""
    table, draws = serial.long_table(20, 80), np.random.default_rng(0)
    values = np.zeros(len(table))
    for place in range(1, len(values)):
        values[place] = 0.5 * values[place - 1] + draws.normal()
    bench, splits = bench_of(table.assign(y=values), tmp_path)
    fitted = baselines.get("nlinear").fit(bench, splits.train)
    assert fitted.preprocess.past == 24
    weight = fitted.network.weight[0].detach().numpy()
    # beside the last value, of which it is the difference: half of what it lies from the mean is lost
    last = 1 - weight.sum()
    assert last == pytest.approx(0.5, abs=0.15)
    right = bench.examples.answers[splits.test]
    score = bench.task.score
    naive = baselines.get("naive").fit(bench, splits.train).outputs(splits.test)
    assert score.value(fitted.outputs(splits.test), right) < 0.9 * score.value(naive, right)


def test_intervals_are_as_wide_as_what_it_left_out_erred(tmp_path):
    bench, splits = bench_of(serial.long_table(40, 80), tmp_path)
    fitted = baselines.get("nlinear").fit(bench, splits.train)
    right = bench.examples.answers[splits.test]
    assert 0.65 < bench.task.metrics(fitted.outputs(splits.test), right)["coverage_80"] < 0.95
    told = fitted.outputs(splits.test).reshape(len(right), 6, len(LEVELS))
    assert (np.diff(told) >= 0).all()
    assert np.isfinite(told[..., MEDIAN]).all()


def test_gaps_and_steps_that_nobody_knows_are_left_out(tmp_path):
    table = serial.long_table(20, 60)
    table.loc[np.random.default_rng(0).random(len(table)) < 0.1, "y"] = np.nan
    bench, splits = bench_of(table, tmp_path)
    assert np.isnan(bench.examples.answers["values"][splits.train]).any()
    assert np.isfinite(baselines.get("nlinear").fit(bench, splits.train).outputs(splits.test)).all()
