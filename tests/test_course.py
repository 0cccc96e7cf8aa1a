"""The verbs for learning: samples and lessons, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import headstart as hs
from headstart.errors import RunError, UnknownName
from headstart.lessons import lesson as lessons
from headstart.lessons.lesson import Code, Lesson, Text

SMALL = Lesson(1, "small", "Small", "", (Text("# Small"), Code("print(6 * 7)")))


@pytest.fixture
def small(monkeypatch):
    """A course of one lesson."""
    monkeypatch.setattr(lessons, "course", lambda: [SMALL])


def test_a_sample_lies_under_its_own_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert hs.sample("sales") == Path("sales")
    assert (tmp_path / "sales" / "sales.csv").is_file()


def test_a_lesson_is_a_notebook_with_outputs_and_a_page(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    taught = hs.learn(1)
    assert taught.notebook == Path("learn/small/small.ipynb")
    assert "42" in json.dumps(json.loads(taught.notebook.read_text("utf-8"))["cells"][1]["outputs"])
    assert "42" in taught.page.read_text("utf-8")


def test_a_lesson_that_is_not_run_has_no_page(small, tmp_path):
    taught = hs.learn("small", tmp_path / "x", run=False)
    assert taught.page is None
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["small.ipynb"]


def test_what_is_there_is_not_written_over(small, tmp_path):
    hs.learn("small", tmp_path, run=False)
    (tmp_path / "small.ipynb").write_text("my own answers")
    with pytest.raises(RunError, match="is there already"):
        hs.learn("small", tmp_path)
    assert (tmp_path / "small.ipynb").read_text() == "my own answers"
    assert not (tmp_path / "small.html").exists()


def test_a_place_that_cannot_be_written_is_said(small, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="cannot be written") as caught:
        hs.learn("small", tmp_path / "file" / "below")
    assert "--out" in caught.value.hint


def test_an_unknown_lesson_writes_nothing(small, tmp_path):
    with pytest.raises(UnknownName):
        hs.learn("big", tmp_path / "x")
    assert not (tmp_path / "x").exists()
