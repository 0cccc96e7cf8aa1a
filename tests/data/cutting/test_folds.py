"""Each example is tested once, by what has not learned from it or from anything that belongs to it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from data.cutting.test_stratified import examples_of, items_of
from headstart import data
from headstart.data.cutting.folds import FOLDS, cut_folds, require_one_split
from headstart.data.reading import Reading
from headstart.errors import DataError, SettingsError
from headstart.registry import get
from headstart.types import Splits
from pictures import write_folder


def splits_of(counts, brought=False, **more) -> Splits:
    examples = examples_of(items_of(counts, **more))
    rows = np.arange(len(examples))
    return Splits(examples, rows[:-2], rows[-2:-1], rows[-1:], (), (), "", brought)


@pytest.mark.parametrize("number", [2, 5, 10])
def test_every_example_is_tested_once_and_never_learned_from_there(number):
    splits = splits_of({"a": 23, "b": 11}, group=lambda label, i: f"{label}{i}")
    folds, whole = cut_folds(splits, number, 0)
    assert len(folds) == number
    assert sorted(np.concatenate([one.test for one in folds]).tolist()) == list(range(34))
    for one in folds:
        parts = np.concatenate([one.train, one.validation, one.test])
        assert sorted(parts.tolist()) == list(range(34))
        assert len(one.validation)
        assert {34 // number, -(-34 // number)} >= {len(one.test)} or abs(len(one.test) - 34 / number) < 2
    assert len(whole.test) == 0
    assert sorted(np.concatenate([whole.train, whole.validation]).tolist()) == list(range(34))


def test_folds_hold_as_much_of_each_class():
    folds, _ = cut_folds(splits_of({"a": 20, "b": 10}, group=lambda label, i: f"{label}{i}"), 5, 3)
    for one in folds:
        assert Counter(one.examples.answers[one.test].tolist()) == {0: 4, 1: 2}


def test_a_group_is_in_one_fold():
    splits = splits_of({"a": 30, "b": 30}, group=lambda label, i: f"{label}-{i % 10}")
    folds, _ = cut_folds(splits, 5, 0)
    for one in folds:
        groups = np.array(one.examples.groups)
        learned = np.concatenate([one.train, one.validation])
        assert not set(groups[one.test]) & set(groups[learned])


def test_what_is_alone_in_its_class_is_only_learned_from():
    splits = splits_of({"a": 12, "b": 12, "rare": 1}, group=lambda label, i: f"{label}{i}")
    folds, whole = cut_folds(splits, 4, 0)
    assert not any(24 in one.test for one in folds)
    assert all(24 in one.train for one in (*folds, whole))
    assert "1 are only learned from" in whole.findings[-1].message


def test_another_seed_deals_otherwise():
    splits = splits_of({"a": 20, "b": 20}, group=lambda label, i: f"{label}{i}")
    first, same, other = (cut_folds(splits, 4, seed)[0][0].test.tolist() for seed in (0, 0, 1))
    assert first == same != other


def test_folds_need_classes_enough_examples_and_no_splits_of_the_data():
    with pytest.raises(SettingsError, match="validation or test split"):
        cut_folds(splits_of({"a": 20, "b": 20}, brought=True), 4, 0)
    with pytest.raises(SettingsError, match="validation or test split"):
        cut_folds(splits_of({"a": 20, "b": 20}).but(brought_test=True), 4, 0)
    with pytest.raises(DataError, match="4 independent examples"):
        cut_folds(splits_of({"a": 20, "b": 20}, group=lambda label, i: f"{label}{i % 2}"), 5, 0)


@pytest.mark.parametrize("text", ["1", "0", "21", "many", "2.5", "-3"])
def test_a_number_of_folds_is_from_two_to_twenty(text):
    with pytest.raises(SettingsError, match="folds="):
        FOLDS.of({"folds": text})


def test_verbs_without_a_test_refuse_folds():
    require_one_split({}, "ranking")
    with pytest.raises(SettingsError, match="ranking tests nothing in folds"):
        require_one_split({"folds": "3"}, "ranking")


def test_without_folds_the_splits_are_as_they_were(tmp_path):
    task, folder = get("tasks", "image_classification"), write_folder(tmp_path, per_class=4)
    plain = data.load(folder, task)
    assert data.folded(plain, task) == ([], plain)


def test_pictures_of_a_fold_are_shown_as_its_own_training_says(tmp_path):
    """A window that the test pictures had a part in would be chosen on them."""
    for number in range(24):
        path = tmp_path / "ab"[number % 2] / f"{number}.tif"
        path.parent.mkdir(exist_ok=True)
        pixels = np.linspace(0, 400 + 2000 * number, 64).astype(np.uint16).reshape(8, 8)
        Image.fromarray(pixels).save(path)
    task = get("tasks", "image_classification")
    folds, _ = data.folded(data.load(tmp_path, task), task, 0, Reading(None, {}, {"folds": "4"}))
    windows = {one.examples.exposure.window for one in folds}
    assert len(windows) > 1
    for one in folds:
        highest = max(int(one.examples.names[row].split("/")[1].split(".")[0]) for row in one.train)
        assert one.examples.exposure.window == (0.0, 400.0 + 2000 * highest)
