"""What folders are called."""

import pytest

from headstart.data.folders import roles


def test_names_of_pictures_masks_and_the_unlabelled():
    assert all(map(roles.is_images, ("images", "IMGS", "JPEGImages", "image_2", "Photos")))
    assert all(map(roles.is_masks, ("mask", "Masks", "ground_truth", "GT", "seg", "label-images")))
    assert not any(map(roles.is_masks, ("no_mask", "with_mask", "masked")))
    assert all(map(roles.is_unlabelled, ("unlabeled", "No_Label", "unsup")))
    assert all(map(roles.is_fold, ("fold_0", "cv1", "Fold 3", "kfold-2", "split_1")))
    assert not any(map(roles.is_fold, ("fold", "group1", "1", "manifold2")))
    assert all(map(roles.is_holder, ("data", "images", "train", "fold_1")))
    assert not roles.is_holder("cats")


def test_plain_names_keep_what_is_a_number_only():
    assert [roles.plain(name) for name in ("Ground Truth", "mask_2", "7")] == ["groundtruth", "mask", "7"]


@pytest.mark.parametrize("name", ["1", "1_mask", "mask_1", "img_1", "image1", "1.seg", "1-gt", "1_label"])
def test_marks_of_masks(name):
    assert roles.unmarked(name) == "1"


@pytest.mark.parametrize("name", ["oak", "oak_aug", "oak_aug3", "oak_l", "right_oak", "resized-oak"])
def test_marks_of_versions(name):
    assert roles.unmarked(name, version=True) == "oak"


@pytest.mark.parametrize("name", ["imagery", "maskara", "mask", "img", "segment_x"])
def test_words_that_only_begin_so_stay(name):
    assert roles.unmarked(name) == name


def test_versions_and_pairs():
    assert roles.are_versions(["original", "Augmented"])
    assert not roles.are_versions(["original", "forged"])
    assert not roles.are_versions(["original"])
    assert roles.are_pair(["A", "B"])
    assert not roles.are_pair(["A", "B", "C"])


def test_splits_that_differ_in_the_split_only():
    assert roles.splits_of(["seg_train", "seg_test", "seg_pred"]) == {
        "seg_train": "train",
        "seg_test": "test",
    }
    assert roles.splits_of(["bullet_train", "cars"]) == {}
    assert roles.splits_of(["x_train", "y_test"]) == {}
    assert roles.splits_of(["Train", "cars"]) == {"Train": "train"}
