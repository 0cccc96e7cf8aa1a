"""COCO: where its files and images lie, and what is wrong with them."""

import json
import time

import pytest

from boxed import answers, coco, picture, reasons, write
from headstart.data.boxes.coco import is_coco, read_coco
from headstart.data.listing import Listing
from headstart.data.places.annotated import listed
from headstart.data.places.coco_file import coco_files
from headstart.errors import DataError

BOX = ("cell", 4, 5, 20, 10)
SAME = [["cell", 0.1, 0.25, 0.5, 0.5]]


def read(root):
    pictures, dropped = read_coco(root)
    found = listed(pictures)
    return Listing(found.rows, (*dropped, *found.dropped), found.findings)


@pytest.mark.parametrize(
    ("file", "image", "split"),
    [
        ("train/_annotations.coco.json", "train/1.png", "train"),
        ("valid/_annotations.coco.json", "valid/1.png", "validation"),
        ("coco/instances_val.json", "JPEGImages/1.png", "validation"),
        ("annotations/instances_train2017.json", "train2017/1.png", "train"),
        ("annotations/instances_test.json", "images/test/1.png", "test"),
        ("annotations/instances_val.json", "images/1.png", "validation"),
        ("annotations/instances_default.json", "images/default/1.png", None),
        ("annotations/instances_train.json", "train/1.png", "train"),
        ("coco/instances_train.json", "coco/1.png", "train"),
        ("instances.json", "1.png", None),
        ("instances_train.json", "1.png", "train"),
        ("_annotations.coco.json", "1.png", None),
    ],
)
def test_files_and_images_are_found(tmp_path, file, image, split):
    picture(tmp_path / image)
    write(tmp_path / file, coco({"1.png": [BOX]}))
    listing = read(tmp_path)
    assert [(row.name, row.source, row.split) for row in listing.rows] == [(image, tmp_path / image, split)]
    assert answers(listing) == {image: SAME}
    assert listing.dropped == ()


def test_other_json_is_not_coco(tmp_path):
    for name in ("annotations/captions_train.json", "train/other.json", "data.json"):
        write(tmp_path / name, coco({}))
    assert not is_coco(tmp_path)
    write(tmp_path / "annotations/instances_train.json", coco({}))
    assert [file.split for file in coco_files(tmp_path)] == ["train"]


def test_images_with_a_folder_in_their_name_and_without_boxes(tmp_path):
    for name in ("images/train/1.png", "images/2.png", "images/unnamed.png"):
        picture(tmp_path / name)
    write(tmp_path / "coco/instances_train.json", coco({"train\\1.png": [BOX], "../images/2.png": []}))
    listing = read(tmp_path)
    assert answers(listing) == {"images/train/1.png": SAME, "images/2.png": []}
    assert listing.dropped == ()


def test_images_that_are_absent_or_outside_are_dropped(tmp_path):
    root = tmp_path / "data"
    picture(tmp_path / "secret.png")
    picture(root / "images/1.png")
    (root / "images/link.png").symlink_to(tmp_path / "secret.png")
    (root / "images/folder.png").mkdir()
    names = ["1.png", "gone.png", "../../../x.png", str(tmp_path / "secret.png"), "link.png", "folder.png"]
    names += ["x" * 300 + ".png", "a\0b.png", "a\ud800.png"]
    write(root / "annotations/instances_train.json", coco({name: [BOX] for name in names}))
    listing = read(root)
    assert list(answers(listing)) == ["images/1.png"]
    outside = "leads outside the data folder"
    found = reasons(listing)
    assert len(found) == 8, "their boxes are not told one by one"
    assert found["gone.png"] == found["a?.png"] == found["x" * 300 + ".png"] == "no such file"
    assert found["../../../x.png"] == found[names[3]] == found["link.png"] == outside
    assert found["folder.png"] == "not a file"


def test_a_file_of_annotations_that_leads_outside_is_not_opened(tmp_path):
    secret = write(tmp_path / "secret.json", "{")
    root = tmp_path / "data"
    (root / "coco").mkdir(parents=True)
    (root / "coco/instances_train.json").symlink_to(secret)
    assert reasons(read(root)) == {"coco/instances_train.json": "leads outside the data folder"}


def test_wrong_boxes_and_annotations_are_dropped_alone(tmp_path):
    picture(tmp_path / "1.png")
    content = coco({"1.png": [BOX]})
    wrong = [
        {"image_id": 0, "category_id": 1, "bbox": [1, 1, 5, 5], "iscrowd": 1},
        {"image_id": 0, "category_id": 9, "bbox": [1, 1, 5, 5]},
        {"image_id": 0, "category_id": [1], "bbox": [1, 1, 5, 5]},
        {"image_id": 0, "category_id": 1},
        {"image_id": 0, "category_id": 1, "bbox": "1234"},
        {"image_id": 0, "category_id": 1, "bbox": [1, 1, 5, None]},
        {"image_id": 0, "category_id": 1, "bbox": [5, 5, -3, 2]},
        {"image_id": 7, "category_id": 1, "bbox": [1, 1, 5, 5]},
        {"category_id": 1, "bbox": [1, 1, 5, 5]},
        {"image_id": [0], "category_id": 1, "bbox": [1, 1, 5, 5]},
        "annotation",
    ]
    content["annotations"] += wrong
    write(tmp_path / "instances.json", content)
    listing = read(tmp_path)
    assert answers(listing) == {"1.png": SAME}
    assert reasons(listing) == {
        "1.png box 2": "it marks a crowd (iscrowd), not one object",
        "1.png box 3": "category 9 is not declared",
        "1.png box 4": "category [1] is not declared",
        "1.png box 5": "it has no bbox",
        "1.png box 6": "its bbox is not four numbers",
        "1.png box 7": "its bbox is not four numbers",
        "1.png box 8": "flipped corners: its right is left of its left, or its bottom above its top",
        "instances.json annotation 9": "image 7 is not declared",
        "instances.json annotation 10": "it has no image_id",
        "instances.json annotation 11": "it has no image_id",
        "instances.json annotation 12": "it has no image_id",
    }


def test_wrong_images_are_dropped_and_an_image_named_twice_is_one(tmp_path):
    for name in ("1.png", "2.png"):
        picture(tmp_path / name)
    content = coco({"1.png": [BOX], "2.png": []})
    content["images"] += [
        {"id": 5, "file_name": "1.png", "width": 40, "height": 20},
        {"id": 0, "file_name": "1.png"},
        {"id": 8},
        {"file_name": "2.png"},
        None,
    ]
    content["annotations"] += [{"image_id": 5, "category_id": 1, "bbox": [0, 0, 40, 20]}]
    write(tmp_path / "instances.json", content)
    listing = read(tmp_path)
    assert answers(listing) == {"1.png": [["cell", 0.0, 0.0, 1.0, 1.0], *SAME], "2.png": []}
    assert reasons(listing) == {
        "instances.json image 5": "it has no file_name",
        "instances.json image 6": "it has no id",
        "instances.json image 7": "it has no id",
    }


def test_images_with_one_id_are_left_out_together(tmp_path):
    for name in ("1.png", "2.png", "3.png"):
        picture(tmp_path / name)
    content = coco({"1.png": [BOX], "2.png": [BOX], "3.png": [BOX]})
    content["images"][1]["id"] = 0
    content["annotations"][1]["image_id"] = 0
    write(tmp_path / "instances.json", content)
    listing = read(tmp_path)
    assert answers(listing) == {"3.png": SAME}
    assert reasons(listing) == dict.fromkeys(["1.png", "2.png"], "several images have its id 0")


def changed(**lists):
    return json.dumps({**coco({}), **lists})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"images": [', r"`instances\.json` is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not an object, but list"),
        ('{"images": [], "categories": []}', "has no list `annotations`"),
        (changed(images={}), "has no list `images`"),
        (changed(categories=[{"id": 1}]), "category 1 has no name"),
        (changed(categories=[{"id": 1, "name": " "}]), "category 1 has no name"),
        (changed(categories=[{"id": 1, "name": "a"}, {"name": "b"}]), "category 2 has no id"),
        (changed(categories=["a"]), "category 1 has no name"),
        (
            changed(categories=[{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]),
            "`a` and `b` are both category 1",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, content, message):
    write(tmp_path / "instances.json", content)
    with pytest.raises(DataError, match=message) as caught:
        read_coco(tmp_path)
    assert "instances.json" in caught.value.message
    assert caught.value.hint


@pytest.mark.slow
def test_a_hundred_thousand_boxes_take_seconds(tmp_path):
    names = [f"{number}.png" for number in range(500)]
    first = picture(tmp_path / names[0], (400, 400)).read_bytes()
    for name in names[1:]:
        (tmp_path / name).write_bytes(first)
    boxes = [
        ("cell", index % 20 * 20, index // 20 * 40, index % 20 * 20 + 15, index // 20 * 40 + 30)
        for index in range(200)
    ]
    write(tmp_path / "instances.json", coco(dict.fromkeys(names, boxes), (400, 400)))
    start = time.process_time()
    listing = read(tmp_path)
    assert time.process_time() - start < 30  # all pairs would take minutes
    assert sum(map(len, answers(listing).values())) == 100_000


def test_an_outline_without_a_box_has_one(tmp_path):
    picture(tmp_path / "1.png")
    content = coco({"1.png": []})
    content["categories"] = [{"id": 0, "name": "cell"}]
    runs = {"size": [20, 40], "counts": [20 * 4 + 5, 5, 15, 5, 20 * 34 + 10]}
    outlines = [[[4, 5, 20, 5, 20, 10, 4, 10]], runs, [], [["x", 1]], {"size": "ab"}]
    content["annotations"] = [{"image_id": 0, "category_id": 0, "segmentation": one} for one in outlines]
    write(tmp_path / "instances.json", content)
    listing = read(tmp_path)
    assert answers(listing) == {"1.png": [["cell", 0.1, 0.25, 0.15, 0.5], *SAME]}
    assert reasons(listing) == {f"1.png box {number}": "it has no bbox" for number in (3, 4, 5)}
