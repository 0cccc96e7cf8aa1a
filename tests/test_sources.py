"""Several data sets as one list of examples, each with the splits that a run would have."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import makings
from headstart.errors import DataError
from headstart.sources import read
from headstart.tasks.image_classification import plugin as images
from makings import digests, loaded, sources

others, photos = makings.others, makings.photos


def silent(title, rows):
    return rows


def both(photos, others, labelled=True, seed=0):
    return read([photos, others], images, labelled, seed, silent)


def names(found, rows):
    return {found.examples.names[row] for row in rows}


def test_rows_of_all_data_sets_stand_one_after_the_other(photos, others):
    found = both(photos, others)
    first, second = found.splits
    assert found.names == ("photos", "others")
    assert found.starts == (0, len(first.examples))
    assert found.sizes == [3, 2]
    assert len(found.examples) == len(found.source) == len(first.examples) + len(second.examples)
    for number, own in enumerate(found.splits):
        here = np.flatnonzero(found.source == number)
        for name in ("names", "sources", "digests"):
            assert [getattr(found.examples, name)[row] for row in here] == list(getattr(own.examples, name))
        np.testing.assert_array_equal(found.examples.answers[here], own.examples.answers)
        for side in ("train", "validation"):
            rows = getattr(found, side)
            np.testing.assert_array_equal(
                rows[found.source[rows] == number] - found.starts[number], getattr(own, side)
            )
    assert found.examples.categories == (
        *("photos/circle", "photos/square", "photos/triangle"),
        *("others/box", "others/disc"),
    )
    assert not {*found.train.tolist()} & {*found.validation.tolist()}


def test_one_data_sets_labels_are_its_own(photos):
    assert read([photos], images, True, 0, silent).examples.categories == ("circle", "square", "triangle")


def test_splits_are_those_of_a_run_with_the_seed(photos):
    for seed in (0, 3):
        run, found = loaded(photos, seed), read([photos], images, True, seed, silent)
        np.testing.assert_array_equal(found.train, run.train)
        np.testing.assert_array_equal(found.validation, run.validation)


def test_without_labels_the_same_test_split_stays_out(photos):
    run, found = loaded(photos, 3), read([photos], images, False, 3, silent)
    assert set(found.train.tolist()) == {*run.train.tolist(), *run.validation.tolist()}
    assert len(found.validation) == 0
    assert names(found, found.train).isdisjoint(run.examples.names[row] for row in run.test)


def test_a_heap_is_trained_on_whole(photos, tmp_path):
    for number, file in enumerate(sorted(photos.rglob("*.png"))[:5]):
        (tmp_path / "heap" / "deep").mkdir(parents=True, exist_ok=True)
        shutil.copy(file, tmp_path / "heap" / "deep" / f"{number}.png")
    found = read([tmp_path / "heap"], images, False, 0, silent)
    assert len(found.train) == 5
    assert found.names == ("heap",)
    with pytest.raises(DataError):
        read([tmp_path / "heap"], images, True, 0, silent)


def test_names_that_repeat_are_numbered_and_the_same_data_twice_is_refused(photos, others, tmp_path):
    shutil.copytree(others, tmp_path / "photos")
    assert both(photos, tmp_path / "photos").names == ("photos-1", "photos-2")
    shutil.copytree(photos, tmp_path / "copy")
    with pytest.raises(DataError, match="two of the data sets are the same") as caught:
        both(photos, tmp_path / "copy")
    assert caught.value.hint


def test_what_was_left_out_of_all_is_told(photos, others, tmp_path):
    broken = shutil.copytree(others, tmp_path / "others")
    (broken / "box" / "broken.png").write_bytes(b"no")
    assert [item.file for item in both(photos, broken).dropped] == ["box/broken.png"]


def test_a_table_is_read_and_one_too_small_says_why(photos):
    rows = [(str(path), path.parent.name) for path in photos.rglob("*.png")]
    table = pd.DataFrame(rows, columns=["file_name", "label"])
    for labelled in (True, False):
        found = read([table], images, labelled, 0, silent)
        assert (found.names, found.splits[0].fingerprint) == (("data",), loaded(photos).fingerprint)
    with pytest.raises(DataError):
        read([table[:4]], images, False, 0, silent)


def test_the_records_own_sums():
    found = sources([0, 1, 1], [1, 0, 2, 0, 1], [0, 1], validation=1)
    assert found.starts == (0, 3, 8)
    assert found.source.tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert found.train.tolist() == [0, 1, 3, 4, 5, 6, 8]
    assert found.validation.tolist() == [2, 7, 9]
    assert found.sizes == [2, 3, 2]


def test_nothing_is_trained_on_that_another_data_set_holds_out(photos, others, tmp_path):
    """Copies of the test pictures of the first set lie among the second one's."""
    first = loaded(photos)
    held = digests(first, "test")
    label = sorted(path for path in others.iterdir() if path.is_dir())[0]
    more = shutil.copytree(others, tmp_path / "more")
    for digest in held:
        source = first.examples.sources[first.examples.digests.index(digest)]
        shutil.copy(source, more / label.name / f"{digest[:8]}.png")

    def used(*data):
        taken = read(data, images, True, 0, silent)
        rows = [*taken.train.tolist(), *taken.validation.tolist()]
        return {taken.examples.digests[row] for row in rows}

    assert held & used(more), "some would be trained on"
    assert not held & used(photos, more)
