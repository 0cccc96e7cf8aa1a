"""Vectors of 0 and 1 are sets of labels; other vectors are refused; sets stay sets."""

import json

import numpy as np
import pandas as pd
import pytest

import headstart as hs
from headstart.data.reading import PLAIN, Reading
from headstart.data.tables.label_vectors import LabelCells
from headstart.errors import DataError, SettingsError


def answers(cells, **options):
    told = LabelCells(Reading(options=options))
    return [answer for answer, _ in told(cells)], [finding.kind for finding in told.findings]


@pytest.mark.parametrize(
    "cells",
    [
        [[1, 0, 1], [0, 0, 0], [0, 1, 0]],
        [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        [[True, False, True], [False] * 3, [False, True, False]],
        [np.array([1, 0, 1]), np.array([0, 0, 0]), np.array([0, 1, 0])],
        [(1, 0, 1), (0, 0, 0), (0, 1, 0)],
        ["[1, 0, 1]", "[0, 0, 0]", "[0, 1, 0]"],
        ["[1 0 1]", "[0 0 0]", "[0 1 0]"],
        ["[1. 0. 1.]", "[0. 0. 0.]", "[0. 1. 0.]"],
        ["[True, False, True]", "[False, False, False]", "[False, True, False]"],
        ["1,0,1", "0,0,0", "0,1,0"],
        ["1 0 1", "0 0 0", "0 1 0"],
        ["1|0|1", "0|0|0", "0|1|0"],
    ],
)
def test_vectors_are_sets_of_labels(cells):
    assert answers(cells) == (["label 0|label 2", "", "label 1"], ["label_vectors"])
    assert answers(cells, names="a,b,c") == (["a|c", "", "b"], ["label_vectors"])
    with pytest.raises(DataError, match="lists of 3 numbers, 0 or 1, but 2 names") as caught:
        answers(cells, names="a,b")
    assert "3 names" in caught.value.hint


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        ([["a", "b"], ["b"]], ["a|b", "b"]),
        ([[3, 7], [7, 9]], ["3|7", "7|9"]),
        ([[0, 1], [1], []], ["0|1", "1", ""]),
        ([[0], [1]], ["0", "1"]),
        (["0|1", "1"], ["0|1", "1"]),
        (["['a' 'b']", "['b']"], ["a|b", "b"]),
        ([{"a": 1, "b": 0}, {"a": True, "b": 1.0}], ["a", "a|b"]),
        (['{"a": 1, "b": 0}'], ["a"]),
        ([None, None], ["", ""]),
    ],
)
def test_sets_stay_sets(cells, right):
    assert answers(cells) == (right, [])


def test_numbers_of_labels_get_their_names():
    assert answers([[0, 2], [1], []], names="a,b,c")[0] == ["a|c", "b", ""]
    told = LabelCells(Reading(options={"names": "a,b"}))
    assert told([[5], ["a"]]) == [
        ("", "labels: '5' is none of the 2 names that were given, nor the number of one"),
        ("a", None),
    ]


def test_one_vector_of_another_length_is_left_out():
    told = LabelCells(PLAIN)
    found = told([[1, 0, 1], [1, 1, 0], [1, 0], "x", None])
    assert [answer for answer, _ in found] == ["label 0|label 2", "label 0|label 1", "", "", ""]
    assert found[2][1] == "labels: expected 3 numbers, 0 or 1, but it is a list of 2"
    assert found[3][1] is not None
    assert found[4][1] is None


@pytest.mark.parametrize(
    ("cells", "said"),
    [([[0.2, 0.8], [0.9, 0.1]], "probabilities"), ([[0, 2, 0, 5], [1, 0, 0, 3]], "neither 0 and 1 nor sets")],
)
def test_other_vectors_are_refused(cells, said):
    with pytest.raises(DataError, match=said) as caught:
        answers(cells)
    assert "write 1 for each label" in caught.value.hint


@pytest.mark.parametrize("column", ["labels", "label"])
def test_check_reads_vectors_and_never_the_classes_0_and_1(tmp_path, column):
    rows = [{"text": f"text number {n}", column: [n % 2, int(n % 3 == 0), 1]} for n in range(24)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    for data in (tmp_path / "a.jsonl", tmp_path / "a.csv", pd.DataFrame(rows)):
        assert hs.check(data, names="x,y,z").examples.categories == ("x", "y", "z")
        assert hs.check(data).examples.categories == ("label 0", "label 1", "label 2")


@pytest.mark.parametrize(
    ("separator", "cells"),
    [("comma", ["a,b", "b"]), (",", ["a, b", "b"]), ("space", ["a b", "b"]), ("semicolon", ["a;b", "b"])],
)
def test_labels_may_be_separated_by_another_mark(separator, cells):
    assert answers(cells, label_separator=separator) == (["a|b", "b"], [])
    with pytest.raises(SettingsError, match="expected bar, comma"):
        answers(cells, label_separator="xyz")
