"""Copies, leaks and contradictions are found and taken out of the right split."""

import numpy as np
import pytest

from headstart.data.checks import (
    balance,
    near_duplicates,
    require_classes,
    require_enough,
    without_leaks,
    without_near_duplicates,
)
from headstart.data.items import Item
from headstart.errors import DataError
from headstart.types import Dropped, Row


def item(name, digest, label="a", group=None):
    return Item(Row(name, b"", label, None, group), digest)


def look(*placed):
    """What without_leaks says of (item, side) pairs: kept names, {dropped: reason}, {kind: names}."""
    items, sides = zip(*placed, strict=True)
    kept, dropped, findings = without_leaks(items, sides)
    return (
        [items[i].row.name for i in kept],
        {one.file: one.reason for one in dropped},
        {one.kind: one.items for one in findings},
    )


def test_copies_within_a_split_stay_and_are_found():
    kept, dropped, findings = look(
        (item("1", "x"), "train"), (item("2", "x"), "train"), (item("3", "y"), "train")
    )
    assert kept == ["1", "2", "3"]
    assert not dropped
    assert findings == {"duplicates": ("1", "2")}


def test_copies_across_splits_leave_the_lower_one():
    kept, dropped, findings = look(
        (item("1", "x"), "train"), (item("2", "x"), "validation"), (item("3", "x"), "test"),
        (item("4", "y"), "train"), (item("5", "y"), "validation"),
    )  # fmt: skip
    assert kept == ["3", "5"]
    assert dropped == {
        "1": "duplicate of 3 in the test split",
        "2": "duplicate of 3 in the test split",
        "4": "duplicate of 5 in the validation split",
    }
    assert findings == {"leak": ("1", "2", "4")}


def test_contradictions_stay_in_test_only():
    kept, dropped, findings = look(
        (item("1", "x", "a"), "train"), (item("2", "x", "b"), "test"), (item("3", "x", "a"), "validation")
    )
    assert kept == ["2"]
    assert set(dropped.values()) == {"same content as 2, which has another label"}
    assert findings == {"contradictions": ("1", "2", "3")}


def test_a_group_on_two_sides_leaves_training():
    kept, dropped, findings = look((item("1", "x", group="p"), "train"), (item("2", "y", group="p"), "test"))
    assert kept == ["2"]
    assert dropped == {"1": "group p is also in the test split"}
    assert findings == {"leak": ("p",)}


def test_few_and_uneven_examples_are_found(splits_of):
    uneven = splits_of([0] * 11 + [1] * 2, range(13), [], [])
    assert [one.kind for one in balance(uneven)] == ["imbalance", "few_examples"]
    assert balance(uneven)[1].items == ("class 1: 2",)
    assert balance(splits_of([0] * 25 + [1] * 5, range(30), [], [])) == []


@pytest.mark.parametrize(
    "parts",
    [([0, 1], [2], [3]), ([0, 2], [], [3]), ([0, 2], [3], [])],
    ids=["one class", "no validation", "no test"],
)
def test_too_few_examples_are_an_error(splits_of, parts):
    with pytest.raises(DataError, match="too few examples") as caught:
        require_enough(splits_of([0, 0, 1, 1], *parts))
    assert "at least 3" in caught.value.hint
    require_enough(splits_of([0, 0, 1, 1], [0, 2], [1], [3]))


def test_no_usable_file_and_one_class_are_errors():
    with pytest.raises(
        DataError, match=r"none of the 1 files can be used; the first left out: a\.txt \(why\)"
    ):
        require_classes([], [Dropped("a.txt", "why")])
    with pytest.raises(DataError, match="found one: 'a'"):
        require_classes([item("1", "x")], [])


@pytest.fixture
def pictures():
    """Features and thumbnails of 40 unlike pictures, the last two made near copies of 0 and 1."""
    draw = np.random.default_rng(0)
    features, thumbnails = draw.normal(size=(40, 64)), draw.random((40, 256))
    features[38:] = features[:2] + 0.1 * draw.normal(size=(2, 64))
    thumbnails[38:] = 0.8 * thumbnails[:2] + 0.1 + 0.01 * draw.normal(size=(2, 256))
    return features.astype(np.float32), thumbnails.astype(np.float32)


def test_near_copies_across_splits_are_found_and_nothing_else(splits_of, pictures):
    splits = splits_of([0, 1] * 20, range(20), range(20, 30), range(30, 40))
    assert near_duplicates(*pictures, splits).tolist() == [[0, 38], [1, 39]]


def test_near_in_features_alone_is_no_near_copy(splits_of, pictures):
    features, thumbnails = pictures
    splits = splits_of([0, 1] * 20, range(20), range(20, 30), range(30, 40))
    assert not len(near_duplicates(features, np.random.default_rng(1).random((40, 256)), splits))
    assert not len(near_duplicates(features, np.ones((40, 256)), splits))


def test_where_all_pictures_are_alike_more_is_asked(splits_of, pictures):
    features, thumbnails = pictures
    alike = np.random.default_rng(1).random(256) + 0.1 * thumbnails
    alike[38:] += 0.05 * np.random.default_rng(2).random((2, 256))
    splits = splits_of([0, 1] * 20, range(20), range(20, 30), range(30, 40))
    pairs = near_duplicates(features, alike, splits)
    assert {tuple(pair) for pair in pairs.tolist()} <= {(0, 38), (1, 39)}


def test_near_copies_are_found_whatever_block_they_are_in(splits_of, pictures, monkeypatch):
    splits = splits_of([0, 1] * 20, range(20), range(20, 30), range(30, 40))
    monkeypatch.setattr("headstart.data.near._BLOCK", 7)
    assert near_duplicates(*pictures, splits).tolist() == [[0, 38], [1, 39]]


def test_near_copies_leave_the_lower_split_and_are_listed(splits_of):
    splits = splits_of([0, 1] * 5, range(6), [6, 7], [8, 9])
    cleaned = without_near_duplicates(splits, np.array([[0, 8], [1, 7], [6, 9], [2, 3], [9, 2]]))
    assert cleaned.train.tolist() == [3, 4, 5]
    assert cleaned.validation.tolist() == [7]
    assert cleaned.test.tolist() == [8, 9]
    assert [(one.file, one.reason) for one in cleaned.dropped] == [
        ("0.png", "near duplicate of 8.png in the test split"),
        ("1.png", "near duplicate of 7.png in the validation split"),
        ("2.png", "near duplicate of 9.png in the test split"),
        ("6.png", "near duplicate of 9.png in the test split"),
    ]
    assert cleaned.findings[-1].kind == "near_duplicates"


def test_near_copies_never_empty_a_class_or_validation(splits_of):
    splits = splits_of([0, 1] * 3, [0, 1], [2, 3], [4, 5])
    cleaned = without_near_duplicates(splits, np.array([[0, 4], [1, 5], [2, 4], [3, 5]]))
    assert cleaned.train.tolist() == [0, 1]
    assert cleaned.validation.tolist() == [2]


def test_no_pairs_change_nothing(splits_of):
    splits = splits_of([0, 1] * 3, [0, 1], [2, 3], [4, 5])
    assert without_near_duplicates(splits, np.empty((0, 2), dtype=np.int64)) is splits
