"""One data set says the same in every format; COCO is read before VOC before YOLO."""

import json
import shutil
from collections import Counter

import pandas as pd
import pytest

from boxed import answers, coco, picture, reasons, voc, write, yolo
from headstart.data import load
from headstart.data.answers.boxes import boxes_of, names_in
from headstart.data.boxes.layouts import looks_like_boxes, read_boxes
from headstart.data.reading import Reading
from headstart.errors import DataError
from headstart.tasks import infer
from headstart.tasks.object_detection import plugin as task

IMAGES = {
    "a.jpg": [("RBC", 4, 5, 20, 10), ("wbc", 0, 0, 40, 20)],
    "b.jpg": [("rbc", 1, 1, 2, 2), ("RBC", 1, 2, 3, 4), ("RBC", 7, 7, 7, 8)],
    "c.jpg": [],
}
SPLITS = {"a.jpg": "train", "b.jpg": "val", "c.jpg": "test"}
NAMES = ["RBC", "rbc", "wbc"]


def as_coco(root):
    for name, split in SPLITS.items():
        picture(root / "images" / name)
        write(root / f"coco/instances_{split}.json", coco({name: IMAGES[name]}))


def as_voc(root):
    for name, split in SPLITS.items():
        picture(root / "JPEGImages" / name)
        write(root / f"Annotations/{name[0]}.xml", voc(IMAGES[name]))
        write(root / f"ImageSets/Main/{split}.txt", name[0])


def as_yolo(root):
    for name, split in SPLITS.items():
        picture(root / "images" / split / name)
        write(root / f"labels/{split}/{name[0]}.txt", yolo(IMAGES[name], NAMES))
    write(root / "data.yaml", json.dumps({"names": NAMES}))


def as_voc_beside(root):
    for name, split in SPLITS.items():
        folder = root / split.replace("val", "valid")
        picture(folder / name)
        write(folder / f"{name[0]}.xml", voc(IMAGES[name]))


def as_exported_yolo(root):
    """As Roboflow writes it: the places in the file begin one folder too high."""
    for name, split in SPLITS.items():
        folder = root / split.replace("val", "valid")
        picture(folder / "images" / name)
        write(folder / f"labels/{name[0]}.txt", yolo(IMAGES[name], NAMES))
    places = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n"
    names = f"nc: 3\nnames: {NAMES}\n"
    write(root / "data.yaml", f"{places}\n{names}\nroboflow:\n  version: 1\n  license: CC BY 4.0\n")


FORMATS = (as_coco, as_voc, as_yolo)
EXPORTED = (as_voc_beside, as_exported_yolo)


@pytest.mark.parametrize("make", [*FORMATS, *EXPORTED])
def test_every_format_gives_the_same_answers(tmp_path, make):
    make(tmp_path)
    assert infer(tmp_path) == "object_detection"
    assert looks_like_boxes(tmp_path)
    listing = read_boxes(tmp_path)
    facts = {row.name.rpartition("/")[2]: (row.split, row.label) for row in listing.rows}
    assert facts == {
        "a.jpg": ("train", '{"boxes":[["RBC",0.1,0.25,0.5,0.5],["wbc",0.0,0.0,1.0,1.0]]}'),
        "b.jpg": ("validation", '{"boxes":[["RBC",0.025,0.05,0.05,0.1],["RBC",0.025,0.1,0.075,0.2]]}'),
        "c.jpg": ("test", '{"boxes":[]}'),
    }
    assert {name.rpartition("/")[2]: why for name, why in reasons(listing).items()} == {
        "b.jpg box 3": "no area"
    }
    assert [(item.kind, item.items) for item in listing.findings] == [
        ("names", ("RBC: 'RBC' (3), 'rbc' (1)",))
    ]


def test_of_several_formats_the_first_is_read(tmp_path):
    for make in reversed(FORMATS):
        make(tmp_path)
        expected = {as_coco: "JPEGImages", as_voc: "JPEGImages", as_yolo: "images"}[make]
        names = list(answers(read_boxes(tmp_path)))
        if make is not as_coco:
            assert all(name.startswith(f"{expected}/") for name in names)
    (tmp_path / "coco/instances_train.json").write_text("{")
    with pytest.raises(DataError, match="instances_train"):
        read_boxes(tmp_path)


def test_other_data_do_not_look_like_boxes(tmp_path, image_folder):
    photos = image_folder()
    table = pd.DataFrame({"text": ["a"], "label": ["b"]})
    file = write(tmp_path / "data.csv", "text,label")
    for data in (photos, str(photos), table, file):
        assert not looks_like_boxes(data)
    with pytest.raises(DataError, match="has no annotations: only"):
        read_boxes(photos)
    with pytest.raises(DataError, match="but got a table"):
        read_boxes(table)
    with pytest.raises(DataError, match="single file"):
        read_boxes(file)
    with pytest.raises(DataError, match="does not exist"):
        looks_like_boxes(tmp_path / "gone")


def test_boxes_have_no_columns(tmp_path):
    as_voc(tmp_path)
    assert not looks_like_boxes(tmp_path, Reading(columns={"text": "t"}))
    with pytest.raises(DataError, match="no column `patient`"):
        read_boxes(tmp_path, Reading("patient"))


def test_what_was_merged_is_told_with_the_splits(tmp_path):
    for index in range(8):
        path = picture(tmp_path / f"JPEGImages/{index}.png", (40 + index, 20))
        boxes = [("rbc" if index == 3 else "RBC", 1, 1, 5, 5), ("RBC", 1, 1, 1, 5)]
        write(tmp_path / f"Annotations/{path.stem}.xml", voc(boxes, (40 + index, 20)))
    splits = load(tmp_path, task)
    assert [finding.kind for finding in splits.findings] == ["names", "one_colour"]
    assert len(splits.examples) == 8
    assert len(splits.dropped) == 8
    assert len(set(splits.examples.answers)) == 8


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "sizes", "names", "count"),
    [
        ("bccd", {"train": 205, "validation": 87, "test": 72}, ("Platelets", "RBC", "WBC"), 4886),
        ("playing_cards", {"train": 130, "test": 50}, ("ace", "jack", "king", "nine", "queen", "ten"), 337),
    ],
)
def test_real_data_say_the_same_in_every_format(shared, tmp_path, name, sizes, names, count):
    source = shared / "data/object_detection" / name
    assert looks_like_boxes(source)
    listing = read_boxes(source)
    assert Counter(row.split for row in listing.rows) == sizes
    assert names_in(row.label for row in listing.rows) == names
    assert sum(map(len, answers(listing).values())) == count
    assert (listing.dropped, listing.findings) == ((), ())
    root = tmp_path / name
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("coco"))
    other = read_boxes(root)
    assert (other.dropped, other.findings) == ((), ())
    assert facts(other) == facts(listing)
    rewritten(listing, names, tmp_path / "yolo")
    again = read_boxes(tmp_path / "yolo")
    assert (again.dropped, again.findings) == ((), ())
    for row, expected in zip(sorted_rows(again), sorted_rows(listing), strict=True):
        assert row.split == expected.split
        pairs = zip(boxes_of(row.label), boxes_of(expected.label), strict=True)
        assert all(one[0] == two[0] and one[1:5] == pytest.approx(two[1:5], abs=3e-6) for one, two in pairs)


def facts(listing):
    return {(row.name, row.split, row.label) for row in listing.rows}


def sorted_rows(listing):
    return sorted(listing.rows, key=lambda row: row.name.rpartition("/")[2])


def rewritten(listing, names, root):
    """The same in YOLO's format."""
    for row in listing.rows:
        stem = row.name.rpartition("/")[2].removesuffix(".jpg")
        image = root / f"images/{row.split}/{stem}.jpg"
        image.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(row.source, image)
        boxes = [box[:5] for box in boxes_of(row.label)]
        write(root / f"labels/{row.split}/{stem}.txt", yolo(boxes, names, (1, 1)))
    write(root / "data.yaml", json.dumps({"names": dict(enumerate(names))}).replace('"', ""))


@pytest.mark.parametrize("write_as", [as_coco, as_voc])
def test_one_folder_too_many_is_passed_through(tmp_path, write_as):
    write_as(tmp_path / "archive/data")
    assert looks_like_boxes(tmp_path)
    assert len(read_boxes(tmp_path).rows) == len(IMAGES)
