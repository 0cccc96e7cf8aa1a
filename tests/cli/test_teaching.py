"""`headstart sample` and `headstart learn`: what is printed where, and what is refused."""

from __future__ import annotations

import pytest

from headstart import registry
from headstart.lessons import course, running
from stories import refused, said


def test_samples_and_lessons_are_listed():
    table = said("sample")
    assert table.code == 0
    assert [line.split()[0] for line in table.out.splitlines()[1:]] == registry.names("samples")
    rows = said("sample", "--json").json["samples"]
    assert all(row["licence"] and row["source"] for row in rows)
    assert [row["name"] for row in said("learn", "--json").json["lessons"]] == [one.name for one in course()]


def test_a_sample_prints_its_folder_and_says_what_comes_next(tmp_path):
    told = said("sample", "sales", "--out", tmp_path / "s")
    assert told.out == f"{tmp_path / 's'}\n"
    assert f"next: headstart run {tmp_path / 's'} " in told.err
    assert "licence: Apache-2.0" in told.err
    assert said("sample", "sales", "--out", tmp_path / "t", "--json").json["task"] == "forecasting"


@pytest.mark.parametrize("verb", ["sample", "learn"])
def test_an_unknown_name_is_refused_with_the_nearest(verb, tmp_path):
    told = said(verb, {"sample": "sale", "learn": "feature"}[verb], "--out", tmp_path / "x")
    refused(told)
    assert "did you mean" in told.err
    assert not (tmp_path / "x").exists()


def test_a_lesson_prints_its_files(tmp_path, monkeypatch):
    told = said("learn", "features", "--no-run", "--out", tmp_path / "a")
    assert told.out == f"{tmp_path / 'a' / 'features.ipynb'}\n"
    monkeypatch.setattr(running, "run", lambda lesson, folder, reporter: [running.Output("x")] * 9)
    told = said("learn", "3", "--out", tmp_path / "b", "--json")
    assert told.json == {
        name: str(tmp_path / "b" / f"features.{end}")
        for name, end in (("page", "html"), ("notebook", "ipynb"))
    }
    assert (tmp_path / "b" / "features.html").is_file()
    refused(said("learn", "3", "--out", tmp_path / "b"))
