"""The base as it is."""

import numpy as np
import torch

import serial
from headstart import data, registry
from headstart.adaptation._fit import fit, outputs
from headstart.adaptation.base import Job, Recipe
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime


def test_it_says_what_the_base_says_and_a_series_does_not_depend_on_the_others(tmp_path):
    task, strategy = registry.get("tasks", "forecasting"), registry.get("adaptation", "zero_shot")
    assert not strategy.stages(("top",), 3)
    found = {}
    for name, series in (("few", 4), ("more", 5)):
        splits = data.load(serial.long_table(series, 60), task)
        base = load_base(serial.write_base(tmp_path / name), "series")
        base = task.suited(base, splits.examples, splits.train)
        pool = np.concatenate([splits.train, splits.validation])
        bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(tmp_path / "cache"), Runtime()))
        job = Job("zero_shot", strategy, 0, Recipe(size=12), splits.train, splits.validation)
        fitted = fit(job, bench, tmp_path / name)
        assert not any(torch.any(value) for value in fitted.kept.values())
        rows = np.array([row for row in splits.test if splits.examples.names[row].startswith("s1 ")])
        with torch.no_grad():
            told = base.network()(bench.subject(12).inputs.batch(rows)).reshape(len(rows), 12, -1)[..., -5:]
        out = outputs(fitted, bench, rows)
        np.testing.assert_allclose(out.reshape(told.shape), told, atol=1e-5)
        found[name] = out[splits.examples.answers["origin"][rows].argmax()]
    np.testing.assert_allclose(found["few"], found["more"], atol=1e-6)
