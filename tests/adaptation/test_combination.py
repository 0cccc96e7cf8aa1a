"""The mean of what a base tells and of what a ridge regression tells."""

from types import SimpleNamespace

import numpy as np
import pytest

import serial
from headstart import data, registry
from headstart.adaptation import Arm, final
from headstart.adaptation._fit import fit, outputs
from headstart.adaptation._plan import _groups
from headstart.adaptation._uses import able
from headstart.adaptation.base import Job, Recipe
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.errors import BaseError
from headstart.runtime import Runtime
from headstart.shipping import pack_final
from headstart.shipping.bundles.predict import Predictor
from headstart.tasks.baselines import base as baselines
from headstart.tasks.scores.forecasts import LEVELS, MEDIAN

STRATEGY, STILL = (registry.get("adaptation", name) for name in ("combination", "zero_shot"))


def with_column():
    """A table with a column whose future is known."""
    table = serial.long_table(6, 60)
    return table.assign(price=np.random.default_rng(0).normal(size=len(table)))


@pytest.fixture(params=["values", "with a column"])
def bench(request, tmp_path):
    task = registry.get("tasks", "forecasting")
    known = request.param == "with a column"
    options = {"known": "price"} if known else {}
    splits = data.load(
        with_column() if known else serial.long_table(6, 60), task, 0, data.Reading(options=options)
    )
    base = task.suited(
        load_base(serial.write_base(tmp_path / "base"), "series"), splits.examples, splits.train
    )
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    made = Bench(task, splits.examples, pool, base, FrozenPass(Cache(tmp_path / "cache"), Runtime()))
    made.splits = splits
    return made


def fitted(bench, strategy, name, folder):
    splits, steps = bench.splits, len(bench.examples.categories)
    job = Job(name, strategy, 0, Recipe(size=steps), splits.train, splits.validation)
    return fit(job, bench, folder)


def packed(bench, made, folder):
    run = SimpleNamespace(path=folder)
    pack_final(bench, bench.splits, made, "combination", made.looks, "forecasting", run, 0.05)
    return folder / "bundle"


def test_it_tells_the_mean_of_both(bench, tmp_path):
    splits = bench.splits
    ours = outputs(fitted(bench, STRATEGY, "combination", tmp_path), bench, splits.test)
    still = outputs(fitted(bench, STILL, "zero_shot", tmp_path), bench, splits.test)
    dull = baselines.get("lagged_ridge").fit(bench, splits.train).outputs(splits.test)
    assert np.abs(still - dull).max() > 0.1
    np.testing.assert_allclose(ours, (still + dull) / 2, atol=1e-5)


def test_what_is_told_again_and_what_ships_is_the_same(bench, tmp_path):
    one = fitted(bench, STRATEGY, "combination", tmp_path)
    rows = bench.splits.test
    expected = outputs(one, bench, rows)
    np.testing.assert_array_equal(
        outputs(fitted(bench, STRATEGY, "combination", tmp_path), bench, rows), expected
    )
    made = final(Arm("combination", (one,), (outputs(one, bench, bench.splits.validation),)), bench, tmp_path)
    assert made.shipped.what == "refit"
    predictor = Predictor(packed(bench, made, tmp_path))
    told = predictor.outputs([bench.examples.sources[row] for row in rows.tolist()])
    middle = [out.reshape(len(rows), -1, len(LEVELS))[..., MEDIAN] for out in (told, expected)]
    assert np.abs(middle[0] - middle[1]).mean() < 0.2 * np.abs(middle[1]).mean(), "it has learned from more"


def test_what_has_learned_says_from_what_and_what_has_not_tells_anything(bench, tmp_path):
    for strategy, name, learned in ((STRATEGY, "combination", ("monthly",)), (STILL, "zero_shot", ())):
        (tmp_path / name).mkdir()
        one = fitted(bench, strategy, name, tmp_path / name)
        made = final(
            Arm(name, (one,), (outputs(one, bench, bench.splits.validation),)), bench, tmp_path / name
        )
        run = SimpleNamespace(path=tmp_path / name)
        pack_final(bench, bench.splits, made, name, made.looks, "forecasting", run, 0.05)
        base = load_base(str(tmp_path / name / "bundle"), "series")
        assert base.preprocess.learned == learned
        again = bench.task.suited(base, bench.examples, bench.splits.train)
        assert again.preprocess.learned == (), "as a base it has to tell anything"


def test_its_bundle_is_a_base_without_what_was_put_beside(bench, tmp_path):
    one = fitted(bench, STRATEGY, "combination", tmp_path)
    made = final(Arm("combination", (one,), (outputs(one, bench, bench.splits.validation),)), bench, tmp_path)
    again = load_base(str(packed(bench, made, tmp_path)), "series")
    assert again.architecture == bench.base.architecture
    for name, tensor in bench.base.state.items():
        np.testing.assert_array_equal(again.state[name], tensor)


def test_a_base_that_reads_values_goes_without(tmp_path):
    base = load_base(serial.write_bolt(tmp_path / "bolt"), "series")
    names, why = able(("zero_shot", "combination"), base)
    assert names == ["zero_shot"]
    assert "combination is left out" in why[0]
    with pytest.raises(BaseError, match="reads the values themselves"):
        able(("combination",), base)


def test_what_costs_nothing_is_no_fallback_that_is_dropped_first():
    everything, proving, cheap = _groups(["zero_shot", "combination", "finetune", "refine"])
    assert proving == ["zero_shot", "combination", "finetune"]
    assert cheap == ["zero_shot", "combination"]
    assert everything[-1] == "refine"
