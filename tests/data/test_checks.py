"""Copies, leaks and contradictions are found and taken out of the right split."""

from dataclasses import replace

import pytest

from headstart.data.checks import balance, require_classes, require_enough, without_leaks
from headstart.data.items import Item
from headstart.errors import DataError
from headstart.targets import of_one_kind
from headstart.types import Dropped, Row


def item(name, digest, label="a", group=None, folded=None):
    return Item(Row(name, b"", label, None, group), digest, folded)


def look(*placed):
    """What without_leaks says of (item, side) pairs: kept names, {dropped: reason}, {kind: names}."""
    items, sides = zip(*placed, strict=True)
    kept, dropped, findings = without_leaks(items, sides)
    return (
        [items[i].row.name for i in kept],
        {one.file: one.reason for one in dropped},
        {one.kind: one.items for one in findings},
    )


def without_classes(splits):
    """The same examples with a text each as what is right."""
    texts = [str(number) for number in splits.examples.answers]
    return splits.but(examples=replace(splits.examples, targets=of_one_kind(texts)))


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


def test_texts_that_say_the_same_leave_the_lower_split_too():
    kept, dropped, findings = look(
        (item("1", "x", folded="f"), "train"), (item("2", "y", folded="f"), "train"),
        (item("3", "y", folded="f"), "test"), (item("4", "z", "b", folded="f"), "validation"),
        (item("5", "w", folded="g"), "train"), (item("6", "v", folded="g"), "train"),
    )  # fmt: skip
    assert kept == ["3", "5", "6"]
    assert dropped == {
        "1": "same text as 3 in the test split but for case, spaces or punctuation",
        "2": "duplicate of 3 in the test split",
        "4": "same text as 3 in the test split but for case, spaces or punctuation",
    }
    assert findings == {"leak": ("1", "4")}


def test_several_answers_are_no_contradiction_where_there_are_no_classes():
    items = [item("1", "x", "eins"), item("2", "x", "ein"), item("3", "x", "uno")]
    kept, dropped, findings = without_leaks(items, ["train", "train", "test"], classes=False)
    assert kept == [2]
    assert {one.reason for one in dropped} == {"duplicate of 3 in the test split"}
    assert [one.kind for one in findings] == ["several_answers", "leak"]


def test_many_copies_of_many_labels_are_compared_in_no_time():
    items = [item(str(i), "x", "a") for i in range(50_000)] + [item("last", "x", "b")]
    kept, dropped, _ = without_leaks(items, ["train"] * len(items))
    assert not kept
    assert dropped[0].reason == "same content as last, which has another label"


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
    uneven, even = (
        splits_of([0] * 11 + [1] * 2, range(13), [], []),
        splits_of([0] * 25 + [1] * 5, range(30), [], []),
    )
    findings = balance(uneven.examples.targets, uneven.train)
    assert [one.kind for one in findings] == ["imbalance", "few_examples"]
    assert findings[1].items == ("class 1: 2",)
    assert balance(even.examples.targets, even.train) == []


def test_a_class_that_only_the_test_split_has_is_unlearned_and_not_few(splits_of):
    splits = splits_of([0] * 8 + [1] * 8 + [2], range(16), [], [16])
    findings = balance(splits.examples.targets, splits.train)
    assert [(one.kind, one.items) for one in findings] == [("unlearned", ("class 2",))]
    assert findings[0].message == "1 class has no training example: no model can say class 2"


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


def test_too_few_examples_say_why_most_were_left_out(splits_of):
    copies = [
        Dropped(f"a/{n}.png", f"same content as b c/{n}.png, which has another label") for n in range(5)
    ]
    few = splits_of([0, 0, 1, 1], [0, 1], [2], [3]).but(dropped=(Dropped("x.png", "too large"), *copies))
    with pytest.raises(DataError, match="in training; 6 were left out, 5 of them like a/0.png") as caught:
        require_enough(few)
    assert caught.value.message.endswith("(same content as b c/0.png, which has another label)")
    with pytest.raises(DataError, match="; 6 were left out"):
        require_enough(without_classes(few).but(validation=few.test[:0]))


def test_without_classes_it_needs_a_few_examples_in_each_split(splits_of):
    fine = splits_of([0, 1, 2, 3], [0, 1], [2], [3])
    require_enough(without_classes(fine))
    for parts in (([0], [1], [2]), ([0, 1], [], [2]), ([0, 1], [2], [])):
        few = splits_of([0, 1, 2], *parts)
        with pytest.raises(DataError, match="too few examples: expected some in each split") as caught:
            require_enough(without_classes(few))
        assert "at least 4" in caught.value.hint


def test_too_few_groups_are_named(splits_of):
    few = without_classes(splits_of([0, 1, 2], [0, 1, 2], [], []))
    few = replace(few, examples=replace(few.examples, groups=("84", "84", "84")))
    with pytest.raises(DataError, match=r"0 for test; they are of 1 group \(84\)"):
        require_enough(few)


def test_no_usable_file_and_one_class_are_errors():
    with pytest.raises(
        DataError, match=r"none of the 1 examples can be used; the first left out: a\.txt \(why\)"
    ):
        require_classes([], [Dropped("a.txt", "why")])
    with pytest.raises(DataError, match="found one: 'a'"):
        require_classes([item("1", "x")], [])
