"""Images find their masks and splits in each layout, and nothing is lost without a reason."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.masks import names_in
from headstart.data.masks.folders import has_mask_folders, names_mask_folders, read_mask_folders
from headstart.data.reading import Reading
from headstart.errors import DataError


@pytest.fixture
def folder(tmp_path):
    """`folder("images/a.jpg", "masks/a.png", lists={"train.txt": "a"})` writes files, gives the folder."""

    def write(*names, texts=None):
        for number, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(np.array([[number % 2, 1], [0, 1]], np.uint8))
            image.save(path)
        for name, text in (texts or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


def splits(listing):
    return {row.name: row.split for row in listing.rows}


def reasons(listing):
    return {item.file: item.reason for item in listing.dropped}


def pairs(*stems, images="images", masks="masks"):
    return [name for stem in stems for name in (f"{images}/{stem}.jpg", f"{masks}/{stem}.png")]


@pytest.mark.parametrize("masks", ["masks", "labels", "annotations"])
def test_lists_beside_the_folders_say_the_split(folder, masks):
    root = folder(
        *pairs("a", "b.c", "d e", "deep/f", masks=masks),
        texts={"train.txt": "a.jpg\nb.c\n\n", "val.txt": "images/d e.jpg\r\n", "Test.txt": "./deep\\f.png",
               "classes.txt": "sky\nroad\n", "notes.txt": "a"},
    )  # fmt: skip
    assert has_mask_folders(root)
    listing = read_mask_folders(root)
    assert splits(listing) == {
        "images/a.jpg": "train",
        "images/b.c.jpg": "train",
        "images/d e.jpg": "validation",
        "images/deep/f.jpg": "test",
    }
    assert reasons(listing) == {}
    assert names_in(row.label for row in listing.rows) == ("road", "sky")


def test_without_lists_there_are_no_splits(folder):
    listing = read_mask_folders(folder(*pairs("a", "b")))
    assert splits(listing) == {"images/a.jpg": None, "images/b.jpg": None}


def test_split_folders_above_and_below(folder, tmp_path):
    above = folder("above/train/images/a.jpg", "above/train/masks/a.png") / "above"
    folder("above/valid/images/a.jpg", "above/valid/labels/a.png")
    assert splits(read_mask_folders(above)) == {
        "train/images/a.jpg": "train",
        "valid/images/a.jpg": "validation",
    }
    below = folder(*pairs("train/a", "test/a", images="below/images", masks="below/masks")) / "below"
    assert splits(read_mask_folders(below)) == {"images/test/a.jpg": "test", "images/train/a.jpg": "train"}


def test_pascal_voc(folder):
    root = folder(
        *pairs("a", "b", "c", images="JPEGImages", masks="SegmentationClass"), "JPEGImages/other.jpg",
        texts={"ImageSets/Segmentation/train.txt": "a\n", "ImageSets/Segmentation/val.txt": "b\n",
               "ImageSets/Segmentation/trainval.txt": "a\nb\n", "ImageSets/Main/train.txt": "other\n"},
    )  # fmt: skip
    assert has_mask_folders(root)
    listing = read_mask_folders(root)
    assert splits(listing) == {"JPEGImages/a.jpg": "train", "JPEGImages/b.jpg": "validation"}
    assert reasons(listing) == {"JPEGImages/c.jpg": "in none of train.txt, val.txt"}


def test_what_has_no_other_half_is_left_out(folder):
    root = folder(
        *pairs("a"), "images/b.png", "masks/c.tif", texts={"images/notes.md": "x", "masks/a.json": "{}"}
    )
    listing = read_mask_folders(root)
    assert splits(listing) == {"images/a.jpg": None}
    assert reasons(listing) == {
        "images/b.png": "no mask of its name in masks",
        "masks/c.tif": "no image of its name in images",
    }


def test_lists_that_are_wrong_say_so_line_by_line(folder):
    root = folder(
        *pairs("a", "b", "c"), "images/d.jpg",
        texts={"train.txt": "a\nb\nb\nx y\nd", "test.txt": "images/a.jpg masks/a.png\n"},
    )  # fmt: skip
    listing = read_mask_folders(root)
    assert splits(listing) == {"images/a.jpg": "test", "images/b.jpg": "train"}
    assert reasons(listing) == {
        "train.txt line 1": "a is in test.txt already",
        "train.txt line 3": "b is in train.txt already",
        "train.txt line 4": "there is no image x y",
        "images/c.jpg": "in none of test.txt, train.txt",
        "images/d.jpg": "no mask of its name in masks",
    }


@pytest.mark.parametrize(("higher", "lower"), [("test", "val"), ("validation", "train"), ("test", "train")])
def test_a_name_in_two_lists_stays_in_the_higher_split(folder, higher, lower):
    root = folder(*pairs("a"), texts={f"{higher}.txt": "a", f"{lower}.txt": "a"})
    assert splits(read_mask_folders(root)) == {"images/a.jpg": higher}


def test_two_images_or_masks_of_one_name(folder):
    root = folder(*pairs("a"), "images/a.png", "masks/a.tif", "masks/a.jpg", *pairs("b"))
    listing = read_mask_folders(root)
    assert set(splits(listing)) == {"images/a.jpg", "images/b.jpg"}
    assert reasons(listing) == {
        "images/a.png": "its mask may be that of images/a.jpg",
        "masks/a.tif": "images/a.jpg has another mask",
    }


def test_lossy_masks_are_an_error(folder):
    root = folder("images/a.jpg", "masks/a.jpg", *pairs("b"))
    with pytest.raises(DataError, match=r"the mask masks/a\.jpg is saved with loss"):
        read_mask_folders(root)


def test_links_that_lead_outside_are_not_opened(folder, tmp_path):
    folder("secret.png", texts={"secret.txt": "a"})
    root = folder(*pairs("a", "b", "c", images="data/images", masks="data/masks")) / "data"
    for name in ("images/b.jpg", "masks/c.png"):
        (root / name).unlink()
        (root / name).symlink_to(tmp_path / "secret.png")
    (root / "train.txt").symlink_to(tmp_path / "secret.txt")
    (root / "images/more").symlink_to(tmp_path)
    listing = read_mask_folders(root)
    assert splits(listing) == {"images/a.jpg": None}
    assert reasons(listing) == {
        "images/b.jpg": "leads outside the data folder",
        "images/c.jpg": "masks/c.png: leads outside the data folder",
        "images/more": "leads outside the data folder",
    }


def test_other_layouts_are_none(folder, image_folder, tmp_path):
    assert not has_mask_folders(image_folder())
    assert not has_mask_folders(folder("images/a.jpg", texts={"labels/a.txt": "0 .5 .5 1 1"}))
    assert not names_mask_folders(tmp_path)
    apart = folder("images/a.jpg", "masks/b.png")
    assert not has_mask_folders(apart)
    assert names_mask_folders(apart)
    with pytest.raises(DataError, match="no image of .* has a mask of its name") as caught:
        read_mask_folders(apart)
    assert "masks/photo.png" in caught.value.hint


def test_a_linked_folder_is_no_part_of_a_layout(folder, tmp_path):
    folder(*pairs("a", images="out/images", masks="data/masks"))
    (tmp_path / "data/images").symlink_to(tmp_path / "out/images")
    assert not has_mask_folders(tmp_path / "data")


@pytest.mark.parametrize(
    ("images", "masks"),
    [("imgs", "masks"), ("Images", "Masks"), ("img", "mask"), ("photos", "ground_truth"), ("images", "seg")],
)
def test_other_usual_names(folder, images, masks):
    root = folder(*pairs("a", "b", images=images, masks=masks))
    assert has_mask_folders(root)
    assert set(splits(read_mask_folders(root))) == {f"{images}/a.jpg", f"{images}/b.jpg"}


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("{}", "{}_mask"),
        ("{}", "{}-seg"),
        ("img_{}", "mask_{}"),
        ("{}_image", "{}_gt"),
        ("deep/{}", "deep/{}_label"),
    ],
)
def test_masks_may_be_marked(folder, image, mask):
    names = [f"images/{image.format(one)}.jpg" for one in "12"]
    root = folder(*names, *(f"masks/{mask.format(one)}.png" for one in "12"))
    assert has_mask_folders(root)
    listing = read_mask_folders(root)
    assert set(splits(listing)) == set(names)
    assert reasons(listing) == {}


def test_a_marked_mask_is_that_of_no_image_which_has_its_own(folder):
    root = folder(
        "images/1.jpg",
        "masks/1.png",
        "masks/1_mask.png",
        "images/2.jpg",
        "images/2_image.jpg",
        "masks/2_gt.png",
    )
    assert reasons(read_mask_folders(root)) == {
        "images/2.jpg": "no mask of its name in masks",
        "images/2_image.jpg": "no mask of its name in masks",
        "masks/1_mask.png": "no image of its name in images",
        "masks/2_gt.png": "no image of its name in images",
    }


@pytest.mark.parametrize("other", ["1st_manual", "gt", "labels"])
def test_masks_in_two_folders_are_not_guessed(folder, other):
    root = folder(*pairs("a", "b"), f"{other}/a.png", f"{other}/b.png")
    with pytest.raises(DataError, match=f"have masks in several folders: masks, {other}") as raised:
        read_mask_folders(root)
    assert raised.value.hint.endswith(f"--set mask_folder={other}")
    for name in ("masks", other):
        assert len(read_mask_folders(root, Reading(options={"mask_folder": name})).rows) == 2
    with pytest.raises(DataError, match="in a folder called vessels"):
        read_mask_folders(root, Reading(options={"mask_folder": "vessels"}))


def test_a_folder_of_masks_of_nothing_here_is_no_second_one(folder):
    root = folder(
        *pairs("a", "b"), "annotations/z.png", "preview/a.png", texts={"labels/a.txt": "0 .5 .5 1 1"}
    )
    assert len(read_mask_folders(root).rows) == 2


def test_names_that_differ_in_what_all_of_them_have(folder):
    root = folder(
        *(f"images/{n}_training.jpg" for n in (21, 22)), *(f"mask/{n}_manual1.png" for n in (21, 22))
    )
    assert has_mask_folders(root)
    assert set(splits(read_mask_folders(root))) == {"images/21_training.jpg", "images/22_training.jpg"}


def test_a_folder_and_its_masks_beside_it(folder):
    root = folder(*pairs("a", "b", images="train", masks="train_masks"),
                  "val-images/c.jpg", "valannot/c.png", "classes/x.png")  # fmt: skip
    assert has_mask_folders(root)
    assert splits(read_mask_folders(root)) == {
        "train/a.jpg": "train",
        "train/b.jpg": "train",
        "val-images/c.jpg": "validation",
    }


def test_folders_of_a_common_start_are_no_masks(folder):
    assert not names_mask_folders(folder("face/1.jpg", "face_mask_on/1.png", "cats/1.jpg", "cats_dogs/1.jpg"))


def test_masks_one_folder_deeper(folder):
    root = folder(*pairs("a", "b", masks="annotations/trimaps"), texts={"annotations/xmls/a.xml": "<a/>"})
    assert set(splits(read_mask_folders(root))) == {"images/a.jpg", "images/b.jpg"}
