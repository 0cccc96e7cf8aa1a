"""Every run of a folder has a line; what is none has none."""

from __future__ import annotations

import json
import os

import pytest

from headstart.errors import RunError
from headstart.overview import lines


@pytest.fixture
def folder(tmp_path, finished):
    """Two runs (one unfinished), something else, and a link to a run elsewhere."""
    home = tmp_path / "runs"
    for name, files in (("done", ("settings.json", "result.json")), ("begun", ("settings.json",))):
        (home / name).mkdir(parents=True)
        for file in files:
            (home / name / file).write_text(json.dumps(finished.read(file)), "utf-8")
    for file in (home / "begun").iterdir():
        os.utime(file, (10, 10))
    (home / "other").mkdir()
    (home / "other" / "settings.json").write_text("{", "utf-8")
    (home / "linked").symlink_to(finished.folder, target_is_directory=True)
    return home


def test_runs_are_listed_the_newest_first(folder, finished):
    done, begun = lines(folder)
    result = finished.read("result.json")
    assert (done.state, done.value) == ("finished", result["metric"]["value"])
    assert (done.task, done.base, done.call) == (
        result["task"],
        str(finished.base),
        result["verdict"]["call"],
    )
    assert done.data == str(finished.data)
    assert (begun.state, begun.value, begun.date) == ("unfinished", None, "1970-01-01 00:00")


def test_a_run_is_a_list_of_one(folder):
    (line,) = lines(folder / "done")
    assert line.run.endswith("done")


def test_there_may_be_none(tmp_path):
    assert lines(tmp_path) == []
    with pytest.raises(RunError, match="does not exist"):
        lines(tmp_path / "nothing")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunError, match="is no folder"):
        lines(tmp_path / "file")


def test_odd_files_do_no_harm(folder):
    (folder / "done" / "result.json").write_text('{"schema": "headstart/result/1", "metric": 3}', "utf-8")
    line = next(one for one in lines(folder) if one.run.endswith("done"))
    assert (line.value, line.metric) == (None, None)
