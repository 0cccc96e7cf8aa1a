"""Columns that say the split, by name or with yes and no; folds that are not read are told."""

import pandas as pd
import pytest

import headstart as hs
from headstart.data.tables.column_names import plain
from headstart.data.tables.split_columns import split_columns, unread

TEXTS = [f"some words here, number {n}" for n in range(24)]


def table(**more):
    return pd.DataFrame({"text": TEXTS, "label": ["good", "bad"] * 12, **more})


def named(**more):
    found = split_columns(table(**more))
    return found and found.names


def test_a_split_column_may_be_called_otherwise():
    assert named(Split="train") == ("Split",)
    assert named(set=["train"] * 20 + ["val"] * 4) == ("set",)
    assert named(set="blue") is None
    assert len(hs.check(table(Subset=["train"] * 18 + ["test"] * 6)).test) == 6
    assert plain("Data Split") == "datasplit"


@pytest.mark.parametrize(("yes", "no"), [(True, False), (1, 0), ("True", "False"), ("yes", "no"), (1.0, 0.0)])
def test_yes_and_no_say_the_split(yes, no):
    splits = hs.check(table(is_valid=[no] * 18 + [yes] * 6))
    assert {splits.examples.names[row] for row in splits.test} | {
        splits.examples.names[row] for row in splits.validation
    } >= {f"row {number}" for number in range(19, 25)}
    assert splits.brought_validation or splits.brought_test
    assert [one.message for one in splits.findings if one.kind == "split_columns"] == [
        "the split is what is said in `is_valid`; to have others drawn, leave that out"
    ]


def test_several_say_it_together():
    valid, test = [0] * 12 + [1] * 6 + [0] * 6, [0] * 18 + [1] * 6
    both = split_columns(table(is_val=valid, is_test=test))
    assert both.of([valid, test], "x") == ["train"] * 12 + ["validation"] * 6 + ["test"] * 6
    train = split_columns(table(isTrain=[True] * 18 + [False] * 6))
    assert train.of([[True, False, None]], "x") == ["train", "test", "test"]
    assert split_columns(table(is_train=[1] * 12 + [0] * 12, is_val=valid)).of([[0], [0]], "x") == [None]


def test_what_divides_nothing_is_no_split_and_told():
    assert named(is_valid=[True] * 22 + [False] * 2) is None  # of good quality
    assert named(is_valid=[False] * 24) is None
    assert named(is_test=["perhaps"] * 24) is None
    assert named(is_spam=[True, False] * 12) is None
    splits = hs.check(table(is_valid=[True] * 22 + [False] * 2))
    assert [one.kind for one in splits.findings] == ["unread_splits"]


def test_folds_that_are_not_read_are_told():
    folds = table(kfold=[n % 5 for n in range(24)])
    (told,) = hs.check(folds).findings
    assert told.kind == "unread_folds"
    assert "--group kfold keeps" in told.message
    assert "unread_folds" not in {one.kind for one in hs.check(folds, group="kfold").findings}
    assert unread(table(scaffold=1, cv="text"), ["text", "label"]) == []


def test_flags_are_no_labels():
    rows = {"text": TEXTS, "toxic": [0, 1] * 12, "rude": [1, 0, 0] * 8, "is_test": [0] * 18 + [1] * 6}
    splits = hs.check(pd.DataFrame(rows), task="multilabel_text_classification")
    assert splits.examples.categories == ("rude", "toxic")
    assert len(splits.test) == 6
