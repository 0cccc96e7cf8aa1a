"""Each command prints its result on stdout and everything else on stderr."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path

import pytest

from headstart import api
from makings import SCRATCH, hurry
from stories import PLENTY, refused, said


@pytest.fixture(scope="module")
def pictures(finished) -> list[Path]:
    """Those of the test split."""
    return [finished.data / row["file"] for row in finished.read("evidence.json")["predictions"]]


@pytest.fixture
def verdict(monkeypatch, finished):
    """`verdict("hurts")` makes `run` end with this verdict, without running."""

    def make(call: str) -> None:
        record = finished.read("result.json")
        record["verdict"]["call"] = call
        result = api.Result(finished.folder, record)
        monkeypatch.setattr(api, "run_settings", lambda settings, reporter, begun: result)

    return make


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(("call", "code"), [("helps", 0), ("hurts", 3), ("undecided", 3)])
@pytest.mark.parametrize("how", [(), ("--json",)], ids=["table", "json"])
def test_require_gain_tells_by_the_exit_code(verdict, call, code, how):
    verdict(call)
    asked = said("run", "photos", "--require-gain", *how)
    plain = said("run", "photos", *how)
    assert (asked.code, plain.code) == (code, 0)
    assert asked.out == plain.out
    assert asked.err == "stage 1 of 5: check photos (0 files)\n"


@pytest.mark.usefixtures("named")
def test_run_shows_the_arms_the_verdict_and_what_to_do_next(verdict, finished):
    verdict("helps")
    result, out = finished.read("result.json"), said("run", "photos").out
    for arm in result["arms"]:
        assert f"\n{arm['name']} " in out
    assert result["verdict"]["sentence"] in out
    assert f"shipped: {result['chosen']['arm']}, accuracy {result['metric']['value']:.3f}" in out
    assert f"headstart predict {finished.bundle} INPUT" in out
    assert all(f"note: {note}" in out for note in result["notes"])


@pytest.mark.usefixtures("named")
def test_run_hands_on_every_option(monkeypatch, tmp_path, finished):
    asked, begun = [], []
    result = api.Result(finished.folder, finished.read("result.json"))

    def run(settings, reporter, since):
        asked.append(settings)
        begun.append(since)
        return result

    monkeypatch.setattr(api, "run_settings", run)
    before = time.monotonic()
    command = (
        "run photos --task t --base a --base b --strategy frozen --minutes 2.5 --seed 7 --group g --out o "
        "--margin 1.5 --max-error 2"
    )
    assert said(*command.split()).code == 0
    assert said("run", "photos").code == 0
    assert before <= begun[0] <= begun[1] <= time.monotonic(), "imports are in a run's time"
    one, plain = asked
    assert (one.data, one.task, one.base, one.strategy) == (Path("photos"), "t", ("a", "b"), ("frozen",))
    assert (one.minutes, one.seed, one.group, one.out) == (2.5, 7, "g", Path("o"))
    assert (one.margin, one.max_error) == (1.5, 2.0)
    assert (plain.base, plain.strategy, plain.minutes, plain.seed, plain.out) == (
        (),
        (),
        None,
        0,
        None,
    )


def test_check_counts_and_lists(finished, tmp_path):
    folder = tmp_path / "photos"
    shutil.copytree(finished.data, folder)
    (folder / "circle" / "text.png").write_text("no picture")
    plain, record = said("check", folder), said("check", folder, "--json").json
    assert plain.code == 0
    read, empty, table, *_ = plain.out.splitlines()
    assert read.startswith("read as image_classification, class folders: ")
    assert read.endswith(" test; 3 classes: circle, square, triangle")
    assert empty == ""
    assert table.split() == ["class", "train", "validation", "test"]
    assert "left out: circle/text.png: not an image" in plain.out
    assert plain.out.endswith(f"\nnext     headstart run {folder}\n")
    assert "verdict  can be used: 36 examples, " in plain.out
    assert ", 1 left out\n" in plain.out
    assert record["dropped"]["items"] == [{"file": "circle/text.png", "reason": "not an image"}]
    without = {key: value for key, value in record.items() if key != "dropped"}
    data = finished.read("result.json")["data"]
    assert without == {key: value for key, value in data.items() if key != "dropped"}
    other = said("check", folder, "--seed", "1", "--json").json
    assert other["fingerprint"] == record["fingerprint"]


def test_check_writes_nothing_where_it_is_run(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said("check", finished.data).code == 0
    assert list(tmp_path.iterdir()) == []


def test_rank_lists_the_bases_best_first(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ("rank", finished.data, "--base", finished.base, "--base", "builtin/glyphs")
    plain, asked = said(*command), said(*command, "--json")
    rows = asked.json["ranking"]
    assert {row["base"] for row in rows} == {str(finished.base), "builtin/glyphs"}
    assert rows[0]["score"] >= rows[1]["score"]
    header, *lines = [line.split() for line in plain.out.splitlines()[:3]]
    assert header[:3] == ["place", "base", "score"]
    assert [line[1] for line in lines] == [row["base"] for row in rows]
    assert asked.json["biggest"] in plain.out
    assert "static list" in plain.out
    assert list(tmp_path.iterdir()) == []


def test_explore_prints_the_clusters_and_where_everything_is(finished, tmp_path):
    command = ("explore", finished.data, "--base", finished.base, "--set", "clusters=2", "--set", "proof=no")
    plain = said(*command, "--labels", "label", "--out", tmp_path / "one")
    assert plain.code == 0, plain.err
    assert "\ncluster 2  " in plain.out
    assert "2 clusters of " in plain.out
    assert "beside label (" in plain.out
    assert f"report   {tmp_path / 'one' / 'report.html'}" in plain.out
    asked = said(*command, "--out", tmp_path / "two", "--json")
    assert asked.json["agreement"] is None
    assert len(asked.json["groups"]) == 2
    page = (tmp_path / "one" / "report.html").read_bytes()
    (tmp_path / "one" / "report.html").unlink()
    assert said("report", tmp_path / "one").code == 0
    assert (tmp_path / "one" / "report.html").read_bytes() == page
    answered = said("predict", tmp_path / "one" / "bundle", finished.data, "--json")
    assert '"cluster": "cluster ' in answered.out


def test_rank_takes_limits_with_units(finished):
    command = ("rank", finished.data, "--base", finished.base)
    for limit in (("--max-params", "1k"), ("--max-latency", "0.001ms"), ("--licence", "mit")):
        refused = said(*command, *limit)
        assert refused.code == 1
        assert "limits" in refused.err
    assert "a number and a unit" in said(*command, "--max-memory", "lots").err
    assert said(*command, "--max-params", "1G", "--max-latency", "100s").code == 0


def test_adapt_writes_a_bundle_that_predicts(finished, pictures, tmp_path, short):
    done = said(
        *("adapt", finished.data, "--base", finished.base, "--strategy", "finetune"),
        *("--minutes", PLENTY, "--out", tmp_path / "arm"),
    )
    assert (done.code, done.out) == (0, f"{tmp_path / 'arm' / 'bundle'}\n"), done.err
    assert re.search(r"^accuracy [01]\.\d{3} on validation", done.err, re.MULTILINE)
    assert f"next: headstart predict {tmp_path / 'arm' / 'bundle'} INPUT" in done.err
    record = said("predict", tmp_path / "arm" / "bundle", pictures[0], "--json").json
    assert record["label"] in ("circle", "square", "triangle")
    facts = json.loads((tmp_path / "arm" / "bundle" / "bundle.json").read_text("utf-8"))["facts"]
    assert facts["arm"] == "finetune"
    assert not (tmp_path / "arm" / "result.json").exists()


def test_report_is_written_anew(finished, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    (folder / "report.html").unlink()
    done = said("report", folder)
    assert (done.code, done.out) == (0, f"{folder / 'report.html'}\n")
    written = (finished.folder / "report.html").read_text("utf-8").replace(str(finished.folder), str(folder))
    assert (folder / "report.html").read_text("utf-8") == written


def test_bases_gives_the_facts_of_the_built_in_or_of_one(finished):
    built_in = said("bases", "--json").json["bases"]
    assert "builtin/glyphs" in [row["name"] for row in built_in]
    (row,) = said("bases", "--base", finished.base, "--json").json["bases"]
    facts = finished.read("result.json")["base"]
    own = {"stages": len(facts["stages"]), "megabytes": round(4e-6 * facts["parameters"], 1), "install": None}
    assert {**row, "input_unit": "px"} == {**facts, **own}
    lines = said("bases").out.split("\n\n")[0].splitlines()
    assert len(lines) == 1 + len(built_in)
    assert lines[0].split()[0] == "name"


def test_list_names_every_plug_in(finished):
    found = said("list", "--json").json
    own = {"tasks", "bases", "heads", "preprocessing", "ranking", "adaptation", "pretraining"}
    assert set(found) == own | {
        "tasks.baselines",
        "adaptation.domains",
        "bases.packaged",
        "samples",
        "options",
        "workers",
    }
    assert {"frozen", "finetune", "warm_init", "scratch"} <= set(found["adaptation"])
    plain = said("list").out
    assert "feature extraction" in plain
    assert "one label for each" in plain
    assert len(plain.splitlines()) == 1 + sum(map(len, found.values()))


def test_doctor_shows_and_clears_the_cache(finished, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    assert said("rank", finished.data, "--base", finished.base).code == 0
    full = said("doctor", "--json").json
    assert full["cache folder"] == str(tmp_path / "cache")
    assert full["cache MB"] > 0
    cleared = said("doctor", "--clear", "--yes", "--json").json
    assert cleared["cache MB"] == 0
    assert cleared["cache MB freed"] == full["cache MB"]
    assert list((tmp_path / "cache").iterdir()) == []
    assert "cache folder" in said("doctor").out


@pytest.mark.parametrize(
    "command", ["check DATA", "rank DATA --base BASE", "bases", "list", "doctor", "evaluate BUNDLE DATA"]
)
def test_json_is_all_there_is_on_stdout(finished, command):
    known = {"DATA": finished.data, "BASE": finished.base, "BUNDLE": finished.bundle}
    done = said(*(known.get(word, word) for word in command.split()), "--json")
    assert done.code == 0
    assert isinstance(done.json, dict)


def test_demo_hands_on_and_shows_its_prediction(monkeypatch, finished, tmp_path):
    import headstart.demo

    asked = []
    result = api.Result(finished.folder, finished.read("result.json"))

    def story(out, seed, minutes, reporter):
        asked.append((out, seed, minutes))
        return result, {"input": "digit.png", "label": "7", "probability": 0.93}

    monkeypatch.setattr(headstart.demo, "story", story)
    plain = said("demo", "--out", tmp_path / "demo", "--seed", 3, "--minutes", 1.5)
    assert asked == [(tmp_path / "demo", 3, 1.5)]
    assert "digit.png is a 7 (93%)" in plain.out
    assert said("demo", "--json").json["prediction"]["label"] == "7"


@pytest.fixture
def pretrained(monkeypatch, tmp_path):
    """Makes tiny bases from scratch: `pretrained("--json", data=…)`."""
    hurry(monkeypatch)

    def make(*more, data):
        return said("pretrain", data, "--out", tmp_path / "base", *SCRATCH, "--epochs", 1, *more)

    return make


def test_pretrain_shows_each_data_set_and_what_to_do_next(pretrained, finished, tmp_path):
    done = pretrained("--probe", finished.data, data=finished.data)
    record = json.loads((tmp_path / "base" / "result.json").read_text("utf-8"))
    (source,) = record["sources"]
    header, row = (line.split() for line in done.out.splitlines()[:2])
    assert header == ["name", "train", "classes", "metric", "value"]
    assert row[:4] == ["photos", str(source["train"]), "3", "accuracy"]
    assert float(row[4]) == pytest.approx(source["value"], abs=1e-3)
    assert f"{record['dimensions']:.0f} effective dimensions" in done.out
    assert f"nearest neighbours on the probe {record['knn']:.3f}" in done.out
    assert f"headstart run DATA --base {tmp_path / 'base'}" in done.out
    assert "supervised: " in done.err


def test_pretrain_with_json_prints_one_document(pretrained, finished, tmp_path):
    done = pretrained("--json", "--method", "rotation", "--licence", "MIT", data=finished.data)
    assert done.code == 0, done.err
    assert done.json == json.loads((tmp_path / "base" / "result.json").read_text("utf-8"))
    assert (done.json["method"], done.json["licence"], done.json["knn"]) == ("rotation", "MIT", None)


@pytest.mark.usefixtures("named")
def test_pretrain_hands_on_every_option(monkeypatch, tmp_path):
    asked = []
    record = {"sources": [], "dimensions": 3.0, "knn": None}
    monkeypatch.setattr(
        api,
        "pretrain",
        lambda *given, **more: asked.append((given, more)) or api.Pretrained(tmp_path, record),
    )
    command = (
        "pretrain one two --out o --base b --architecture a --method m --task t --size 64 --epochs 3 "
        "--minutes 2.5 --seed 7 --probe p --licence MIT --devices 2 --on ray"
    )
    assert said(*command.split()).code == 0
    assert said("pretrain", "one", "--out", "o").code == 0
    (given, more), (_, plain) = asked
    assert given == ([Path("one"), Path("two")], Path("o"))
    more.pop("reporter"), plain.pop("reporter")
    assert more == {
        "base": "b",
        "architecture": "a",
        "method": "m",
        "task": "t",
        "size": 64,
        "epochs": 3,
        "minutes": 2.5,
        "seed": 7,
        "probe": Path("p"),
        "licence": "MIT",
        "devices": 2,
        "on": "ray",
        "columns": {},
    }
    assert {name: value for name, value in plain.items() if value not in (None, {})} == {
        "seed": 0,
        "devices": 1,
    }


@pytest.mark.parametrize(
    "more",
    [
        ("--base", "builtin/glyphs"),
        ("--size", "8"),
        ("--epochs", "0"),
        ("--minutes", "0"),
        ("--method", "none"),
    ],
)
def test_pretrain_refuses_with_one_error_and_one_hint(pretrained, finished, tmp_path, more):
    refused(pretrained(*more, data=finished.data))
    assert not (tmp_path / "base").exists()


def test_pretrain_without_out_is_a_wrong_command_line(finished):
    refused(said("pretrain", finished.data), 2)
