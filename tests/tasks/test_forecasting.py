"""A whole run on series: what ships forecasts new histories, and nothing looks ahead."""

import json

import numpy as np
import pytest
import torch

import headstart as hs
import serial
from headstart import data, registry
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines
from headstart.tasks.scores.forecasts import LEVELS
from headstart.tasks.solvers.widths import stretched
from headstart.verification import ArmResult, final_model
from stories import PLENTY, settled

TASK = registry.get("tasks", "forecasting")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two short runs: on made series, and on the same with other values in the test."""
    home = tmp_path_factory.mktemp("run")
    table = serial.long_table(12, 60)
    scrambled = table.copy()
    last = scrambled.groupby("unique_id").cumcount() >= 54
    scrambled.loc[last, "y"] = np.random.default_rng(0).uniform(0, 500, int(last.sum()))
    base, found = serial.write_base(home / "base"), {}
    with pytest.MonkeyPatch.context() as patch:
        for owner, name, value in settled():
            patch.setattr(owner, name, value)
        for name, data in (("plain", table), ("scrambled", scrambled)):
            found[name] = hs.run(
                data,
                base=base,
                strategy=["zero_shot", "frozen", "finetune"],
                minutes=float(PLENTY),
                out=home / name,
                horizon="6",
            )
    return home, found


def result(runs, name):
    return json.loads((runs[0] / name / "result.json").read_text("utf-8"))


def test_the_verdict_is_against_the_best_without_pre_training(runs):
    said = result(runs, "plain")
    assert said["task"] == "forecasting"
    assert said["metric"]["name"] == "mase"
    assert not said["metric"]["higher_is_better"]
    arms = {arm["name"]: arm for arm in said["arms"]}
    assert set(arms) == {
        *("naive", "seasonal_naive", "drift", "lagged_ridge", "nlinear"),
        *("zero_shot", "frozen", "finetune", "scratch"),
    }
    others = [name for name in arms if name in (*TASK.rivals, "scratch")]
    assert said["verdict"]["baseline"] == min(others, key=lambda name: arms[name]["validation"])
    assert {"mase", "smape", "mae", "rmsse", "coverage_80", "width_80"} <= arms["frozen"]["metrics"].keys()


def test_the_future_changes_no_choice(runs):
    one, other = result(runs, "plain"), result(runs, "scrambled")
    kept = [
        {
            "arms": {arm["name"]: arm["validation"] for arm in said["arms"]},
            "shipped": said["chosen"]["arm"],
            "pair": (said["verdict"]["transfer"], said["verdict"]["baseline"]),
        }
        for said in (one, other)
    ]
    assert kept[0] == kept[1]
    assert one["metric"]["value"] < other["metric"]["value"]


def test_what_ships_forecasts_new_histories(runs, tmp_path):
    _, found = runs
    fresh = serial.write_table(tmp_path / "fresh", 3, 40)
    answers = list(found["plain"].model.predict(fresh))
    assert [one["input"] for one in answers] == ["s0", "s1", "s2"]
    for one in answers:
        assert one["stamps"][0] == "2018-05-01"
        assert len(one["forecast"]) == 6
        assert all(
            low <= middle <= high
            for low, middle, high in zip(one["low"], one["forecast"], one["high"], strict=True)
        )
    (alone,) = found["plain"].model.predict(serial.long_table(1, 40))
    assert alone["forecast"] == pytest.approx(answers[0]["forecast"], rel=1e-5)
    # beside its future a history is the same
    (flat,) = found["plain"].model.predict(serial.long_table(1, 40).assign(y=3.0))
    assert flat["forecast"] == pytest.approx([3.0] * 6, abs=3)


def test_a_bundle_is_measured_on_its_own_number_of_steps(runs):
    _, found = runs
    model, table = found["plain"].model, serial.long_table(4, 60, seed=50)
    assert model.evaluate(table, horizon="6").metric.name == "mase"
    with pytest.raises(hs.errors.DataError) as caught:
        model.evaluate(table)
    assert caught.value.hint == "say so: --set horizon=6"


def test_the_report_has_pictures(runs):
    page = (runs[0] / "plain" / "report.html").read_text("utf-8")
    assert page.count("data:image/svg+xml;base64,") >= 10
    assert "MASE" in page


def test_what_ships_takes_the_columns_beside_the_values(tmp_path, monkeypatch):
    for owner, name, value in settled():
        monkeypatch.setattr(owner, name, value)
    base = serial.write_base(tmp_path / "base")
    about = {"base": base, "strategy": "frozen", "minutes": float(PLENTY), "horizon": "6", "known": "promo"}
    found = hs.run(serial.promoted(12, 60), out=tmp_path / "run", **about)
    said = json.loads((tmp_path / "run" / "result.json").read_text("utf-8"))
    arms = {arm["name"]: arm["value"] for arm in said["arms"]}
    assert arms["frozen"] < arms["seasonal_naive"]
    assert said["chosen"]["arm"] in ("frozen", "lagged_ridge", "scratch")
    fresh = serial.promoted(3, 60, ahead=6, seed=50)
    one, *_ = found.model.predict(fresh)
    flat, *_ = found.model.predict(
        fresh.assign(promo=lambda rows: rows["promo"].where(rows["y"].notna(), 0.0))
    )
    ahead = fresh["promo"][60:66].to_numpy() > 0
    assert ahead.any()
    ratio = np.array(one["forecast"]) / flat["forecast"]
    assert (ratio[ahead] > 1.4).all()
    np.testing.assert_allclose(ratio[~ahead], 1, rtol=0.02)
    (refused,) = found.model.predict(serial.promoted(1, 60, ahead=2))
    assert "`promo` has no value at 2020-03-01" in refused["error"]
    assert found.model.evaluate(serial.promoted(4, 60, seed=70), horizon="6", known="promo").metric.value < 1
    with pytest.raises(hs.errors.DataError, match="takes the columns promo"):
        found.model.evaluate(serial.promoted(4, 60, seed=70), horizon="6")


def test_intervals_of_a_dull_forecast_are_looked_at_too(tmp_path):
    splits = data.load(serial.long_table(30, 80), TASK, 0, data.Reading(options={"horizon": "6"}))
    base = TASK.suited(
        load_base(serial.write_base(tmp_path / "base"), "series"), splits.examples, splits.train
    )
    pool = np.concatenate([splits.train, splits.validation])
    bench = Bench(TASK, splits.examples, pool, base, FrozenPass(Cache(tmp_path / "cache"), Runtime()))
    look = (np.zeros((len(splits.validation), 6 * len(LEVELS))), splits.validation)
    arm = ArmResult("naive", 1.0, np.zeros((1, 1)), (), (look,), (), 1.0, TASK.score)
    final = final_model(arm, bench, tmp_path)
    assert final.looks == (look,)
    right, told = bench.examples.answers, baselines.get("naive").fit(bench, splits.train)
    narrow = stretched(told.outputs(splits.validation), 0.3)
    before = final.head.bias.clone()
    found = TASK.answer.widen(final.head, [(narrow, splits.validation)], right)
    assert found["width"] > 1.5
    torch.testing.assert_close(final.head.bias, found["width"] * before)
