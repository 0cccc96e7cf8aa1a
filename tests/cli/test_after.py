"""The commands after a run print what was found, and refuse what cannot be."""

from __future__ import annotations

import pytest

from pairs_of_runs import answering, like
from pictures import write_folder
from stories import refused, said


@pytest.fixture
def two(finished, tmp_path):
    old = answering(finished.folder, tmp_path / "old", (0, 1, 2))
    return old, answering(finished.folder, tmp_path / "new", (2,))


def test_compare_prints_the_difference_and_writes_a_page(two):
    done = said("compare", *two)
    assert done.code == 0, done.err
    assert "only new is right 2, only old is right 0" in done.out
    page = two[1] / "compared-with-old.html"
    assert f"page     {page}" in done.out
    assert "Only new is right: 2 examples" in page.read_text("utf-8")


def test_compare_as_json_and_to_a_page_of_choice(two, tmp_path):
    done = said("compare", *two, "--json", "--out", tmp_path / "page.html", "--metric", "log_loss")
    assert done.json["metric"] == "log_loss"
    assert (tmp_path / "page.html").is_file()
    assert not (two[1] / "compared-with-old.html").exists()


def test_compare_refuses_what_cannot_be(two, finished, tmp_path):
    def other(_, evidence):
        evidence["predictions"][0]["digest"] = "0" * 64

    refused(done := said("compare", two[0], like(finished.folder, tmp_path / "other", other)))
    assert "test splits of the two runs differ" in done.err
    refused(said("compare", two[0], tmp_path / "nothing"))
    refused(said("compare", two[0], finished.data))


def test_runs_lists_them(two, tmp_path):
    done = said("runs", tmp_path)
    assert [line.split()[0] for line in done.out.splitlines()] == ["run", str(two[1]), str(two[0])]
    assert len(said("runs", tmp_path, "--json").json["runs"]) == 2
    refused(said("runs", tmp_path / "nothing"))
    (tmp_path / "empty").mkdir()
    empty = said("runs", tmp_path / "empty")
    assert (empty.code, empty.out) == (0, "")
    assert "headstart run DATA" in empty.err


def test_suggest_lists_what_to_label_next(finished, tmp_path):
    heap = write_folder(tmp_path / "heap", ["x"], per_class=6, seed=8)
    done = said("suggest", finished.folder, heap, "-n", "4", "--out", tmp_path / "next")
    assert done.code == 0, done.err
    header, *lines = done.out.splitlines()[:5]
    assert header.split() == ["label", "next", "likely", "probability"]
    assert all(line.startswith("x/x_") for line in lines)
    assert "4 of 6 unlabelled examples" in done.out
    assert (tmp_path / "next" / "label_studio.json").is_file()
    assert len(said("suggest", finished.folder, heap, "--json").json["to_label"]) == 6


def test_suggest_alone_lists_labels_in_doubt(finished):
    kept = finished.read("evidence.json")["doubts"]
    done = said("suggest", finished.folder)
    assert f"{kept['count']} of {kept['examples']} labels are in doubt" in done.out
    assert said("suggest", finished.folder, "--json").json["count"] == kept["count"]
    refused(said("suggest", finished.data))
