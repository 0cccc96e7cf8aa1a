"""A run in folds: what each fold did is pooled, and what ships has learned from everything."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from importlib.resources import files
from types import SimpleNamespace

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from safetensors.torch import load_file

import headstart
from headstart import crossvalidation, looks, pipeline, verification
from headstart.errors import SettingsError
from headstart.settings import read
from headstart.tasks.scores.classes import ACCURACY
from headstart.verification import ArmResult
from pictures import write_folder
from stories import PLENTY, refused, said, shorten

FOLDS = 2


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    home = tmp_path_factory.mktemp("folds")
    data = write_folder(home / "photos", per_class=6)
    words = ("run", data, "--set", f"folds={FOLDS}", "--minutes", PLENTY, "--out", home / "run", "--json")
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        told = said(*words, "--strategy", "frozen", "--base", "builtin/glyphs")
    assert told.code == 0, told.err
    return home / "run", told


@pytest.fixture(scope="module")
def result(done):
    return json.loads((done[0] / "result.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def evidence(done):
    return json.loads((done[0] / "evidence.json").read_text("utf-8"))


def test_the_record_keeps_its_schema_and_says_in_how_many_folds(result):
    schema = json.loads(files("headstart.shipping.report").joinpath("result.schema.json").read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(result)] == []
    assert result["metric"]["folds"] == FOLDS
    assert result["metric"]["n"] == 18


def test_each_example_was_tested_once_by_what_the_metric_is_of(result, evidence):
    rows = evidence["predictions"]
    assert len({row["file"] for row in rows}) == len(rows) == 18
    right = np.mean([row["label"] == row["predicted"] for row in rows])
    assert result["metric"]["value"] == pytest.approx(right)


def test_every_arm_was_tested_on_all_of_them_and_its_seeds_average_to_its_value(result):
    assert {"majority", "frozen", "scratch", "reinit"} <= {arm["name"] for arm in result["arms"]}
    for arm in result["arms"]:
        assert arm["value"] == pytest.approx(np.mean(arm["seeds"]))
        assert all(round(18 * value, 6) == round(18 * value) for value in arm["seeds"])
    majority = next(arm for arm in result["arms"] if arm["name"] == "majority")
    assert majority["value"] <= 0.5
    arms = {arm["name"]: arm["value"] for arm in result["arms"]}
    verdict = result["verdict"]
    assert verdict["delta"] == pytest.approx(arms[verdict["transfer"]] - arms[verdict["baseline"]], abs=0.2)
    assert result["labels"]["multiplier"] is None


def test_what_ships_has_learned_from_all_examples(done, result):
    assert result["data"]["train"] + result["data"]["validation"] == 18
    assert result["data"]["test"] == 18
    (finding,) = [one for one in result["data"]["findings"] if one["kind"] == "folds"]
    assert "18 examples are tested once each, in 2 folds" in finding["message"]
    assert len(load_file(done[0] / "bundle" / "trained_on.safetensors")["sha256"]) == 18


def one_arm(name, seeds):
    """An arm of two folds, of two and of three validation rows; each seed has rows and scores of its own."""

    def fold(first, size):
        rows = [np.arange(first, first + size) + 10 * seed for seed in range(seeds)]
        return ArmResult(
            name,
            validation=0.5,
            test_scores=np.zeros((seeds, 2)),
            outputs=(np.zeros((2, 2)),) * seeds,
            validation_outputs=tuple((np.zeros((size, 2)), own) for own in rows),
            validation_scores=tuple(own.astype(float) for own in rows),
            seconds=1.0,
            score=ACCURACY,
            units=np.arange(2),
            validation_units=tuple(rows),
        )

    return crossvalidation._joined([fold(0, 2), fold(100, 3)])


def test_a_fold_in_which_an_arm_was_cut_short_decides_nothing():
    arms = {name: one_arm(name, 3) for name in ("frozen", "scratch")}
    arms["frozen"] = replace(arms["frozen"], test_scores=np.ones((3, 4)))
    made = verification.verdict(arms["frozen"], arms["scratch"])

    def decided(*ended):
        found = [replace(made, ended=one) for one in ended]
        stories = [SimpleNamespace(verification=SimpleNamespace(verdict=one)) for one in found]
        verdict = crossvalidation._verdict(stories, [arms] * len(found), 0.005)
        return verdict.call, verdict.ended

    assert decided("seeds", "seeds") == ("helps", "seeds")
    assert decided("seeds", "time") == ("helps", "time")
    assert decided("time", "cut") == ("undecided", "cut")


def test_what_ships_has_the_time_that_was_kept_for_it(tmp_path, monkeypatch):
    """However long the folds took; and as many seeds as tell how long to train."""
    spent, seen, fold, train = [], [], pipeline._on_one_split, crossvalidation.trained

    def timed(*about):
        started = time.monotonic()
        story = fold(*about)
        spent.append(time.monotonic() - started)
        return story

    def trained(pooled, bench, splits, plan, work):
        seen.append((time.monotonic(), bench.runtime.clock.elapsed(), plan.seeds))
        return train(pooled, bench, splits, plan, work)

    monkeypatch.setattr(pipeline, "_on_one_split", timed)
    monkeypatch.setattr(crossvalidation, "trained", trained)
    shorten(monkeypatch)
    data, began = write_folder(tmp_path / "photos", per_class=6), time.monotonic()
    words = ("run", data, "--set", f"folds={FOLDS}", "--minutes", PLENTY, "--out", tmp_path / "run")
    assert said(*words, "--strategy", "frozen", "--base", "builtin/glyphs").code == 0
    ((now, elapsed, seeds),) = seen
    assert elapsed < now - began - sum(spent)
    assert seeds == looks.FIRST


def test_arms_of_more_and_of_fewer_seeds_are_compared_on_the_same_rows():
    many, few = one_arm("frozen", 3), one_arm("scratch", 1)
    assert [len(one) for one in many.validation_scores] == [2, 3] * 3
    pairs = list(zip(many.validation_outputs, few.validation_outputs, strict=False))
    assert len(pairs) == 2
    for (_, ours), (_, theirs) in pairs:
        np.testing.assert_array_equal(ours, theirs)


def test_a_base_that_has_met_any_example_is_refused_though_it_has_not_met_the_test_split(finished, tmp_path):
    """Folds test every example: those too that the base has learned from."""
    words = ("run", finished.data, "--base", finished.folder, "--out", tmp_path / "run", "--minutes", "0.1")
    refused(said(*words, "--set", "folds=2"))
    assert not list(tmp_path.iterdir())


def test_check_says_what_will_be_tested(done):
    splits = headstart.check(done[0].parent / "photos", folds="2")
    assert len(splits.train) + len(splits.validation) == 18
    assert len(splits.test) == 0
    assert [one.kind for one in splits.findings] == ["few_examples", "folds"]


def test_nothing_of_the_folds_is_left_behind_and_one_plan_was_told(done):
    assert not (done[0] / "work").exists()
    assert len(list(done[0].rglob("bundle.json"))) == 1
    assert done[1].err.count("plan: ") == 1
    assert [f"fold {number} of {FOLDS}" in done[1].err for number in (1, 2)] == [True] * 2


def test_report_and_card_say_that_it_was_tested_in_folds(done):
    page = (done[0] / "report.html").read_text("utf-8")
    assert "in 2 folds" in page
    assert "on the test split" not in page
    assert "each tested once, in 2 folds" in (done[0] / "bundle" / "README.md").read_text("utf-8")


def test_the_settings_of_such_a_run_are_not_repeated_as_those_of_another(done):
    with pytest.raises(SettingsError, match="a run in folds"):
        read(done[0] / "settings.json")


def test_tasks_without_classes_verbs_without_a_test_and_wrong_numbers_are_refused(done, tmp_path):
    data, base = done[0].parent / "photos", ("--base", "builtin/glyphs")
    for words in (
        ("run", data, "--set", "folds=1", "--out", tmp_path / "a"),
        ("run", data, "--set", "folds=19", "--out", tmp_path / "b"),
        ("rank", data, *base, "--set", "folds=3"),
        ("pretrain", data, *base, "--set", "folds=3", "--out", tmp_path / "d"),
        ("adapt", data, *base, "--strategy", "frozen", "--set", "folds=3", "--out", tmp_path / "c"),
    ):
        refused(said(*words))
        assert not list(tmp_path.iterdir())
