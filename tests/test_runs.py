"""Who may write into a run's folder, and what an interrupted run left there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from headstart import runs as module
from headstart.errors import RunError
from headstart.runs import RunFolder, open_run
from headstart.spoken import Terminal

IDENTITY = {
    "headstart": "0.1.0",
    "settings": {"data": "photos", "base": ["tiny"]},
    "fingerprint": "sha256:ab",
}
OTHER = {**IDENTITY, "fingerprint": "sha256:cd"}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plain(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


def test_without_out_a_new_folder_is_made_below_runs():
    run = open_run(None, "photos", IDENTITY)
    assert run.path.parent == Path("runs")
    assert run.path.name.startswith("photos-")
    assert run.work.is_dir()
    assert plain(run.path / "settings.json") == IDENTITY


def test_an_asked_for_folder_is_made_with_its_parents_and_an_empty_one_is_fine(tmp_path):
    assert open_run(Path("a/b/c"), "photos", IDENTITY).path == Path("a/b/c")
    (tmp_path / "empty").mkdir()
    assert plain(open_run(tmp_path / "empty", "photos", IDENTITY).path / "settings.json") == IDENTITY


def test_an_unfinished_run_of_the_same_settings_goes_on():
    run = open_run(Path("out"), "photos", IDENTITY)
    run.once("plan", lambda: {"seeds": 6})
    (run.work / "frozen-0.safetensors").write_bytes(b"done")
    again = open_run(Path("out"), "photos", IDENTITY)
    assert (again.work / "frozen-0.safetensors").read_bytes() == b"done"
    assert again.once("plan", lambda: pytest.fail("it is there already")) == {"seeds": 6}


def test_without_out_the_newest_unfinished_run_of_the_same_settings_goes_on():
    names = ("oldest", "middle", "newest", "finished", "other")
    runs = {
        name: open_run(Path("runs") / name, "photos", OTHER if name == "other" else IDENTITY)
        for name in names
    }
    runs["finished"].finish({})
    for age, name in enumerate(reversed(names)):
        os.utime(runs[name].path / "settings.json", (1e9 - age, 1e9 - age))
    assert open_run(None, "photos", IDENTITY).path == Path("runs/newest")
    assert open_run(None, "photos", OTHER).path == Path("runs/other")
    runs["newest"].finish({})
    assert open_run(None, "photos", IDENTITY).path == Path("runs/middle")


def test_broken_and_foreign_folders_below_runs_are_passed_over():
    for name, text in {"cut": "{", "list": "[]", "foreign": '{"fingerprint": "sha256:ab"}'}.items():
        (Path("runs") / name).mkdir(parents=True)
        (Path("runs") / name / "settings.json").write_text(text)
    assert open_run(None, "photos", IDENTITY).path.name.startswith("photos-")


def refused(out: Path, words: str) -> None:
    before = sorted(Path().rglob("*"))
    with pytest.raises(RunError, match=words) as caught:
        open_run(out, "photos", IDENTITY)
    assert "--out" in caught.value.hint
    assert sorted(Path().rglob("*")) == before


def test_a_finished_run_is_never_touched():
    open_run(Path("out"), "photos", IDENTITY).finish({"schema": 1})
    refused(Path("out"), "finished run")


def test_other_settings_or_data_are_refused():
    open_run(Path("out"), "photos", OTHER)
    refused(Path("out"), "other settings")


def test_an_error_says_what_differs_and_whether_it_was_finished():
    alone = {**IDENTITY, "alone": True}
    done = open_run(Path("out"), "photos", {**alone, "fingerprint": "sha256:cd"})
    with pytest.raises(RunError, match="unfinished run .*the data differ"):
        open_run(Path("out"), "photos", alone)
    bundled(done)
    with pytest.raises(RunError, match="a finished bundle .*the data differ"):
        open_run(Path("out"), "photos", alone)
    with pytest.raises(RunError, match="a finished bundle .*another command"):
        open_run(Path("out"), "photos", {**IDENTITY, "fingerprint": "sha256:cd"})
    other = {**alone, "fingerprint": "sha256:cd", "settings": {"data": "photos", "base": ["large"]}}
    with pytest.raises(RunError, match="base differ"):
        open_run(Path("out"), "photos", other)


def bundled(run: RunFolder) -> None:
    (run.path / "bundle").mkdir()
    (run.path / "bundle" / "bundle.json").write_text("{}")
    run.finish_alone()


def test_a_strategy_adapted_alone_is_finished_and_stays_as_it_is():
    alone = {**IDENTITY, "alone": True}
    run = open_run(Path("out"), "photos", alone)
    assert run.bundle is None
    bundled(run)
    before = sorted(Path().rglob("*"))
    again = open_run(Path("out"), "photos", alone)
    assert again.bundle == Path("out/bundle")
    assert sorted(Path().rglob("*")) == before, "not even a folder to work in is made"
    (again.bundle / "bundle.json").unlink()
    assert open_run(Path("out"), "photos", alone).bundle is None, "what was removed is made again"


@pytest.mark.parametrize("kind", ["alone", "targets"])
def test_one_command_does_not_go_on_with_what_another_began(kind):
    open_run(Path("runs/one"), "photos", {**IDENTITY, kind: True})
    refused(Path("runs/one"), "another command")
    assert open_run(None, "photos", IDENTITY).path != Path("runs/one")


def test_a_foreign_folder_is_refused():
    Path("out").mkdir()
    Path("out/thesis.txt").write_text("mine")
    refused(Path("out"), "not a run of Headstart")
    Path("out/thesis.txt").rename("out/settings.json")  # somebody else's settings
    refused(Path("out"), "not a run of Headstart")


def test_a_file_and_a_place_below_a_file_are_refused():
    Path("file").write_text("mine")
    refused(Path("file"), "not a run of Headstart")
    refused(Path("file/out"), "cannot be written")


def test_json_is_written_whole_or_not_at_all(monkeypatch):
    run = open_run(Path("out"), "photos", IDENTITY)
    run.write_json("a.json", {"name": "ñandú"})
    with pytest.raises(ValueError, match="JSON compliant"):
        run.write_json("a.json", {"value": float("nan")})
    with pytest.raises(TypeError):
        run.write_json("a.json", {"value": object()})

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="no space"):
            run.write_json("a.json", {"name": "other"})
    assert plain(Path("out/a.json")) == {"name": "ñandú"}
    assert not list(Path("out").glob(".*"))


def test_a_value_is_made_once_and_the_identity_stays():
    run = open_run(Path("out"), "photos", IDENTITY)
    made = []
    for _ in range(2):
        assert run.once("plan", lambda: made.append(1) or {"epochs": 3}) == {"epochs": 3}
    assert made == [1]
    assert plain(Path("out/settings.json")) == {**IDENTITY, "plan": {"epochs": 3}}


def test_finishing_writes_the_result_and_removes_the_work():
    run = open_run(Path("out"), "photos", IDENTITY)
    (run.work / "frozen-0.safetensors").write_bytes(b"1")
    (run.path / ".result.json.123.part").write_bytes(b"half")
    run.finish({"schema": 1})
    assert plain(Path("out/result.json")) == {"schema": 1}
    assert sorted(path.name for path in Path("out").iterdir()) == ["result.json", "settings.json"]


@pytest.mark.parametrize(
    ("log", "seconds"),
    [
        (None, 0.0),
        ("", 0.0),
        ('{"event": "start", "elapsed": 1.5}\n', 1.5),
        ('{"event": "start", "elapsed": 1.5}\n{"event": "fitted", "elapsed": 30.25}\n', 30.25),
        ('{"event": "start", "elapsed": 1.5}\n{"event": "fitted", "elap', 1.5),
        ('{"elapsed": 9}\n{"elapsed": 4}\n', 9.0),
        ('null\n[]\n{"elapsed": "x"}\n{"elapsed": null}\n{"elapsed": 2}\n', 2.0),
    ],
)
def test_the_time_that_was_worked_is_that_of_the_last_whole_event(log, seconds):
    run = RunFolder(Path(), IDENTITY)
    if log is not None:
        run.log.write_text(log)
    assert run.worked() == seconds


def test_a_log_that_was_cut_inside_a_character_can_be_read():
    run = RunFolder(Path(), IDENTITY)
    run.log.write_bytes('{"elapsed": 2}\n{"elapsed": 3, "name": "ñ'.encode()[:-1])
    assert run.worked() == 2.0


def test_where_runs_go_is_relative_to_where_one_is():
    assert Path("runs") == module.RUNS


def test_what_another_version_began_is_refused_and_says_so():
    old = {**IDENTITY, "schema": "headstart/settings/1"}
    open_run(Path("out"), "photos", old)
    with pytest.raises(RunError, match="of another version of Headstart") as caught:
        open_run(Path("out"), "photos", {**old, "schema": "headstart/settings/2"})
    assert "--out" in caught.value.hint
    with pytest.raises(RunError, match="other settings"):
        open_run(Path("out"), "photos", {**old, "schema": "headstart/pretrain/1"})


def test_a_run_that_goes_on_says_so(tmp_path, capsys):
    run = open_run(tmp_path / "a", "photos", IDENTITY)
    run.say_resumed(Terminal())
    assert capsys.readouterr().err == ""
    run.log.write_text('{"event": "start", "elapsed": 90}\n{"event": "cut', "utf-8")
    run.say_resumed(Terminal())
    assert (
        capsys.readouterr().err == f"{run.path} goes on where it was interrupted, after 1.5 minutes of work\n"
    )


def test_an_address_is_refused_and_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match="^s3://bucket/runs cannot be written: --out") as refused:
        open_run(Path("s3://bucket/runs"), "photos", IDENTITY)
    assert "copy it when it is finished" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
    assert open_run(Path("a:b") / "c", "photos", IDENTITY).path == Path("a:b/c")
