"""Which data sets are images with masks, and that real ones are read whole."""

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from headstart.data.answers.masks import mask_of, names_in
from headstart.data.masks.layouts import looks_like_masks, read_masks
from headstart.data.reading import Reading
from headstart.errors import DataError

SQUARE = [[1, 1, 3, 1, 3, 3, 1, 3]]


@pytest.fixture
def both(tmp_path):
    """A folder with an image, its outline in JSON and, where asked, its mask file."""

    def write(outline=None, mask=False):
        (tmp_path / "images").mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / "images/a.jpg")
        if outline is not None:
            item = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "segmentation": outline}
            content = {
                "images": [{"id": 1, "file_name": "a.jpg"}],
                "annotations": [item],
                "categories": [{"id": 1, "name": "cell"}],
            }
            (tmp_path / "instances.json").write_text(json.dumps(content))
        if mask:
            (tmp_path / "masks").mkdir()
            Image.fromarray(np.eye(4, dtype=np.uint8)).save(tmp_path / "masks/a.png")
        return tmp_path

    return write


def test_mask_files_come_before_outlines(both):
    root = both(SQUARE, mask=True)
    assert looks_like_masks(root)
    assert names_in(row.label for row in read_masks(root).rows) == ("0", "1")


def test_outlines_are_masks_too(both):
    root = both(SQUARE)
    assert looks_like_masks(root)
    (row,) = read_masks(str(root)).rows
    mask, classes = mask_of(row.label)
    assert classes == ("background", "cell")
    assert mask.sum() == 4


def test_boxes_are_not(both):
    root = both([])
    assert not looks_like_masks(root)
    with pytest.raises(DataError, match="hold no outlines, at most boxes") as caught:
        read_masks(root)
    assert "object detection" in caught.value.hint


def test_what_is_missing_is_said(both):
    root = both(mask=True)
    (root / "masks/a.png").rename(root / "masks/b.png")
    assert not looks_like_masks(root)
    with pytest.raises(DataError, match="no image of .* has a mask of its name"):
        read_masks(root)


def test_one_folder_too_many_is_passed_through(both):
    root = both(mask=True)
    (root / "archive/data").mkdir(parents=True)
    for name in ("images", "masks"):
        (root / name).rename(root / "archive/data" / name)
    assert looks_like_masks(root)
    assert [row.name for row in read_masks(root).rows] == ["images/a.jpg"]


def test_other_data_are_refused(both, image_folder, tmp_path):
    table = pd.DataFrame({"file_name": ["a"], "label": ["b"]})
    assert not looks_like_masks(table)
    with pytest.raises(DataError, match="but got a table"):
        read_masks(table)
    photos = image_folder()
    assert not looks_like_masks(photos)
    with pytest.raises(DataError, match="has no images with masks"):
        read_masks(photos)
    file = next(photos.rglob("*.png"))
    assert not looks_like_masks(file)
    with pytest.raises(DataError, match="is a single file"):
        read_masks(file)


def test_a_group_needs_columns(both):
    root = both(mask=True)
    with pytest.raises(DataError, match="no column `who`: images with masks have no columns"):
        read_masks(root, Reading(group="who"))
    assert not looks_like_masks(root, Reading(columns={"text": "t"}))


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "sizes", "classes"),
    [
        ("nuclei", {"train": 100, "validation": 20, "test": 30}, ("background", "nucleus")),
        ("membrane_em", {"train": 21, "validation": 3, "test": 6}, ("cell", "membrane")),
    ],
)
def test_real_sets_are_read_whole(shared, name, sizes, classes):
    root = shared / "data/segmentation" / name
    assert looks_like_masks(root)
    listing = read_masks(root)
    assert Counter(row.split for row in listing.rows) == sizes
    assert listing.dropped == ()
    assert names_in(row.label for row in listing.rows) == classes
    written = (root / "classes.txt").read_text().split()
    for row in listing.rows[:5]:
        mask, names = mask_of(row.label)
        stored = np.asarray(Image.open(root / "masks" / f"{row.source.stem}.png"))
        assert np.array_equal(np.array(names)[mask], np.array(written)[stored])


@pytest.mark.realdata
def test_real_boxes_do_not_look_like_masks(shared):
    for name in ("object_detection/bccd", "object_detection/playing_cards", "image_classification/trashnet"):
        assert not looks_like_masks(shared / "data" / name)


def test_masks_beside_images_are_read_but_say_nothing_in_folders(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in ("1.png", "1_mask.png"):
            Image.fromarray(np.eye(4, dtype=np.uint8)).save(tmp_path / folder / name)
    assert looks_like_masks(tmp_path / "a")
    assert not looks_like_masks(tmp_path)  # the folders may be classes
    assert [row.name for row in read_masks(tmp_path).rows] == ["a/1.png", "b/1.png"]
