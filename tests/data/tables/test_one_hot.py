"""Columns of 0 and 1 are labels where nothing else can be."""

import pandas as pd
import pytest

import headstart as hs
from headstart import tasks
from headstart.data.reading import PLAIN, Reading
from headstart.data.tables.one_hot import OneHot, nearly_one_hot, one_hot_columns
from headstart.errors import DataError

TABLE = pd.DataFrame(
    {
        "id": range(24),
        "comment_text": [f"text number {n}" for n in range(24)],
        "toxic": [n % 2 for n in range(24)],
        "rude": [int(n % 3 == 0) for n in range(24)],
    }
)


def test_a_column_for_each_label(tmp_path):
    TABLE.to_csv(tmp_path / "a.csv", index=False)
    for data in (TABLE, tmp_path / "a.csv", tmp_path):
        assert tasks.infer(data) == "multilabel_text_classification"
        splits = hs.check(data)
        assert splits.examples.categories == ("rude", "toxic")
        assert {"label_columns", "columns"} <= {finding.kind for finding in splits.findings}
    rows = dict(zip(splits.examples.names, splits.examples.answers, strict=True))
    assert rows["a.csv row 4"] == "rude|toxic"


@pytest.mark.parametrize("kind", [bool, float, str])
def test_cells_may_be_of_any_kind(kind):
    table = TABLE.assign(toxic=TABLE.toxic.map(kind), rude=TABLE.rude.map(kind))
    assert one_hot_columns(table, "text", PLAIN) == ("toxic", "rude")


def test_they_are_no_labels_where_something_else_is():
    assert one_hot_columns(TABLE.assign(label="a"), "text", PLAIN) == ()
    assert one_hot_columns(TABLE.assign(labels="a|b"), "text", PLAIN) == ()
    assert one_hot_columns(TABLE.drop(columns="rude"), "text", PLAIN) == ()
    assert one_hot_columns(TABLE.drop(columns="comment_text"), "text", PLAIN) == ()
    assert one_hot_columns(TABLE.assign(label="a"), "text", Reading(options={"names": "rude,toxic"})) == (
        "rude",
        "toxic",
    )
    assert one_hot_columns(TABLE, "text", Reading(columns={"labels": "toxic"})) == ()


def test_a_cell_that_says_neither_leaves_its_row_out():
    told = OneHot(["a", "b"])
    assert told([(1, 0), (None, 1), (2, 0), ("0", "1")]) == [
        ("a", None),
        ("", "labels: a is missing, not 0 or 1"),
        ("", "labels: a is 2, not 0 or 1"),
        ("b", None),
    ]


def test_a_row_in_which_a_label_is_missing_is_left_out_and_no_column_is_lost():
    table = TABLE.assign(rude=[None, *TABLE.rude[1:]])
    splits = hs.check(table)
    assert splits.examples.categories == ("rude", "toxic")
    assert [item.reason for item in splits.dropped] == ["labels: rude is missing, not 0 or 1"]
    assert one_hot_columns(TABLE.assign(rude=[1] + [None] * 23), "text", PLAIN) == ()


def test_columns_in_which_something_else_stands_too_are_named():
    table = TABLE.assign(toxic=[-1, *TABLE.toxic[1:]], rude=[-1, *TABLE.rude[1:]])
    assert nearly_one_hot(table) == ("toxic", "rude")
    with pytest.raises(DataError, match="columns of 0 and 1: toxic, rude") as caught:
        hs.check(table)
    assert "--set names=toxic,rude" in caught.value.hint
    splits = hs.check(table, names="toxic,rude")
    assert [item.reason for item in splits.dropped] == ["labels: toxic is -1, not 0 or 1"]
