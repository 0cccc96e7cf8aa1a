"""Cuts are stratified, keep copies and groups together, and rotate over the seeds."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from headstart.data.cutting.stratified import brought, cut, folds, redraw
from headstart.data.items import Item
from headstart.errors import DataError
from headstart.targets import of_one_kind
from headstart.tasks.answers.classes import Classes
from headstart.tasks.answers.sentences import Sentences
from headstart.types import Examples, Row

CLASSES = Classes()


def items_of(counts, group=lambda label, i: None, digest=lambda label, i: f"{label}{i}", split=None):
    return [
        Item(Row(f"{label}/{i}", b"", label, split, group(label, i)), digest(label, i))
        for label, n in counts.items()
        for i in range(n)
    ]


def examples_of(items, folded=None, answer=CLASSES):
    rows = [item.row for item in items]
    return Examples(
        names=tuple(row.name for row in rows),
        sources=tuple(row.source for row in rows),
        digests=tuple(item.digest for item in items),
        targets=answer.targets([row.label for row in rows]),
        groups=tuple(row.group or "" for row in rows),
        folded=folded,
    )


def sizes(items, sides):
    return Counter((side, item.row.label) for item, side in zip(items, sides, strict=True))


def test_a_cut_is_70_15_15_of_every_class():
    items = items_of({"a": 100, "b": 40})
    assert sizes(items, cut(examples_of(items), brought(items), 0)) == {
        ("train", "a"): 70, ("validation", "a"): 15, ("test", "a"): 15,
        ("train", "b"): 28, ("validation", "b"): 6, ("test", "b"): 6,
    }  # fmt: skip


def test_the_whole_is_70_15_15_where_classes_do_not_divide():
    items = items_of(dict.fromkeys("abcdefghij", 10))
    assert Counter(cut(examples_of(items), brought(items), 0)) == {"train": 70, "validation": 15, "test": 15}


@pytest.mark.parametrize("seed", range(5))
def test_three_examples_a_class_give_one_to_each_split_and_one_example_is_for_training(seed):
    items = items_of({"a": 3, "b": 3, "c": 1, "d": 2})
    assert sizes(items, cut(examples_of(items), brought(items), seed)) == {
        **{(side, label): 1 for side in ("train", "validation", "test") for label in "ab"},
        ("train", "c"): 1, ("train", "d"): 1, ("test", "d"): 1,
    }  # fmt: skip


def test_a_seed_repeats_and_another_differs():
    items = items_of({"a": 30, "b": 30})
    sides = brought(items)
    examples = examples_of(items)
    assert cut(examples, sides, 4) == cut(examples, sides, 4) != cut(examples, sides, 5)


@pytest.mark.parametrize("seed", range(5))
def test_copies_and_groups_stay_on_one_side_also_through_each_other(seed):
    items = items_of(
        {"a": 60, "b": 60},
        group=lambda label, i: f"{i // 6}" if i % 3 else None,
        digest=lambda label, i: f"{label}{i // 2}",
    )
    sides = cut(examples_of(items), brought(items), seed)
    for key in (lambda item: item.row.group, lambda item: item.digest):
        together = Counter()
        for k, side in {(key(item), side) for item, side in zip(items, sides, strict=True) if key(item)}:
            together[k] += 1 if side else 0
        assert set(together.values()) == {1}
    assert all(8 <= n <= 28 for side, n in Counter(sides).items() if side != "train")


def test_grouped_cuts_are_stratified_as_well_as_groups_allow():
    items = items_of({"a": 80, "b": 80}, group=lambda label, i: f"{label}{i // 4}")
    counted = sizes(items, cut(examples_of(items), brought(items), 0))
    assert all(8 <= counted[side, label] <= 16 for side in ("validation", "test") for label in "ab")


def test_groups_larger_than_a_split_still_give_three_splits():
    items = items_of({"a": 30, "b": 30}, group=lambda label, i: str(i // 10))
    assert Counter(cut(examples_of(items), brought(items), 0)) == {"train": 20, "validation": 20, "test": 20}


def test_three_splits_are_kept_and_of_two_the_second_is_test():
    three = (
        items_of({"a": 2}, split="train")
        + items_of({"a": 1}, split="validation")
        + items_of({"a": 1}, split="test")
    )
    assert cut(examples_of(three), brought(three), 0) == ["train", "train", "validation", "test"]
    for second in ("validation", "test"):
        two = items_of({"a": 20, "b": 2}, split="train") + items_of({"a": 5}, split=second)
        assert sizes(two, cut(examples_of(two), brought(two), 0)) == {
            ("train", "a"): 16, ("validation", "a"): 4,
            ("train", "b"): 1, ("validation", "b"): 1, ("test", "a"): 5,
        }  # fmt: skip
    one = items_of({"a": 4}, split="test")
    assert brought(one) == ["train"] * 4


def test_splits_without_training_are_an_error():
    with pytest.raises(DataError, match="no training split"):
        brought(items_of({"a": 1}, split="validation") + items_of({"a": 1}, split="test"))


def test_seed_zero_changes_nothing(splits_of):
    splits = splits_of([0, 1] * 10, range(12), range(12, 16), range(16, 20))
    assert redraw(splits, 0, 0) is splits


def test_validation_rotates_without_repeats_in_the_same_sizes(splits_of):
    splits = splits_of([0, 1] * 30, range(40), range(40, 50), range(50, 60))
    drawn = [redraw(splits, seed, 0) for seed in range(5)]
    assert [len(one.validation) for one in drawn] == [10] * 5
    assert sorted(np.concatenate([one.validation for one in drawn])) == list(range(50))
    for one in drawn:
        assert sorted([*one.train, *one.validation]) == list(range(50))
        assert np.bincount(one.examples.answers[one.validation]).tolist() == [5, 5]
        assert np.array_equal(one.test, splits.test)
    assert np.array_equal(redraw(splits, 3, 0).validation, drawn[3].validation)


def test_seeds_beyond_one_rotation_differ_still(splits_of):
    splits = splits_of([0, 1] * 30, range(40), range(40, 50), range(50, 60))
    drawn = {tuple(redraw(splits, seed, 0).validation) for seed in (1, 65, 129, 1_000_003)}
    assert len(drawn) == 4


@pytest.mark.parametrize("brought", [False, True], ids=["cut here", "brought"])
def test_runs_of_two_seeds_share_no_draw_but_the_cut_itself(splits_of, brought):
    splits = splits_of([0, 1] * 60, range(80), range(80, 100), range(100, 120), brought=brought)
    rows = [
        tuple((drawn.train if brought else drawn.validation).tolist())
        for seed in (0, 1)
        for drawn in (redraw(splits, number, seed) for number in range(6))
    ]
    assert rows[0] == rows[6]
    assert len(set(rows)) == 11


def test_two_examples_a_class_take_turns(splits_of):
    splits = splits_of([0, 0, 0, 1, 1, 1], [0, 3], [1, 4], [2, 5])
    assert redraw(splits, 1, 0).validation.tolist() == [0, 3]
    assert redraw(splits, 1, 0).train.tolist() == [1, 4]


def test_brought_validation_stays_and_training_loses_a_tenth(splits_of):
    splits = splits_of(
        [0] * 40 + [1] * 21, [*range(30), *range(40, 60), 60], range(30, 35), range(35, 40), brought=True
    )
    drawn = redraw(splits, 1, 0)
    assert np.array_equal(drawn.validation, splits.validation)
    assert set(drawn.train) < set(splits.train)
    assert np.bincount(drawn.examples.answers[drawn.train]).tolist() == [27, 19]
    assert not np.array_equal(drawn.train, redraw(splits, 2, 0).train)


def test_a_redraw_keeps_groups_together_and_one_example_of_each_class(splits_of):
    groups = [str(i // 4) for i in range(60)]
    cut_here = splits_of([i % 2 for i in range(60)], range(40), range(40, 48), range(48, 60), groups)
    for seed in range(1, 6):
        drawn = redraw(cut_here, seed, 0)
        assert not {groups[i] for i in drawn.train} & {groups[i] for i in drawn.validation}
        assert len(drawn.validation) == 8
    brought_one = splits_of([0, 1, 1, 0, 1], [0, 1, 2], [3], [4], brought=True)
    for seed in range(1, 6):
        assert set(brought_one.examples.answers[redraw(brought_one, seed, 0).train]) == {0, 1}


def test_texts_that_say_the_same_are_cut_and_redrawn_together(splits_of):
    items = items_of({"a": 60, "b": 60})
    folded = tuple(str(i // 3) for i in range(120))
    examples = examples_of(items, folded)
    for seed in range(3):
        sides = cut(examples, brought(items), seed)
        assert all(
            len({side for side, key in zip(sides, folded, strict=True) if key == one}) == 1 for one in folded
        )
        assert 15 <= sides.count("test") <= 21
    splits = splits_of([0, 1] * 30, range(36), range(36, 48), range(48, 60))
    keys = tuple(str(i // 4) for i in range(60))
    splits = splits.but(examples=replace(splits.examples, folded=keys))
    for seed in range(1, 5):
        drawn = redraw(splits, seed, 0)
        assert not {keys[i] for i in drawn.train} & {keys[i] for i in drawn.validation}


def test_a_set_without_classes_is_cut_and_redrawn_as_one_class(splits_of):
    items = items_of({f"answer {i}": 1 for i in range(100)})
    sides = cut(examples_of(items, answer=Sentences()), brought(items), 0)
    assert Counter(sides) == {"train": 70, "validation": 15, "test": 15}
    splits = splits_of(range(40), range(20), range(20, 30), range(30, 40))
    splits = splits.but(examples=replace(splits.examples, targets=of_one_kind([str(i) for i in range(40)])))
    drawn = redraw(splits, 1, 0)
    assert len(drawn.validation) == 10
    assert not set(drawn.validation) & set(splits.validation)
    brought_one = redraw(splits.but(brought_validation=True), 1, 0)
    assert len(brought_one.train) == 18


def test_folds_are_even_of_every_class_and_keep_groups_together():
    examples = examples_of(items_of({"a": 40, "b": 20}))
    fold = folds(examples, np.arange(60), 10, 0)
    assert np.bincount(fold).tolist() == [6] * 10
    assert all((examples.answers[fold == one] == 0).sum() == 4 for one in range(10))
    grouped = examples_of(items_of({"a": 40, "b": 20}, group=lambda label, i: f"{label}{i // 5}"))
    fold = folds(grouped, np.arange(60), 10, 0)
    assert all(
        len({fold[row] for row in range(60) if grouped.groups[row] == one}) == 1 for one in grouped.groups
    )
    assert len(np.unique(fold)) == 10
