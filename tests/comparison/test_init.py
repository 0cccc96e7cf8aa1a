"""Two runs on their shared test split: paired, refused where the splits differ, whatever the order."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headstart.compared import Compared
from headstart.comparison import compare
from headstart.comparison.paired import interval
from headstart.errors import RunError, UnknownName
from headstart.plain import plain, read
from pairs_of_runs import answering, like


@pytest.fixture(scope="module")
def two(finished, tmp_path_factory):
    """The first is wrong on 0, 1 and 2, the second on 2 and 3."""
    home = tmp_path_factory.mktemp("two")
    old = answering(finished.folder, home / "old", (0, 1, 2))
    return old, answering(finished.folder, home / "new", (2, 3))


@pytest.fixture(scope="module")
def compared(two):
    return compare(*two)


def test_the_difference_is_paired_with_its_interval(compared, finished):
    n = len(finished.read("evidence.json")["predictions"])
    difference = np.zeros(n)
    difference[[0, 1, 3]] = 1, 1, -1
    assert (compared.n, compared.metric) == (n, "accuracy")
    assert compared.delta == pytest.approx(1 / n)
    assert compared.interval == pytest.approx(interval(difference, np.arange(n)), abs=0.02)
    assert compared.call == "undecided"
    assert compared.first.value == pytest.approx(1 - 3 / n)
    assert compared.sentence.startswith("Undecided whether new is better than old: +")


def test_the_other_way_round_it_is_the_same_with_the_other_sign(compared, two):
    back = compare(two[1], two[0])
    assert back.delta == -compared.delta
    assert (back.counts.second_only, back.counts.first_only) == (1, 2)
    assert [one.file for one in back.gained] == [one.file for one in compared.lost]


def test_flipped_examples_are_counted_and_shown_the_surest_first(compared, finished):
    rows = finished.read("evidence.json")["predictions"]
    counts = compared.counts
    assert (counts.second_only, counts.first_only, counts.neither) == (2, 1, 1)
    assert counts.both == len(rows) - 4
    assert [one.file for one in compared.gained] == [rows[1]["file"], rows[0]["file"]]
    (lost,) = compared.lost
    assert (lost.label, lost.first.answer) == (rows[3]["label"], rows[3]["label"])
    assert lost.second.answer != lost.label
    assert all(one.picture.startswith("data:image/") for one in (*compared.gained, lost))


def test_it_comes_back_from_json(compared):
    assert read(Compared, json.loads(json.dumps(plain(compared)))) == compared


def test_a_run_is_like_itself(two):
    same = compare(two[0], two[0] / "bundle")
    assert (same.delta, same.call, same.counts.second_only) == (0, "undecided", 0)
    assert same.interval.low < 0 < same.interval.high
    assert "both are the same run" in same.notes


def test_other_test_examples_are_refused_with_what_differs(two, finished, tmp_path):
    def other(_, evidence):
        evidence["predictions"][0]["digest"] = "f" * 64

    n = len(finished.read("evidence.json")["predictions"])
    with pytest.raises(RunError, match=f"{n - 1} are in both, 1 only in .*old, 1 only in") as error:
        compare(two[0], like(finished.folder, tmp_path / "other", other))
    assert "headstart evaluate" in error.value.hint


def test_other_labels_are_another_test_split(two, finished, tmp_path):
    def other(_, evidence):
        evidence["predictions"][0]["label"] = "hexagon"

    with pytest.raises(RunError, match="1 of .* have another label"):
        compare(two[0], like(finished.folder, tmp_path / "other", other))


def test_other_tasks_and_metrics_are_refused(two, finished, tmp_path):
    def by(name):
        return lambda result, _: result["metric"].update(name=name)

    balanced = like(finished.folder, tmp_path / "balanced", by("balanced_accuracy"))
    with pytest.raises(RunError, match="different metrics: accuracy and balanced_accuracy") as error:
        compare(two[0], balanced)
    assert "--metric" in error.value.hint
    assert compare(two[0], balanced, metric="log_loss").higher_is_better is False
    with pytest.raises(UnknownName):
        compare(*two, metric="acuracy")

    def of_texts(result, _):
        result["task"] = "text_classification"

    texts = like(finished.folder, tmp_path / "texts", of_texts)
    with pytest.raises(RunError, match="different tasks"):
        compare(two[0], texts)


def test_what_belongs_together_in_one_run_does_in_both(two, finished, tmp_path):
    def grouped(_, evidence):
        for place, row in enumerate(evidence["predictions"]):
            row["unit"] = place // 3

    found = compare(two[0], like(finished.folder, tmp_path / "grouped", grouped))
    assert found.units < found.n
