"""Examples of the test split, where the run says which they are and the data still are there."""

from __future__ import annotations

import json
import shutil

import pytest

from headstart import registry
from headstart.data.strings import text_of
from headstart.serving.examples import MOST, Example, Examples, of_run
from headstart.serving.refusals import Refused


@pytest.fixture
def task():
    return registry.get("tasks", "image_classification")


def run(folder, data, names, **settings):
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({"settings": {"data": str(data), **settings}}))
    rows = [{"file": name, "label": "good"} for name in names]
    (folder / "evidence.json").write_text(json.dumps({"predictions": rows}))
    return folder


def test_those_of_a_run(finished, pictures):
    wanted = [row["file"] for row in finished.read("evidence.json")["predictions"]][:MOST]
    listed = pictures.ask("/examples").json["examples"]
    assert [one["number"] for one in listed] == [*range(len(wanted))]
    assert all(one["picture"].startswith("data:image/") and one["right"] for one in listed)
    told = pictures.ask("/examples/1").json
    assert told["input"] == wanted[1]
    assert "label" in told
    assert "shown" in told
    assert pictures.ask("/examples/999").status == 404


def test_a_bundle_alone_has_none(finished, task, tmp_path, texts):
    assert len(of_run(tmp_path, task)) == 0
    assert texts.ask("/examples").json == {"examples": []}
    with pytest.raises(Refused):
        of_run(tmp_path, task).input(0)


def test_what_is_gone_broken_or_outside_is_left_out(finished, task, tmp_path):
    file = next(finished.data.rglob("*.png"))
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(file, data / "a.png")
    shutil.copy(file, tmp_path / "outside.png")
    (data / "link.png").symlink_to(tmp_path / "outside.png")
    (data / "broken.png").write_bytes(b"broken")
    names = ["a.png", "gone.png", "broken.png", "../outside.png", "link.png", str(tmp_path / "outside.png")]
    assert [one.name for one in of_run(run(tmp_path / "run", data, names), task)._found] == ["a.png"]


def test_rows_of_tables(tmp_path):
    task = registry.get("tasks", "text_classification")
    data = tmp_path / "mails"
    data.mkdir()
    (data / "test.csv").write_text("body,label\na,x\nb,y\n")
    folder = run(tmp_path / "run", data, ["test.csv row 2", "test.csv row 9"], columns={"text": "body"})
    (one,) = of_run(folder, task)._found
    assert text_of(one.source) == "b"
    alone = run(tmp_path / "other", data / "test.csv", ["row 1"], columns={"text": "body"})
    assert [text_of(one.source) for one in of_run(alone, task)._found] == ["a"]


@pytest.mark.parametrize("settings", ["", "[]", "{}", '{"settings": {"data": null}}'])
def test_runs_that_say_nothing_have_none(task, tmp_path, settings):
    (tmp_path / "settings.json").write_text(settings)
    (tmp_path / "evidence.json").write_text('{"predictions": [{"file": "a", "label": "b"}]}')
    assert len(of_run(tmp_path, task)) == 0


def test_answers_that_are_drawn_are_not_written_below_an_example(finished):
    file = next(finished.data.rglob("*.png"))
    for name, told in (("object_detection", False), ("image_classification", True)):
        examples = Examples(registry.get("tasks", name), [Example("a", file, '{"boxes":[]}')])
        assert ("right" in examples.listed()[0]) == told
