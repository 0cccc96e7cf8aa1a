"""The last value, for every step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import serial
from headstart import data, registry
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.series.histories import decoded
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines
from headstart.tasks.scores.forecasts import LEVELS, MEDIAN

BASES = {"numbers": serial.write_base, "values": serial.write_bolt}
"""By what a base is shown."""


@pytest.fixture(scope="module", params=BASES)
def ground(request, tmp_path_factory):
    """A bench of series, and its splits."""
    folder = tmp_path_factory.mktemp("series")
    task = registry.get("tasks", "forecasting")
    splits = data.load(serial.long_table(8, 60), task)
    base = load_base(BASES[request.param](folder / "base"), "series")
    base = task.suited(base, splits.examples, splits.train)
    pool = np.concatenate([splits.train, splits.validation])
    return Bench(task, splits.examples, pool, base, FrozenPass(Cache(folder / "cache"), Runtime())), splits


def told(ground, name, row):
    """The forecast of a baseline for one window, in the series' own unit, and its history."""
    bench, splits = ground
    fitted = baselines.get(name).fit(bench, splits.train)
    found = fitted.outputs(np.array([row])).reshape(12, len(LEVELS))
    assert (np.diff(found) >= -1e-9).all()
    assert found[:, -1].mean() > found[:, 0].mean()
    right = bench.examples.answers[row]
    history = decoded(bench.examples.sources[row]).values
    return found[:, MEDIAN] * right["scale"] + right["reference"], history


DULL = {
    "naive": lambda history: np.full(12, history[-1]),
    "seasonal_naive": lambda history: history[-12:],
    "drift": lambda history: history[-1] + np.arange(1, 13) * (history[-1] - history[0]) / (len(history) - 1),
}


@pytest.mark.parametrize("name", DULL)
def test_the_dull_forecast_is_what_it_says(ground, name):
    row = int(ground[1].validation[0])
    found, history = told(ground, name, row)
    np.testing.assert_allclose(found, DULL[name](history), rtol=1e-5)


@pytest.mark.parametrize("name", [*DULL, "lagged_ridge", "nlinear"])
def test_what_ships_says_the_same(ground, name):
    bench, splits = ground
    fitted = baselines.get(name).fit(bench, splits.train)
    shippable = fitted.shippable()
    sources = [bench.examples.sources[row] for row in splits.validation]
    inputs = bench.task.unanswered(sources, shippable.preprocess).batch(np.arange(len(sources)))
    with torch.no_grad():
        features = shippable.backbone(inputs).numpy()
    np.testing.assert_allclose(shippable.head.outputs(features), fitted.outputs(splits.validation), atol=1e-4)


def test_a_ridge_on_lags_learns_the_season(ground):
    bench, splits = ground
    right = bench.examples.answers[splits.validation]
    errors = {
        name: bench.task.score.value(
            baselines.get(name).fit(bench, splits.train).outputs(splits.validation), right
        )
        for name in ("naive", "seasonal_naive", "lagged_ridge")
    }
    assert errors["lagged_ridge"] < errors["seasonal_naive"] < errors["naive"]
