"""Folders that are no classes are refused with what was seen; class folders of usual names never are."""

import json

import numpy as np
import pytest
from PIL import Image

from headstart.data.folders.doubts import require_agreement, require_classes
from headstart.data.folders.tree import grown
from headstart.data.images.decode import looks_like_image
from headstart.data.reading import PLAIN, Reading
from headstart.errors import DataError

WORDS = ("oak", "ash", "elm", "fir", "yew")
NUMBERS = ("0001", "0002", "0003", "0004", "0005")


@pytest.fixture
def folder(tmp_path):
    """`folder({"a": names, …}, masks=("a",))` writes a picture for each name into each folder."""
    rng = np.random.default_rng(0)

    def write(folders, masks=()):
        for folder, names in folders.items():
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            for name in names:
                pixels = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
                if folder in masks:
                    pixels = (pixels[:, :, 0] > 127).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / folder / f"{name}.png")
        return tmp_path

    return write


def doubted(root):
    """The error about a folder; its findings where there is none."""
    node = grown(root, root, looks_like_image)
    assert require_classes(node, root, Reading(options={"folders": "classes"})) == []
    try:
        return require_classes(node, root, PLAIN)
    except DataError as error:
        return error


@pytest.mark.parametrize(
    "names",
    [
        ("a", "b"),
        ("A", "B"),
        ("left", "right"),
        tuple("0123456789"),
        ("cats", "dogs"),
        ("mask", "no_mask"),
        ("with_mask", "without_mask"),
        ("train", "cars"),
        ("group1", "group2"),
        ("noisy", "clean"),
        ("2021", "2022"),
        ("part_1", "part_2", "background"),
        ("gear_part_1", "wheel_part_2"),
        ("counterpart1", "counterpart2"),
        ("original", "forged"),
        ("raw", "cooked"),
    ],
)
@pytest.mark.parametrize("pattern", ["{}", "{:04d}", "img_{}", "IMG-2020-{:02d}", "photo ({})"])
def test_class_folders_with_numbered_files_are_classes(folder, names, pattern):
    stems = [pattern.format(number) for number in range(5)]
    assert doubted(folder(dict.fromkeys(names, stems))) == []


def test_folders_of_the_same_names_in_each(folder):
    root = folder({f"{year}/{label}": WORDS for year in ("2021", "2022") for label in ("cats", "dogs")})
    error = doubted(root)
    assert "2021, 2022 hold folders of the same names (cats, dogs)" in error.message
    assert "2021 (10 files in 2 folders)" in error.message
    assert "--set folders=classes" in error.hint
    assert "--set splits=2021:train,2022:test" in error.hint
    assert "--set folders=groups" in error.hint


def test_one_folder_of_the_same_name_in_each_is_no_doubt(folder):
    assert doubted(folder({"cats/images": NUMBERS, "dogs/images": NUMBERS})) == []


@pytest.mark.parametrize(
    "names", [("train", "valid", "test"), ("Training", "Testing"), ("x_train", "x_test")]
)
def test_flat_splits(folder, names):
    error = doubted(folder(dict.fromkeys(names, NUMBERS)))
    assert "are called like splits, and hold files directly" in error.message
    assert f"{names[0]} (5 files)" in error.message
    assert "metadata.csv" in error.hint


@pytest.mark.parametrize("names", [("fold_0", "fold_1", "fold_2"), ("cv1", "cv2"), ("split_1", "split_2")])
def test_flat_folds(folder, names):
    assert "are called like folds" in doubted(folder(dict.fromkeys(names, NUMBERS))).message


@pytest.mark.parametrize(
    ("images", "masks"),
    [("imgs", "masks"), ("images", "mask"), ("Images", "ground_truth"), ("photos", "gt"), ("img", "seg")],
)
@pytest.mark.parametrize("mark", ["", "_mask", "_gt"])
def test_pictures_and_their_masks(folder, images, masks, mark):
    root = folder({images: NUMBERS, masks: [f"{name}{mark}" for name in NUMBERS]})
    error = doubted(root)
    assert f"{masks} has a file for each one of {images}, like masks" in error.message
    assert "images/1.jpg, masks/1.png" in error.hint


def test_masks_are_known_by_their_values_too(folder):
    error = doubted(folder({"first": NUMBERS, "second": NUMBERS}, masks=("second",)))
    assert "second has a picture of few values for each one of first" in error.message


@pytest.mark.parametrize("names", [("A", "B"), ("left", "right"), ("input", "target"), ("sketch", "photo")])
def test_pairs_of_pictures(folder, names):
    error = doubted(folder(dict.fromkeys(names, WORDS)))
    assert "hold files of the same names, like pairs" in error.message


@pytest.mark.parametrize(
    "names", [("original", "augmented"), ("raw", "processed"), ("original", "resized", "grayscale")]
)
def test_versions_of_pictures(folder, names):
    folders = {
        name: [f"{stem}_{name[:3]}" if name == "augmented" else stem for stem in NUMBERS] for name in names
    }
    assert "like pairs or versions" in doubted(folder(folders)).message


def test_the_same_words_in_all_classes_are_told(folder):
    (finding,) = doubted(folder(dict.fromkeys(("happy", "sad", "angry"), WORDS)))
    assert finding.kind == "same_names"


@pytest.mark.parametrize("name", ["images", "dataset", "train", "img", "fold_1"])
def test_one_folder_that_says_nothing(folder, name):
    assert "says nothing about a class" in doubted(folder({name: WORDS})).message


def table(root, place, label):
    files = sorted(root.rglob("*.png"))
    rows = [f"{path.stem},{label(path)}" for path in files]
    (root / place).write_text("\n".join(["id,breed", *rows]) + "\n")


@pytest.mark.parametrize(
    ("folders", "place"), [(("train", "test"), "train.csv"), (("images",), "images/x.csv")]
)
def test_a_table_that_says_otherwise(folder, folders, place):
    root = folder({name: [f"{name}{word}" for word in WORDS] for name in folders})
    table(root, place, lambda path: "pug" if path.stem[-1] < "m" else "collie")
    error = doubted(root)
    assert "has the columns id, breed, which say other labels" in error.message
    assert "--columns file_name=id,label=breed reads" in error.hint


def test_a_table_beside_class_folders_must_agree(folder):
    root = folder({name: [f"{name}{word}" for word in WORDS] for name in ("cats", "dogs")})
    table(root, "labels.csv", lambda path: path.parent.name)
    (finding,) = doubted(root)
    assert finding.message == "the folders are the classes; labels.csv was not read"
    table(root, "labels.csv", lambda path: "old" if "oak" in path.stem else "young")
    assert "labels.csv has the columns id, breed" in doubted(root).message


def test_a_table_about_something_else_is_told(folder):
    root = folder({"cats": NUMBERS, "dogs": NUMBERS})
    (root / "notes.csv").write_text("when,what\n2020,rain\n")
    assert [finding.kind for finding in doubted(root)] == ["not_read"]


def test_a_table_beside_splits_must_agree(folder):
    root = folder({f"{split}/images": [f"{split}{word}" for word in WORDS] for split in ("train", "test")})
    table(root, "train.csv", lambda path: "pug" if path.stem[-1] < "m" else "collie")
    node = grown(root, root, looks_like_image)
    with pytest.raises(DataError, match="train.csv has the columns id, breed") as caught:
        require_agreement(node, root, PLAIN, "--set splits=train:train ")
    assert "--set splits=train:train --set folders=classes" in caught.value.hint
    assert require_agreement(node, root, Reading(options={"folders": "classes"}), "") == []


@pytest.mark.parametrize(
    ("folders", "place"), [(("train",), "annotations/train.json"), (("images",), "a.json")]
)
def test_annotations_that_say_otherwise(folder, folders, place):
    root = folder(dict.fromkeys(folders, WORDS))
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).write_text(json.dumps({"images": [], "annotations": []}))
    error = doubted(root)
    assert f"{place} looks like annotations of boxes or outlines" in error.message
    assert "--task object_detection" in error.hint


def test_annotations_beside_class_folders_are_told(folder):
    root = folder({"cats": NUMBERS, "dogs": NUMBERS})
    (root / "boxes.json").write_text('{"annotations": []}')
    assert [finding.items for finding in doubted(root)] == [("boxes.json",)]


def test_several_data_sets_are_not_classes(folder):
    root = folder(
        {f"{name}/{split}/{label}": NUMBERS for name in "xy" for split in ("train", "test") for label in "ab"}
    )
    error = doubted(root)
    assert "x, y hold the splits test, train, with folders in them" in error.message
    assert "give one of them as the data, such as x" in error.hint


def test_data_sets_with_masks_are_not_classes(folder):
    root = folder({f"{name}/{part}": NUMBERS for name in ("covid", "normal") for part in ("images", "masks")})
    assert "covid (images, masks), normal (images, masks) have masks" in doubted(root).message


def test_data_sets_with_metadata_are_not_classes(folder):
    root = folder({"x": WORDS, "y": WORDS})
    (root / "x/metadata.csv").write_text("file_name,label\noak.png,a\n")
    assert "x/metadata.csv say the labels" in doubted(root).message


@pytest.mark.parametrize(
    "names",
    [
        ("HAM10000_images_part_1", "HAM10000_images_part_2"),
        ("HAM_images_part_1", "ham_images_part2"),
        ("photos batch 01", "photos batch 02", "photos batch 03"),
        ("my-fold-0", "my-fold-1"),
        ("cats_part_1", "cats_part_2", "dogs"),
    ],
)
def test_parts_of_one_folder_are_no_classes(folder, names):
    error = doubted(folder({name: [f"{name}{word}" for word in WORDS] for name in names}))
    assert "are called like parts of one folder, and hold files directly" in error.message


def test_a_folder_that_holds_its_siblings_again_is_a_copy(folder):
    error = doubted(folder(dict.fromkeys(("yes", "no", "brain/Yes", "brain/no"), WORDS)))
    assert "brain holds Yes, no again, as the folders beside it are called, like a copy" in error.message
    assert error.hint.startswith("take brain out, or give it alone as the data")


def test_a_class_with_one_folder_called_like_another_class_is_one(folder):
    assert not isinstance(doubted(folder(dict.fromkeys(("yes/no", "yes/old", "no"), WORDS))), DataError)


def test_pictures_and_masks_with_splits_are_no_data_sets_to_choose_of(folder):
    homes = [f"{top}/{split}/town" for top in ("gtFine", "leftImg8bit") for split in ("train", "val")]
    masks = dict.fromkeys(homes[:2], [f"{word}_color" for word in WORDS])
    error = doubted(folder(masks | dict.fromkeys(homes[2:], WORDS), masks=homes[:2]))
    assert "like several data sets, and the pictures of gtFine look like masks" in error.message
    assert error.hint.startswith("call the folders images and masks")
