"""A result is its `result.json` as records, whatever other version wrote that."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

import headstart
from headstart.errors import RunError
from headstart.results import Result


@pytest.fixture
def result(finished) -> Result:
    return Result(finished.folder, finished.read("result.json"))


def test_a_result_is_its_record_as_attributes(result, finished):
    record = finished.read("result.json")
    assert result.verdict.call == record["verdict"]["call"]
    assert result.verdict.sentence == record["verdict"]["sentence"]
    assert list(result.verdict.interval) == record["verdict"]["interval"]
    assert result.metric.value == record["metric"]["value"]
    assert result.chosen.arm == record["chosen"]["arm"]
    assert dataclasses.asdict(result.chosen.weights) == record["chosen"]["weights"]
    assert [arm.name for arm in result.arms] == [arm["name"] for arm in record["arms"]]
    assert [list(arm.seeds) for arm in result.arms] == [arm["seeds"] for arm in record["arms"]]
    assert (result.bundle / "bundle.json").is_file()
    assert result.report.is_file()


def test_records_cannot_be_changed(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.verdict.call = "helps"
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.record = {}


def test_a_run_that_compared_nothing_has_no_verdict(result):
    with pytest.raises(RunError, match="no verdict"):
        _ = Result(result.folder, {**result.record, "verdict": None}).verdict


def test_a_newer_record_is_read_and_so_is_an_older_one(result):
    arms = [{**arm, "carbon": 1} for arm in result.record["arms"]]
    newer = {name: {**result.record[name], "new": [1]} for name in ("verdict", "metric", "chosen")}
    newer["chosen"] = {**newer["chosen"], "weights": {**result.record["chosen"]["weights"], "new": 1}}
    read = Result(result.folder, {**result.record, **newer, "arms": arms})
    assert (read.verdict, read.metric, read.chosen, read.arms) == (
        result.verdict,
        result.metric,
        result.chosen,
        result.arms,
    )
    older = {name: value for name, value in result.record["chosen"].items() if name != "weights"}
    assert Result(result.folder, {**result.record, "chosen": older}).chosen.weights is None


def test_the_model_of_a_result_is_loaded_once(result, finished):
    assert isinstance(result.model, headstart.Model)
    assert result.model is result.model
    assert result.model.folder == finished.bundle


def test_it_says_in_a_line_what_came_out(result):
    told = repr(result)
    assert told == (
        f"Result({str(result.folder)!r}, verdict={result.verdict.call!r}, ships={result.chosen.arm!r}, "
        f"accuracy={result.metric.value:.3f})"
    )


def test_a_notebook_shows_the_sentence_the_arms_and_the_report(result):
    shown = result._repr_html_()
    assert f"<b>{result.verdict.sentence}</b>" in shown.replace("&lt;", "<")
    for arm in result.arms:
        ships = " (ships)" if arm.name == result.chosen.arm else ""
        assert f"<td>{arm.name}{ships}</td><td>{arm.value:.3f}</td>" in shown
    assert f'<a href="{result.report.as_uri()}">report</a>' in shown
    assert shown.count("(ships)") == 1


def test_nothing_of_a_record_is_markup_in_a_notebook(result):
    evil = "<script>alert('&')</script>"
    record = json.loads(json.dumps(result.record))
    record["verdict"]["sentence"] = record["metric"]["name"] = evil
    record["arms"][0]["name"] = evil
    shown = Result(Path('runs/a "b"'), record)._repr_html_()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;") == 3
    assert 'href="runs/a%20%22b%22/report.html"' in shown
