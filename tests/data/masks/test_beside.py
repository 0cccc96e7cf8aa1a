"""Masks beside their pictures are found by their names and by what they look like."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.masks import names_in
from headstart.data.folders.tree import grown
from headstart.data.images.decode import looks_like_image
from headstart.data.masks.beside import has_masks_beside, masks_beside, read_masks_beside, without_masks


@pytest.fixture
def folder(tmp_path):
    """`folder(pictures, masks)` writes a photograph for each of the first, areas for each of the second."""
    rng = np.random.default_rng(0)

    def write(pictures, masks=()):
        for name in (*pictures, *masks):
            pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
            if name in masks:
                pixels = np.zeros((16, 16), np.uint8)
                pixels[rng.integers(8) :, 4:] = 255
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / name)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("picture", "mask"),
    [
        ("benign (1).png", "benign (1)_mask.png"),
        ("benign (1).png", "benign (1)_mask_1.png"),
        ("a [x=0,y=0].jpg", "a [x=0,y=0]-labelled.png"),
        ("1.tif", "1_Segmentation.TIF"),
        ("104_sat.jpg", "104_mask.png"),
        ("img_7.jpg", "mask_7.png"),
        ("7.jpg", "gt_7.png"),
    ],
)
def test_names_of_masks(picture, mask):
    assert masks_beside([Path(picture), Path(mask)]) == {Path(picture): [Path(mask)]}


@pytest.mark.parametrize(
    "names", [("1.png", "2_mask.png"), ("1_mask.png",), ("mask.png", "1.png"), ("1.png", "1b.png")]
)
def test_names_of_none(names):
    assert masks_beside([Path(name) for name in names]) == {}


def test_masks_are_taken_out_of_a_tree_where_they_look_like_masks(folder):
    root = folder(["a/1.png", "a/x/2.png", "b/3.png", "b/3_mask.png"], ["a/1_mask.png", "a/x/2_mask.png"])
    node, masks = without_masks(grown(root, root, looks_like_image), root)
    assert masks == [root / "a/1_mask.png", root / "a/x/2_mask.png"]
    assert [path.name for path in node.every()] == ["1.png", "2.png", "3.png", "3_mask.png"]
    assert node.count == 4


def test_a_mask_that_was_saved_as_jpeg_looks_like_one(folder):
    root = folder(["a/1.jpg"], ["a/1_mask.jpg"])
    assert without_masks(grown(root, root, looks_like_image), root)[1] == [root / "a/1_mask.jpg"]


def test_pairs_and_what_has_no_mask_or_several(folder):
    root = folder(["1.png", "2.png", "3.png"], ["1_mask.png", "3_mask.png", "3_mask_1.png"])
    assert has_masks_beside(root, deep=False)
    listing = read_masks_beside(root)
    assert [(row.name, row.split, row.group) for row in listing.rows] == [("1.png", None, None)]
    assert names_in(row.label for row in listing.rows) == ("background", "foreground")
    assert {item.file: item.reason for item in listing.dropped} == {
        "2.png": "no mask of its name beside it",
        "3.png": "it has several masks, which are not joined: 3_mask.png, 3_mask_1.png",
    }


def test_split_folders(folder):
    root = folder(["train/1.png", "valid/2.png"], ["train/1_mask.png", "valid/2_mask.png"])
    assert has_masks_beside(root, deep=False)
    assert [row.split for row in read_masks_beside(root).rows] == ["train", "validation"]


@pytest.mark.parametrize(("name", "grouped"), [("CS_{}", True), ("grade_{}", False)])
def test_numbered_folders_are_groups(folder, name, grouped):
    homes = [name.format(number) for number in range(5)]
    root = folder([f"{home}/1.png" for home in homes], [f"{home}/1_mask.png" for home in homes])
    assert has_masks_beside(root)
    assert not has_masks_beside(root, deep=False)
    listing = read_masks_beside(root)
    assert [row.group for row in listing.rows] == [home if grouped else None for home in homes]
    assert [one.kind for one in listing.findings if "stay together" in one.message] == ["folders"] * grouped
