"""COCO files are found in their usual places and ways to write, and read once for boxes and outlines."""

import json

import pytest

from boxed import coco, picture, write
from headstart.data.places.coco_file import coco_files, key_of, load, read_files
from headstart.errors import DataError

BOX = ("cell", 4, 5, 20, 10)


def changed(content, old, new):
    return json.loads(json.dumps(content).replace(old, new))


def marks(root):
    pictures, dropped = read_files(root)
    return {one.name: [name for name, _ in one.marks] for one in pictures}, dropped


@pytest.mark.parametrize(
    ("file", "split"),
    [
        ("Annotations/instances_train.json", "train"),
        ("annotations/train.json", "train"),
        ("annotations/val2017.json", "validation"),
        ("annotations.json", None),
        ("result.json", None),
        ("labels.json", None),
        ("train/annotations.json", "train"),
        ("annotations/cells_test.json", "test"),
    ],
)
def test_the_places_of_a_file(tmp_path, file, split):
    picture(tmp_path / "images/1.png")
    write(tmp_path / file, coco({"1.png": [BOX]}))
    ((found,), (one,)) = coco_files(tmp_path), read_files(tmp_path)[0]
    assert (found.split, one.split, one.name) == (split, split, "images/1.png")


@pytest.mark.parametrize("written", ["0.0", '"0"', '"0.0"', '" 0"'])
def test_ids_as_numbers_and_texts_are_one(tmp_path, written):
    picture(tmp_path / "1.png")
    content = changed(coco({"1.png": [BOX]}), '"image_id": 0', f'"image_id": {written}')
    write(tmp_path / "instances.json", changed(content, '"category_id": 1', '"category_id": "1"'))
    assert marks(tmp_path) == ({"1.png": ["cell"]}, [])


def test_what_can_be_an_id():
    assert [key_of(one) for one in (1, 1.0, "1", "1.0", " a ")] == [1, 1, 1, 1, "a"]
    assert key_of("007") == "007"
    assert [key_of(one) for one in (None, True, 1.5, [1], "")] == [None] * 5


def test_an_annotation_may_name_its_image(tmp_path):
    picture(tmp_path / "images/a.png")
    write(
        tmp_path / "instances.json", changed(coco({"a.png": [BOX]}), '"image_id": 0', '"image_id": "a.png"')
    )
    assert marks(tmp_path)[0] == {"images/a.png": ["cell"]}


@pytest.mark.parametrize(
    "name", ["C:\\Users\\me\\data\\a.png", "/home/me/data/a.png", "../old/a.png", "JPEGImages\\train\\a.png"]
)
def test_folders_of_another_machine_before_a_name(tmp_path, name):
    picture(tmp_path / "images/a.png")
    write(tmp_path / "instances.json", coco({name: [BOX]}))
    assert marks(tmp_path)[0] == {"images/a.png": ["cell"]}


def test_nothing_outside_is_named(tmp_path):
    picture(tmp_path / "secret.png")
    root = tmp_path / "data"
    picture(root / "images/a.png")
    write(root / "instances.json", coco({"a.png": [BOX], "../secret.png": [BOX]}))
    found, (left,) = marks(root)
    assert list(found) == ["images/a.png"]
    assert left.reason == "leads outside the data folder"


def test_an_image_of_two_files_stays_in_the_higher_split(tmp_path):
    picture(tmp_path / "images/1.png")
    for split in ("train", "test"):
        write(tmp_path / f"annotations/instances_{split}.json", coco({"1.png": [BOX]}))
    (one,), (left,) = read_files(tmp_path)
    assert one.split == "test"
    assert left.reason == "images/1.png is in annotations/instances_test.json already"


def test_an_error_says_what_a_file_has(tmp_path):
    write(tmp_path / "instances.json", {"images": [], "labels": []})
    with pytest.raises(DataError, match=r"no list `annotations`; it has images, labels"):
        load(tmp_path / "instances.json")
