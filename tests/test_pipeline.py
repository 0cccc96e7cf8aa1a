"""The whole story on a few pictures: what it leaves, and that no layout of the data changes it."""

from __future__ import annotations

import json
import math
import shutil
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from safetensors.torch import load_file, save_file

import headstart
from headstart import pipeline
from headstart.adaptation._trials import EPOCHS
from headstart.errors import RunError
from headstart.runtime import Silent
from headstart.settings import Settings
from headstart.shipping.report import words
from pictures import write_folder
from stories import KILL, PLENTY, Finished, said, said_apart, same_run, shorten, timeless


@pytest.fixture(scope="module")
def result(finished):
    return finished.read("result.json")


@pytest.fixture(scope="module")
def evidence(finished):
    return finished.read("evidence.json")


def test_the_record_keeps_its_schema(result):
    schema = json.loads(files("headstart.shipping.report").joinpath("result.schema.json").read_text("utf-8"))
    errors = Draft202012Validator(schema).iter_errors(result)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_record_is_what_json_prints(finished, result):
    assert finished.said.json == result


def test_the_numbers_of_the_record_agree(result):
    arms = {arm["name"]: arm for arm in result["arms"]}
    assert len(arms) == len(result["arms"])
    assert {"majority", "raw_pixels", "knn", "frozen", "finetune", "refine", "reinit", "scratch"} == set(arms)
    for arm in arms.values():
        assert arm["value"] == pytest.approx(sum(arm["seeds"]) / len(arm["seeds"]))
        assert 0 <= arm["interval"][0] <= arm["value"] <= arm["interval"][1] <= 1
        assert 0 <= arm["validation"] <= 1
    verdict = result["verdict"]
    pair = [arms[verdict[side]] for side in ("transfer", "baseline")]
    assert verdict["transfer"] in ("frozen", "finetune")
    assert verdict["baseline"] in ("reinit", "scratch")
    assert verdict["delta"] == pytest.approx(pair[0]["value"] - pair[1]["value"])
    assert verdict["seeds"] == 2
    assert not verdict["preliminary"]
    assert verdict["ended"] in ("decided", "seeds", "time")
    assert verdict["interval"][0] <= verdict["delta"] <= verdict["interval"][1]
    assert result["chosen"]["arm"] in arms


def test_the_data_are_all_accounted_for(result):
    data = result["data"]
    for side in ("train", "validation", "test"):
        assert data[side] == sum(counts[side] for counts in data["per_class"].values())
        assert all(counts[side] for counts in data["per_class"].values())
    assert data["train"] + data["validation"] + data["test"] + data["dropped"]["count"] == 36
    assert data["labels"] == ["circle", "square", "triangle"]


def test_the_metric_is_that_of_the_listed_predictions(result, evidence):
    rows = evidence["predictions"]
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert len(rows) == result["metric"]["n"] == result["data"]["test"]
    assert result["metric"]["value"] == result["metrics"]["accuracy"] == pytest.approx(right / len(rows))
    matrix = evidence["confusion"]["matrix"]
    assert sum(map(sum, matrix)) == len(rows)
    assert sum(matrix[i][i] for i in range(3)) == right


def test_the_bundle_predicts_what_the_run_measured(finished, evidence):
    for row in evidence["predictions"]:
        (record,) = headstart.predict(finished.bundle, [finished.data / row["file"]])
        assert record["label"] == row["predicted"]
        assert record["probability"] == pytest.approx(row["probability"], abs=1e-3)
        assert math.fsum(record["probabilities"].values()) == pytest.approx(1)


def test_the_receipt_and_the_base_are_the_ones_that_were_typed(finished, result):
    assert result["chosen"]["base"] == result["base"]["name"] == str(finished.base)
    assert result["ranking"][0]["base"] == str(finished.base)
    assert result["receipt"]["fraction"] == 1.0
    assert {name for name, _ in result["receipt"]["unused"]} == {"fc.weight", "fc.bias"}


def test_the_run_leaves_these_files_and_nothing_that_is_pickled(finished):
    found = {path.relative_to(finished.folder).as_posix() for path in finished.folder.rglob("*")}
    assert found == {
        *("result.json", "evidence.json", "report.html", "settings.json", "log.jsonl", "bundle"),
        *(
            "bundle/model.safetensors",
            "bundle/bundle.json",
            "bundle/README.md",
            "bundle/trained_on.safetensors",
        ),
    }
    for path in finished.folder.rglob("*.*"):
        if path.is_file():
            assert not path.read_bytes().startswith((b"\x80", b"PK")), path


def test_the_users_files_are_as_they_were(finished, tmp_path):
    fresh = write_folder(tmp_path / "photos", per_class=12)
    names = sorted(path.relative_to(fresh) for path in fresh.rglob("*"))
    assert sorted(path.relative_to(finished.data) for path in finished.data.rglob("*")) == names
    for name in names:
        if (fresh / name).is_file():
            assert (finished.data / name).read_bytes() == (fresh / name).read_bytes()


def test_the_plan_is_said_before_any_work_and_stands_in_the_settings(finished, result):
    lines = finished.said.err.splitlines()
    said = "plan: 2 paired seeds, at most about"
    said_at = next(number for number, line in enumerate(lines) if line.startswith(said))
    work_at = next(number for number, line in enumerate(lines) if "seed 1 of 2" in line)
    assert said_at < work_at
    assert finished.read("settings.json")["plan"] == result["plan"]


def test_the_log_has_one_event_a_line_in_the_order_of_time(finished):
    events = [json.loads(line) for line in (finished.folder / "log.jsonl").read_text("utf-8").splitlines()]
    assert events[0]["event"] == "start"
    assert [one["elapsed"] for one in events] == sorted(one["elapsed"] for one in events)
    assert {"ranked", "fitted"} <= {one["event"] for one in events}


def test_the_log_ends_within_the_total(finished, result):
    seconds = result["seconds"]
    assert {"check", "rank", "plan", "adapt", "verify", "ship", "total"} == set(seconds)
    assert sum(value for name, value in seconds.items() if name != "total") <= seconds["total"] + 0.1


def table_of(folder: Path) -> pd.DataFrame:
    """The pictures of class folders as a table, in another order, with names relative to the folder."""
    names = sorted((path.relative_to(folder) for path in folder.rglob("*.png")), reverse=True)
    return pd.DataFrame(
        {"file_name": [str(name) for name in names], "label": [name.parts[0] for name in names]}
    )


@pytest.fixture
def copied(finished, tmp_path) -> Path:
    """The same pictures in one flat folder, called anything; `labels` is their table."""
    flat = tmp_path / "flat"
    flat.mkdir()
    for number, name in enumerate(table_of(finished.data)["file_name"]):
        shutil.copy(finished.data / name, flat / f"{number:03}.png")
    return flat


def flat_table(finished) -> pd.DataFrame:
    table = table_of(finished.data)
    return table.assign(file_name=[f"{number:03}.png" for number in range(len(table))])


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("metadata.csv", lambda table, path: table.to_csv(path, index=False)),
        ("metadata.jsonl", lambda table, path: table.to_json(path, orient="records", lines=True)),
        ("metadata.parquet", lambda table, path: table.to_parquet(path)),
    ],
)
def test_any_layout_gives_the_same_splits(finished, copied, name, write):
    write(flat_table(finished), copied / name)
    first, again = headstart.check(finished.data), headstart.check(copied)
    assert again.fingerprint == first.fingerprint
    assert f"sha256:{again.fingerprint}" == finished.read("result.json")["data"]["fingerprint"]
    assert again.examples.digests == first.examples.digests
    for side in ("train", "validation", "test"):
        assert getattr(again, side).tolist() == getattr(first, side).tolist()


@pytest.mark.parametrize("folds", [(), ("--set", "folds=2")], ids=["split", "folds"])
def test_where_no_reference_fits_into_the_time_there_is_a_model_and_no_verdict(
    finished, tmp_path, short, monkeypatch, folds
):
    monkeypatch.setattr("headstart.adaptation.Plan.hopeless", lambda plan, arm, left, pace: True)
    about = ("--base", finished.base, "--minutes", PLENTY, "--strategy", "frozen", *folds)
    done = said("run", finished.data, *about, "--require-gain", "--out", tmp_path / "run")
    assert done.code == 3, done.err
    assert "there will be no verdict" in done.err
    assert "No verdict: this model was not compared" in done.out
    record = json.loads((tmp_path / "run" / "result.json").read_text("utf-8"))
    assert record["verdict"] is None
    schema = json.loads(files("headstart.shipping.report").joinpath("result.schema.json").read_text("utf-8"))
    assert not [*Draft202012Validator(schema).iter_errors(record)]
    assert {"reinit", "scratch"}.isdisjoint(arm["name"] for arm in record["arms"])
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "Give it more time" in page
    assert "Two trainings without the pre-trained weights, which decide, did not fit into the time." in page
    result = headstart.Result(tmp_path / "run", record)
    assert repr(result).startswith(f"Result({str(tmp_path / 'run')!r}, verdict=None, ships=")
    with pytest.raises(RunError, match="has no verdict"):
        _ = result.verdict
    (one,) = headstart.predict(tmp_path / "run", [next(finished.data.rglob("*.png"))])
    assert one["label"] in record["data"]["labels"]


@pytest.mark.slow
def test_a_metadata_file_gives_the_same_run(finished, copied, tmp_path, short):
    flat_table(finished).to_csv(copied / "metadata.csv", index=False)
    done = said("run", copied, "--base", finished.base, "--minutes", PLENTY, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    again = json.loads((tmp_path / "run" / "evidence.json").read_text("utf-8"))["predictions"]
    assert [row["predicted"] for row in again] == [
        row["predicted"] for row in finished.read("evidence.json")["predictions"]
    ]
    assert (tmp_path / "run" / "bundle" / "model.safetensors").read_bytes() == finished.weights


@pytest.mark.slow
def test_a_dataframe_gives_the_same_run(finished, tmp_path, short):
    table = table_of(finished.data)
    table["file_name"] = [str(finished.data / name) for name in table["file_name"]]
    out = tmp_path / "new" / "run"
    result = headstart.run(table, base=str(finished.base), minutes=float(PLENTY), out=out)
    assert (result.bundle / "model.safetensors").read_bytes() == finished.weights
    assert timeless(result.record["arms"]) == timeless(finished.read("result.json")["arms"])


@pytest.fixture(scope="module")
def raced(finished, tmp_path_factory):
    """A run that had two bases to choose from: the tiny one and a twin with other weights."""
    home = tmp_path_factory.mktemp("raced")
    twin = shutil.copytree(finished.base, home / "bases" / "twin")
    shutil.copytree(finished.base, home / "bases" / "tiny")
    state = load_file(twin / "model.safetensors")
    noisy = {name: value + 0.02 * (value.ndim == 4) for name, value in state.items()}
    save_file(noisy, twin / "model.safetensors", {"format": "pt"})
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        patch.setitem(EPOCHS, "short training", 1)
        folder = home / "run"
        told = said("run", finished.data, "--base", home / "bases", "--minutes", PLENTY, "--out", folder)
    assert told.code == 0, told.err
    return Finished(finished.data, home / "bases", folder, told)


def test_of_several_bases_the_winner_of_the_race_ships(raced):
    result, settings = raced.read("result.json"), raced.read("settings.json")
    rows = {row["base"]: row for row in result["ranking"]}
    assert rows.keys() == {str(raced.base / name) for name in ("tiny", "twin")}
    chosen = settings["ranking"]["chosen"]["base"]
    assert result["chosen"]["base"] == chosen
    assert rows[chosen]["dropped"] is None
    assert [row["dropped"] is None for row in rows.values()].count(True) == 1
    for row in rows.values():
        assert row["race"][0]["round"] == "features"
        assert row["seconds"] >= sum(one["seconds"] for one in row["race"]) > 0


def test_the_report_shows_every_candidate_with_its_cost(raced):
    page = (raced.folder / "report.html").read_text("utf-8")
    for row in raced.read("result.json")["ranking"]:
        assert row["base"] in page
        assert words.duration(row["seconds"]) in page
    assert "left the race after" in page


@pytest.mark.slow
def test_a_race_is_repeated_from_the_settings_without_the_other_bases(raced, tmp_path, short):
    chosen = Path(raced.read("settings.json")["ranking"]["chosen"]["base"])
    (loser,) = [base for base in raced.base.iterdir() if base != chosen]
    hidden = loser.rename(tmp_path / "hidden")
    try:
        done = said("run", "--from", raced.folder / "settings.json", "--out", tmp_path / "again")
    finally:
        hidden.rename(loser)
    assert done.code == 0, done.err
    same_run(tmp_path / "again", raced)


@pytest.mark.slow
def test_a_race_that_was_killed_goes_on_and_ends_the_same(raced, tmp_path, commands):
    command = ("run", raced.data, "--base", raced.base, "--minutes", PLENTY, "--out", tmp_path / "run")
    before = "from headstart.adaptation import _trials\n_trials.EPOCHS['short training'] = 1\n"
    kill = before + KILL.format(name="settings.json", time=2)  # the race is run, its outcome not yet written
    assert said_apart(commands, *command, cwd=tmp_path, before=kill).code == -9
    assert "ranking" not in json.loads((tmp_path / "run" / "settings.json").read_text("utf-8"))
    assert list((tmp_path / "run" / "work").glob("race-*.safetensors"))
    done = said_apart(commands, *command, cwd=tmp_path, before=before)
    assert done.code == 0, done.err
    same_run(tmp_path / "run", raced)


def test_its_time_runs_from_when_it_is_said_to_have_begun(monkeypatch):
    seen = []

    def stopped(settings, reporter):
        raise RunError("this is far enough", "")

    monkeypatch.setattr(pipeline, "Clock", lambda *given: seen.append(given))
    monkeypatch.setattr(pipeline, "opened", stopped)
    with pytest.raises(RunError):
        pipeline.run(Settings(None, minutes=2.0), Silent(), 12.5)
    assert seen == [(2.0, 12.5)]
