"""COCO outlines become masks wherever the files lie; what is wrong in one image does not spoil the others."""

import json

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.masks import indexed, mask_of
from headstart.data.masks.polygons import has_annotations, has_polygons, read_polygons
from headstart.errors import DataError

pytest.importorskip("pycocotools")
CELL = {"id": 1, "name": " cell "}
CLASSES = ["background", "cell", "dust"]


def square(x, y, side=2):
    return [[x, y, x + side, y, x + side, y + side, x, y + side]]


def item(image=1, category=1, outline=None, **more):
    return {"image_id": image, "category_id": category, "segmentation": outline or square(0, 0), **more}


@pytest.fixture
def coco(tmp_path):
    """`coco("instances.json", images, annotations)` writes a file and its images, gives the folder."""

    def write(file, images, annotations, categories=(CELL, {"id": 2, "name": "dust"}), home="images"):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"images": images, "annotations": annotations, "categories": list(categories)}
        path.write_text(json.dumps(content))
        for image in images:
            if isinstance(image, dict) and isinstance(image.get("file_name"), str) and home is not None:
                place = tmp_path / home / image["file_name"]
                place.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (image.get("width") or 6, image.get("height") or 4)).save(place)
        return tmp_path

    return write


def picture(number=1, name="a.png", **more):
    return {"id": number, "file_name": name, "width": 6, "height": 4, **more}


def reasons(listing):
    return {item.file: item.reason for item in listing.dropped}


def test_outlines_are_drawn_in_their_order_over_the_background(coco):
    runs = {"size": [4, 6], "counts": [20, 4]}
    root = coco(
        "instances.json",
        [picture(), picture(2, "b.png")],
        [item(), item(category=2, outline=square(1, 1)), item(outline=runs, iscrowd=1)],
    )
    assert has_polygons(root)
    first, second = read_polygons(root).rows
    assert (first.name, first.split) == ("images/a.png", None)
    assert indexed(first.label, CLASSES).tolist() == [
        [1, 1, 0, 0, 0, 1],
        [1, 2, 2, 0, 0, 1],
        [0, 2, 2, 0, 0, 1],
        [0, 0, 0, 0, 0, 1],
    ]
    mask, classes = mask_of(second.label)
    assert classes == ("background",)
    assert mask.shape == (4, 6)


@pytest.mark.parametrize(
    ("file", "home", "split"),
    [
        ("valid/_annotations.coco.json", "valid", "validation"),
        ("annotations/instances_val2017.json", "val2017", "validation"),
        ("annotations/instances_test.json", "images/test", "test"),
        ("annotations/instances_train.json", "images", "train"),
        ("coco/instances_train.json", "JPEGImages", "train"),
        ("coco/train.json", "", "train"),
        ("_annotations.coco.json", "", None),
        ("annotations.json", "images", None),
    ],
)
def test_each_place_of_files_and_images(coco, file, home, split):
    root = coco(file, [picture(name="a.jpg")], [item()], home=home)
    assert has_annotations(root)
    (row,) = read_polygons(root).rows
    assert row.split == split
    assert row.name == f"{home}/a.jpg".removeprefix("/")


def test_an_image_in_two_files_stays_in_the_higher_split(coco):
    coco("coco/instances_train.json", [picture(), picture(2, "b.png")], [item(), item(2)])
    root = coco("coco/instances_test.json", [picture()], [item()])
    listing = read_polygons(root)
    assert {row.name: row.split for row in listing.rows} == {"images/a.png": "test", "images/b.png": "train"}
    assert reasons(listing) == {
        "coco/instances_train.json image 1": "images/a.png is in coco/instances_test.json already"
    }


def test_what_is_wrong_leaves_out_one_image(coco, tmp_path):
    names = ["good.png", "far.png", "bare.png", "foreign.png", "small.png", "huge.png", "odd.png"]
    images = [picture(number, name) for number, name in enumerate(names)]
    images[5] |= {"width": 10**6, "height": 10**6}
    images[6] |= {"width": "6"}
    sizes = [{key: image[key] for key in ("id", "file_name")} for image in images]
    coco("instances.json", sizes, [])  # writes the pictures
    Image.new("RGB", (6, 5)).save(tmp_path / "images/small.png")
    annotations = [
        item(0), item(1, outline=[[0, 0, 99, 0, 99, 99]]), item(2), {"image_id": 2, "category_id": 1},
        item(3, 7), item(4), item(99), "text",
    ]  # fmt: skip
    listing = read_polygons(coco("instances.json", images, annotations, home=None))
    assert [row.name for row in listing.rows] == ["images/good.png"]
    assert reasons(listing) == {
        "instances.json annotation 7": "image 99 is not declared",
        "instances.json annotation 8": "it has no image_id",
        "images/far.png": "object 1: a polygon that leaves the picture by more than its side",
        "images/bare.png": "object 2: no outline",
        "images/foreign.png": "object 1: its category is not declared",
        "images/small.png": "annotated at 6 x 4, but the image is 6 x 5",
        "images/huge.png": "too many pixels (1000000 x 1000000, at most 89478485)",
        "images/odd.png": "annotated at 6 x 4; expected whole numbers of pixels",
    }


def test_files_that_are_not_there_or_outside(coco, tmp_path):
    Image.new("RGB", (6, 4)).save(tmp_path / "secret.png")
    images = [
        picture(), picture(2, "gone.png"), picture(3, "../secret.png"),
        picture(4, str(tmp_path / "secret.png")), picture(5, "link.png"),
        {"id": 6}, {"file_name": "x.png"}, 7,
    ]  # fmt: skip
    coco("data/instances.json", [picture()], [], home="data/images")
    (tmp_path / "data/images/link.png").symlink_to(tmp_path / "secret.png")
    root = coco("data/instances.json", images, [item()], home=None) / "data"
    listing = read_polygons(root)
    assert [row.name for row in listing.rows] == ["images/a.png"]
    assert reasons(listing) == {
        "gone.png": "no such file",
        "../secret.png": "leads outside the data folder",
        str(tmp_path / "secret.png"): "leads outside the data folder",
        "link.png": "leads outside the data folder",
        "instances.json image 6": "it has no file_name",
        "instances.json image 7": "it has no id",
        "instances.json image 8": "it has no id",
    }


def test_a_turned_picture_is_annotated_either_way(coco, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored 6 x 4, seen 4 x 6
    stored = picture(name="stored.jpg")
    seen = picture(2, "seen.jpg", width=4, height=6)
    free = {"id": 3, "file_name": "free.jpg"}
    coco("instances.json", [stored, seen, free], [])
    for name in ("stored.jpg", "seen.jpg", "free.jpg"):
        Image.new("RGB", (6, 4)).save(tmp_path / "images" / name, exif=exif)
    boxes = [item(1), item(2, outline=square(2, 0)), item(3, outline=square(2, 0))]
    rows = read_polygons(coco("instances.json", [stored, seen, free], boxes, home=None)).rows
    wanted = np.zeros((6, 4), int)
    wanted[:2, 2:] = 1  # the upper left corner, turned to the right
    assert len(rows) == 3
    for row in rows:
        assert np.array_equal(indexed(row.label, CLASSES), wanted)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not an object"),
        ('{"images": {}}', "has no list `images`"),
        ('{"images": [], "annotations": [], "categories": [{"id": 1}]}', "category 1 has no name"),
        ('{"images": [], "annotations": [], "categories": []}', "hold no outlines"),
    ],
)  # fmt: skip
def test_a_broken_file_names_what_is_wrong(tmp_path, content, message):
    (tmp_path / "instances.json").write_text(content)
    assert not has_polygons(tmp_path)
    if "categories" not in content and content.startswith('{"'):
        content = content.replace("}}", '}, "categories": []}')
        (tmp_path / "instances.json").write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        read_polygons(tmp_path)
    assert caught.value.hint


def test_no_file_and_too_many_classes(coco, tmp_path):
    with pytest.raises(DataError, match="has no COCO annotations"):
        read_polygons(tmp_path)
    categories = [{"id": number, "name": f"c{number}"} for number in range(255)]
    images = [picture(number, f"{number}.png") for number in range(255)]
    root = coco("instances.json", images, [item(n, n) for n in range(255)], categories)
    with pytest.raises(DataError, match="name 256 classes with the background"):
        read_polygons(root)
    one = coco("instances.json", images, [item(0, n) for n in range(255)] + [item(1)], categories, home=None)
    assert "more than 255 classes" in reasons(read_polygons(one))["images/0.png"]


def test_ten_thousand_outlines_take_no_minute(coco):
    images = [picture(number, f"{number}.png") for number in range(20)]
    boxes = [item(number % 20, outline=square(number % 5, number % 3)) for number in range(10_000)]
    assert len(read_polygons(coco("instances.json", images, boxes)).rows) == 20
