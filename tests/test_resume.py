"""A run repeats from its settings, goes on after a kill, and never writes into another's folder."""

from __future__ import annotations

import json
import shutil

import pytest

from stories import KILL, PLENTY, refused, said, said_apart, same_run


@pytest.mark.slow
def test_the_settings_repeat_the_run(finished, tmp_path, short):
    done = said("run", "--from", finished.folder / "settings.json", "--out", tmp_path / "again")
    assert done.code == 0, done.err
    same_run(tmp_path / "again", finished)


def test_a_killed_run_goes_on_by_itself_and_ends_the_same(finished, tmp_path, commands):
    command = ("run", finished.data, "--base", finished.base, "--minutes", PLENTY)
    middle = KILL.format(name="finetune-1.checkpoint", time=6)  # in its second epoch, two steps of three done
    assert said_apart(commands, *command, cwd=tmp_path, before=middle).code == -9
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "work" / "finetune-1.checkpoint").exists()
    plan = json.loads((folder / "settings.json").read_text("utf-8"))["plan"]

    end = KILL.format(name="result.json", time=1)  # all is there but the last file
    assert said_apart(commands, *command, cwd=tmp_path, before=end).code == -9
    assert (folder / "bundle").is_dir()
    assert not (folder / "result.json").exists()

    done = said_apart(commands, *command, cwd=tmp_path)
    assert done.code == 0, done.err
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [folder.name]
    same_run(folder, finished)
    assert json.loads((folder / "settings.json").read_text("utf-8"))["plan"] == plan
    events = [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]
    assert [event["event"] for event in events].count("start") == 3
    jobs = [event["job"] for event in events if event["event"] == "fitted"]
    assert len(jobs) == len(set(jobs)), "a finished job was done again"
    assert not [path for path in folder.rglob("*") if path.suffix == ".part" or path.name == "work"]


def test_a_finished_a_foreign_and_another_runs_folder_are_refused(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ("run", finished.data, "--base", finished.base, "--minutes", PLENTY, "--out")
    refused(done := said(*command, finished.folder))
    assert "finished run" in done.err
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    refused(done := said(*command, foreign))
    assert "not a run of Headstart" in done.err
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    shutil.copy(finished.folder / "settings.json", unfinished)
    refused(done := said(*command, unfinished, "--seed", "1"))
    assert "other settings" in done.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "foreign",
        "settings.json",
        "thesis.txt",
        "unfinished",
    ]
