"""`hs.open`, `hs.compare`, `hs.list_runs`, `hs.suggest` and `hs.doubts`."""

from __future__ import annotations

import json

import pytest

import headstart as hs
from headstart.errors import RunError, UnknownName
from headstart.serving import server
from pairs_of_runs import answering
from pictures import write_folder


def test_a_finished_run_is_opened_as_run_gave_it(finished, tmp_path):
    result = hs.open(finished.folder)
    assert isinstance(result, hs.Result)
    assert result.metric.value == finished.read("result.json")["metric"]["value"]
    assert result.to_frame()["arm"].tolist() == [arm.name for arm in result.arms]
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunError, match="not a finished run"):
            hs.open(place)


def test_two_results_are_compared_and_a_page_is_written(finished, tmp_path):
    other = hs.open(answering(finished.folder, tmp_path / "other", (0,)))
    found = hs.compare(hs.open(finished.folder), other, out=tmp_path / "page.html")
    assert found.second.run.endswith("other")
    assert found.sentence in (tmp_path / "page.html").read_text("utf-8")
    with pytest.raises(RunError, match="cannot be written"):
        hs.compare(finished.folder, other, out=tmp_path / "no" / "page.html")


def test_runs_are_listed(finished):
    (line,) = hs.list_runs(finished.folder)
    assert line.state == "finished"


def test_suggestions_are_written_as_files(finished, tmp_path):
    heap = write_folder(tmp_path / "heap", ["x"], per_class=6, seed=8)
    found = hs.suggest(finished.folder, heap, count=3, out=tmp_path / "next")
    assert len(found.to_label) == 3
    tasks = json.loads((tmp_path / "next" / "label_studio.json").read_text("utf-8"))
    assert [task["data"]["file_name"] for task in tasks] == [one.file for one in found.to_label]
    assert len((tmp_path / "next" / "to_label.csv").read_text("utf-8").splitlines()) == 4
    assert (tmp_path / "next" / "doubts.csv").is_file()
    with pytest.raises(UnknownName):
        hs.suggest(finished.folder, heap, cuont=3)


def test_labels_in_doubt_are_given_for_a_run_or_its_bundle(finished, tmp_path):
    found = hs.doubts(finished.bundle, tmp_path / "out")
    assert found.examples > 0
    assert (tmp_path / "out" / "doubts.csv").read_text("utf-8").startswith("file_name,label,")


def test_a_run_is_served_with_what_was_asked(monkeypatch, finished, capsys):
    asked = []
    monkeypatch.setattr(server, "serve", lambda wanted, say: (asked.append(wanted), say("http://here", None)))
    hs.serve(hs.open(finished.folder), port=0, corrections=False, max_mb=2.0, max_examples=3)
    hs.serve(str(finished.bundle), host="0.0.0.0", nearest=True)
    assert capsys.readouterr().out == "http://here\n" * 2
    first, second = asked
    assert (first.path, first.address.port, first.corrections) == (finished.folder, 0, False)
    assert (first.limits.megabytes, first.limits.examples) == (2.0, 3)
    assert (second.path, second.address.host, second.nearest) == (finished.bundle, "0.0.0.0", True)
