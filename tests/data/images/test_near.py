"""Near copies are told from things of the same kind, and leave the lower split."""

import numpy as np
import pytest

from headstart.data.images.near import near_across, near_copies, near_duplicates, without_near_duplicates


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
    splits = splits_of([0, 1] * 20, range(1, 20), range(20, 30), range(30, 40))
    assert near_duplicates(*pictures, splits).tolist() == [[1, 39]], "one is in none of the splits"


def test_near_in_features_alone_is_no_near_copy(splits_of, pictures):
    features, thumbnails = pictures
    splits = splits_of([0, 1] * 20, range(20), range(20, 30), range(30, 40))
    assert not len(near_duplicates(features, np.random.default_rng(1).random((40, 256)), splits))
    assert not len(near_duplicates(features, np.ones((40, 256)), splits))


@pytest.mark.parametrize(("likeness", "found"), [(0.0, 18), (4.0, 0)])
def test_where_all_pictures_are_alike_more_is_asked(splits_of, likeness, found):
    draw = np.random.default_rng(0)
    features = np.tile(draw.normal(size=(18, 64)), (2, 1))
    pictures = draw.random((18, 256)) + likeness * draw.random(256)
    # A correlation of 0.97 whatever the pictures are: the noise has a quarter of their spread.
    edited = pictures + 0.25 * pictures.std(1).mean() * draw.normal(size=(18, 256))
    splits = splits_of([0, 1] * 18, range(18), [], range(18, 36))
    pairs = near_duplicates(features, np.concatenate([pictures, edited]), splits)
    assert len(pairs) == found


@pytest.mark.parametrize("most", [0, 20_000])
def test_near_copies_are_found_whatever_block_they_are_in(splits_of, pictures, monkeypatch, most):
    """By an index too."""
    monkeypatch.setattr("headstart.data.images.alike.MOST", most)
    splits = splits_of([0, 1] * 20, range(20), range(20, 30), range(30, 40))
    monkeypatch.setattr("headstart.data.images.alike.BLOCK", 7)
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


def test_copies_within_one_heap_are_found_once(pictures):
    """Whatever splits there are; the earlier first."""
    assert near_copies(*pictures).tolist() == [[0, 38], [1, 39]]


def test_features_are_compared_once_standardised():
    """One wide column that is the same for all would make everything near; there is no spread in another."""
    draw = np.random.default_rng(0)
    features = draw.normal(size=(200, 8)).astype(np.float32)
    features[:, 0] += 1_000
    features[:, 1] = 5
    thumbnails = np.repeat(draw.random((100, 256)), 2, axis=0)  # pairs that look the same
    features[1::2] = -(features[::2] - [1_000, *[0] * 7]) + [1_000, *[0] * 7]  # and are opposite otherwise
    assert not len(near_copies(features, thumbnails))
    features[1::2] = features[::2]
    assert len(near_copies(features, thumbnails)) == 100


def test_near_copies_of_one_heap_in_another(pictures):
    assert near_across(*pictures, 20).tolist() == [[0, 38], [1, 39]]
    assert near_across(*pictures, 1).tolist() == [[0, 38]], "the others are of one heap"
