from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import languages
from headstart import data, registry
from headstart.data.domains import PROPORTIONS, both, crossed, holds_both, unknown, without_near_copies
from headstart.data.reading import PLAIN
from headstart.errors import DataError, SettingsError
from pictures import write_folder

PICTURES = registry.get("tasks", "image_classification")
TEXTS = registry.get("tasks", "text_classification")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("domains") / "source", per_class=8)


@pytest.fixture(scope="module")
def splits(source):
    return data.load(source, PICTURES)


@pytest.fixture
def target(tmp_path):
    return write_folder(tmp_path / "target", per_class=12, seed=5)


def joined(splits, target, labelled=None):
    return crossed(splits, target, labelled, PICTURES, PLAIN)


def test_the_target_is_beside_the_source_and_in_none_of_its_splits(splits, target):
    found = joined(splits, target).splits
    assert len(found.unlabelled) == 36
    every = np.concatenate([found.train, found.validation, found.test, found.unlabelled])
    assert sorted(every) == list(range(len(found.examples)))
    assert found.examples.digests[: len(splits.examples)] == splits.examples.digests
    assert (found.examples.answers[found.unlabelled] == -1).all()
    assert found.fingerprint != splits.fingerprint


def test_labels_of_the_target_are_not_read(splits, target, tmp_path):
    """The folders are called otherwise, and pictures lie in those of other classes."""
    swapped = shutil.copytree(target, tmp_path / "swapped")
    for name in ("circle", "square"):
        (swapped / name).rename(swapped / f"{name}-")
    (swapped / "circle-").rename(swapped / "square")
    (swapped / "square-").rename(swapped / "circle")
    first, second = (joined(splits, one).splits for one in (target, swapped))
    assert first.fingerprint == second.fingerprint
    assert first.examples.digests == second.examples.digests
    np.testing.assert_array_equal(first.examples.answers, second.examples.answers)


def test_splits_of_the_target_are_all_seen(splits, tmp_path):
    target = write_folder(tmp_path / "t", per_class=4, splits=("train", "test"), seed=5)
    assert len(joined(splits, target).splits.unlabelled) == 24


def test_what_is_on_both_sides_is_left_out_of_the_target(splits, source, target):
    shutil.copy(next(source.glob("circle/*")), target / "again.png")
    found = joined(splits, target).splits
    assert len(found.unlabelled) == 36
    assert [(one.file, one.reason) for one in found.dropped] == [("again.png", "it is in the source too")]
    assert "both_domains" in {one.kind for one in found.findings}


def test_a_target_that_is_the_source_is_refused(splits, source):
    with pytest.raises(DataError, match="the target is the source: all 24"):
        joined(splits, source)


def test_near_copies_of_the_source_leave_the_target_and_are_listed(splits, target, tmp_path):
    labelled = tmp_path / "labelled"
    for label in ("circle", "square"):
        (labelled / label).mkdir(parents=True)
        shutil.copy(next((target / label).iterdir()), labelled / label / "a.png")
    ground = joined(splits, target, labelled)
    twin, names = int(ground.checked[0]), ground.splits.examples.names
    found = without_near_copies(ground, np.array([[2, twin], [3, twin]]))
    assert found.splits.unlabelled.tolist() == [row for row in range(24, 60) if row != twin]
    assert (found.checked.tolist(), found.labels) == ([ground.checked[1]], ground.labels[1:2])
    dropped = found.splits.dropped[-1]
    assert (dropped.file, dropped.reason) == (names[twin], f"it nearly repeats {names[2]} of the source")
    assert found.splits.findings[-1].kind == "near_copies_across"
    assert without_near_copies(ground, np.zeros((0, 2), dtype=np.int64)) is ground


def test_a_target_that_nearly_is_the_source_stays_whole_and_is_told(splits, target):
    ground = joined(splits, target)
    found = without_near_copies(ground, np.array([[row % 24, 24 + row] for row in range(7)]))
    assert found.splits.unlabelled.tolist() == ground.splits.unlabelled.tolist()
    assert found.splits.dropped == ground.splits.dropped
    assert "left in, for 29 others are too few" in found.splits.findings[-1].message


def test_few_examples_of_the_target_are_told(splits, tmp_path):
    found = joined(splits, write_folder(tmp_path / "t", per_class=2, seed=5)).splits
    assert "few_target" in {one.kind for one in found.findings}


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "does not exist"), ("empty", "the target: "), ("texts", "the target: ")],
)
def test_a_target_that_cannot_be_read(splits, tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a text")
    with pytest.raises(DataError, match=message):
        joined(splits, tmp_path / name)


def test_broken_pictures_of_the_target_are_left_out(splits, target):
    (target / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    dropped = joined(splits, target).splits.dropped
    assert [one.file for one in dropped] == ["broken.png"]


def test_labelled_examples_of_the_target_are_known_to_nobody_who_fits(splits, target, tmp_path):
    labelled = tmp_path / "labelled"
    for label in ("circle", "square"):
        (labelled / label).mkdir(parents=True)
        shutil.copy(next((target / label).iterdir()), labelled / label / "a.png")
    write_folder(labelled, ["triangle"], per_class=1, seed=77)
    found = joined(splits, target, labelled)
    assert (found.splits.examples.answers[found.checked] == -1).all()
    assert sorted(found.labels) == ["circle", "square", "triangle"]
    names = [found.splits.examples.sources[row].parent.name for row in found.checked]
    assert names == list(found.labels)
    assert len(found.splits.unlabelled) == 36
    assert len(np.setdiff1d(found.checked, found.splits.unlabelled)) == 1


def test_labelled_examples_that_cannot_be_checked_are_left_out_with_reasons(splits, source, tmp_path):
    labelled = write_folder(tmp_path / "labelled", per_class=2, seed=8)
    write_folder(labelled, ["star"], per_class=1, seed=9)
    shutil.copy(next((source / "circle").iterdir()), labelled / "circle" / "known.png")
    twin = next((labelled / "square").iterdir())
    shutil.copy(twin, labelled / "triangle" / "twin.png")
    shutil.copy(next((labelled / "circle").glob("circle_*")), labelled / "circle" / "copy.png")
    target = write_folder(tmp_path / "target", per_class=12, seed=5)
    reasons = {one.file: one.reason for one in joined(splits, target, labelled).splits.dropped}
    assert reasons["circle/known.png"] == "it is in the source too"
    assert "is none of the source" in next(reason for file, reason in reasons.items() if "star" in file)
    assert reasons["triangle/twin.png"] == "it is there with several answers: 'square', 'triangle'"
    assert "a copy of another one" in reasons.values()


def test_labels_that_are_none_of_the_source_are_refused(splits, target, tmp_path):
    labelled = write_folder(tmp_path / "labelled", ["moon", "star"], per_class=3, seed=8)
    with pytest.raises(DataError, match="no example that could be checked"):
        joined(splits, target, labelled)


def test_a_folder_of_both(source, target, tmp_path):
    whole = tmp_path / "whole"
    shutil.copytree(source, whole / "Source")
    shutil.copytree(target, whole / "target")
    assert both(whole, PLAIN) == (whole / "Source", whole / "target")
    assert holds_both(whole, PLAIN)
    assert both(source, PLAIN) is None
    assert not holds_both(tmp_path / "nowhere", PLAIN)


def test_two_classes_that_are_called_so_are_no_domains(tmp_path):
    assert both(write_folder(tmp_path / "data", ["source", "target"], per_class=2), PLAIN) is None


def table():
    rows = [(text, topic) for topic in languages.TOPICS for text in languages.sentences(topic, 10, 0)]
    frame = pd.DataFrame(rows, columns=["text", "label"])
    frame["domain"] = ["source", " Target"] * (len(frame) // 2)
    return frame


@pytest.mark.parametrize("as_file", [False, True])
def test_a_table_with_a_column_of_domains(tmp_path, as_file):
    frame = table()
    if as_file:
        frame.to_csv(tmp_path / "both.csv", index=False)
    source, target = both(tmp_path / "both.csv" if as_file else frame, PLAIN)
    assert len(source) == len(target) == len(frame) // 2
    assert "domain" not in source.columns
    splits = data.load(source, TEXTS)
    without = target.assign(label="?")
    found = [crossed(splits, one, None, TEXTS, PLAIN).splits for one in (target, without)]
    assert found[0].fingerprint == found[1].fingerprint
    assert len(found[0].unlabelled)


def test_a_column_that_says_something_else_is_no_domain():
    assert both(table().assign(domain="books"), PLAIN) is None
    assert both(table().drop(columns="domain"), PLAIN) is None


def test_unknown_targets_have_no_class(splits):
    found = unknown(splits.examples.targets, 3)
    assert found.right[-3:].tolist() == [-1, -1, -1]
    assert found.members[-1] == ()
    assert found.categories == splits.examples.categories


def test_proportions_are_declared_in_two_ways():
    assert PROPORTIONS.of({}) == "unknown"
    assert PROPORTIONS.of({"proportions": "same"}) == "same"
    with pytest.raises(SettingsError, match="proportions"):
        PROPORTIONS.of({"proportions": "equal"})
