"""Folders of masks are found by what they are called, and by what their files are called."""

from pathlib import Path

import pytest

from headstart.data.masks.places import Place, called_alike, places


@pytest.fixture
def tree(tmp_path):
    """`tree("images/a.jpg", …)` writes empty files."""

    def write(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return write


def test_of_two_folders_the_one_with_the_names_of_the_images_is_meant(tree):
    root = tree("images/a.jpg", "masks/other.png", "gt/a.png")
    assert places(root) == [Place(root / "images", root / "gt", root)]
    assert places(root, "masks") == [Place(root / "images", root / "masks", root)]


def test_others_are_those_of_the_same_images(tree):
    root = tree("train/images/a.jpg", "train/masks/a.png", "train/gt/a_gt.png")
    inner = root / "train"
    assert places(root) == [Place(inner / "images", inner / "masks", None, "train", (inner / "gt",))]


@pytest.mark.parametrize("masks", ["train_masks", "trainannot", "Train-Labels", "masks_train", "train GT"])
def test_a_folder_called_after_that_of_the_images(tree, masks):
    root = tree("train/a.jpg", f"{masks}/a.png")
    assert places(root) == [Place(root / "train", root / masks, root, "train")]


@pytest.mark.parametrize("other", ["trains", "train_2", "masks_of_train_1", "test"])
def test_a_folder_that_is_called_otherwise(tree, other):
    assert places(tree("train/a.jpg", f"{other}/a.png")) == []


def test_deeper_folders_of_splits_stay(tree):
    root = tree("images/train/a.jpg", "masks/train/a.png")
    assert places(root) == [Place(root / "images", root / "masks", root)]


@pytest.mark.parametrize(
    ("images", "masks", "found"),
    [
        (["1", "2"], ["1_mask", "2_mask"], {"1", "2"}),
        (["21_training", "22_training"], ["21_manual1", "22_manual1"], {"21_training", "22_training"}),
        (["a_0", "a_1"], ["a_0_L", "a_1_L"], {"a_0", "a_1"}),
        (["img_10", "img_11"], ["scan_20", "scan_21"], set()),
        (["a", "b"], ["c", "d"], set()),
        (["a"], ["b"], set()),
    ],
)
def test_names_that_go_together(images, masks, found):
    files = [{stem: [Path(stem)] for stem in stems} for stems in (masks, images)]
    assert set(called_alike(*files)) & set(images) == found


@pytest.mark.parametrize("name", ["_images", " imgs", "-img"])
def test_a_folder_whose_name_is_a_word_for_images_alone_is_no_error(tree, name):
    root = tree(f"{name}/1.png", "other/1.png")
    assert places(root) == []
