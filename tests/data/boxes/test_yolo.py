"""YOLO: what a `data.yaml` says, the usual folders, and lines that are wrong."""

import json

import pytest

from boxed import answers, picture, reasons, write, yolo
from headstart.data.boxes.yolo import is_yolo, read_yolo
from headstart.data.listing import Listing
from headstart.data.places.annotated import listed
from headstart.errors import DataError

BOX = ("cell", 4, 5, 20, 10)
LINE = yolo([BOX], ["cell"])


def boxes(name):
    return [[name, 0.1, 0.25, 0.5, 0.5]]


def read(root):
    pictures, dropped = read_yolo(root)
    found = listed(pictures)
    return Listing(found.rows, (*dropped, *found.dropped), found.findings)


def put(root, image, line=LINE):
    """A picture, and its text file where the format has it."""
    picture(root / image)
    before, _, after = image.rpartition("images/")
    label = f"{before}labels/{after}" if "images/" in image else image
    return write((root / label).with_suffix(".txt"), line)


def splits(listing):
    return {row.name: row.split for row in listing.rows}


@pytest.mark.parametrize(
    ("image", "split"),
    [
        ("images/val/1.jpg", "validation"),
        ("images/train2017/deep/1.jpg", "train"),
        ("test/images/1.jpg", "test"),
        ("images/1.jpg", None),
        ("images/deep/1.jpg", None),
    ],
)
def test_usual_folders_need_no_yaml(tmp_path, image, split):
    put(tmp_path, image)
    assert is_yolo(tmp_path)
    listing = read(tmp_path)
    assert splits(listing) == {image: split}
    assert answers(listing) == {image: boxes("0")}
    assert listing.rows[0].source == tmp_path / image
    assert listing.dropped == ()


@pytest.mark.parametrize("place", ["classes.txt", "labels/classes.txt"])
def test_names_stand_in_classes_txt(tmp_path, place):
    put(tmp_path, "images/1.jpg", LINE.replace("0 ", "1 ", 1))
    write(tmp_path / place, "wall\ncell \n\n")
    listing = read(tmp_path)
    assert answers(listing) == {"images/1.jpg": boxes("cell")}
    assert listing.dropped == ()


@pytest.mark.parametrize(
    ("yaml", "image"),
    [
        ("names: [cell]\ntrain: images/train", "images/train/1.jpg"),
        ("names: {0: cell}\ntrain: ../train/images", "train/images/1.jpg"),
        ("names: [cell]\npath: ../datasets/cells\ntrain: images/train", "images/train/1.jpg"),
        ("names: [cell]\npath: inner\ntrain: images/train", "inner/images/train/1.jpg"),
        ("names: [cell]\npath: /gone\ntrain:\n - ./a/images\n", "a/images/1.jpg"),
        ("names: [cell]\ntrain: pictures", "pictures/1.jpg"),
        ("names: [cell]\ntrain: images/some", "images/some/1.jpg"),
        ("names: [cell]\ntrain: /gone/train", "images/train/1.jpg"),
    ],
)
def test_a_yaml_says_names_and_places(tmp_path, yaml, image):
    put(tmp_path, image)
    write(tmp_path / "data.yaml", yaml)
    assert is_yolo(tmp_path)
    listing = read(tmp_path)
    assert splits(listing) == {image: "train"}
    assert answers(listing) == {image: boxes("cell")}
    gone = {"data.yaml train": "there is no `/gone/train` in the data folder"}
    assert reasons(listing) == (gone if "/gone/train" in yaml else {})


def test_splits_of_a_yaml_may_be_lists_of_folders_and_of_images(tmp_path):
    for image in ("a/images/1.jpg", "b/images/2.jpg", "b/images/3.jpg", "b/images/4.jpg"):
        put(tmp_path, image)
    (tmp_path / "b/labels/3.txt").unlink()
    write(
        tmp_path / "data.yaml", "names: [cell]\ntrain: [a/images]\nval: v.txt\ntest: b/t.txt\nnc: 1\nother: x"
    )
    write(
        tmp_path / "v.txt", "b/images/2.jpg\n\nb/images/2.jpg\nb/images/gone.jpg\n/etc/x.jpg\n../../y.jpg\n"
    )
    write(tmp_path / "b/t.txt", "./images/3.jpg\n")
    listing = read(tmp_path)
    assert splits(listing) == {
        "a/images/1.jpg": "train",
        "b/images/2.jpg": "validation",
        "b/images/3.jpg": "test",
    }
    assert answers(listing)["b/images/3.jpg"] == [], "no text file: no boxes"
    assert reasons(listing) == {
        "b/images/gone.jpg": "no such file",
        "/etc/x.jpg": "leads outside the data folder",
        "../../y.jpg": "leads outside the data folder",
        "b/labels/4.txt": "there is no image for it",
    }


def test_a_yaml_never_leads_outside(tmp_path):
    root, other = tmp_path / "data", tmp_path / "other"
    put(other, "images/1.jpg")
    put(root, "images/train/2.jpg")
    (root / "link").symlink_to(other)
    write(
        root / "data.yaml", f"names: [cell]\ntrain: {other}/images\nval: ../other/images\ntest: link/images"
    )
    listing = read(root)
    assert splits(listing) == {"images/train/2.jpg": "train"}, "the usual folders are left"
    assert sorted(reasons(listing)) == ["data.yaml test", "data.yaml train", "data.yaml val"]
    (root / "data.yaml").unlink()
    (root / "data.yaml").symlink_to(write(other / "data.yaml", "names: [secret]"))
    assert answers(read(root)) == {"images/train/2.jpg": boxes("0")}


def test_links_of_pictures_and_texts_are_not_followed(tmp_path):
    root, other = tmp_path / "data", tmp_path / "other"
    for name in ("1", "2", "3"):
        put(root, f"images/{name}.jpg")
    put(other, "images/x.jpg")
    for link, target in (("images/1.jpg", "images/x.jpg"), ("labels/2.txt", "labels/x.txt")):
        (root / link).unlink()
        (root / link).symlink_to(other / target)
    listing = read(root)
    assert list(answers(listing)) == ["images/3.jpg"]
    assert reasons(listing) == {
        "images/1.jpg": "leads outside the data folder",
        "images/2.jpg": "its text file labels/2.txt: leads outside the data folder",
    }


def test_images_where_nobody_looked_for_boxes_are_left_out(tmp_path):
    put(tmp_path, "images/train/1.jpg")
    picture(tmp_path / "images/train/2.jpg")
    picture(tmp_path / "images/test/3.jpg")
    write(tmp_path / "images/train/notes.md", "no picture")
    listing = read(tmp_path)
    assert answers(listing) == {"images/train/1.jpg": boxes("0"), "images/train/2.jpg": []}
    assert reasons(listing) == {"images/test/3.jpg": "there is no folder labels/test"}


def test_wrong_boxes_are_dropped_alone(tmp_path):
    lines = [
        LINE.strip(),
        "1 .5 .5 .1 .1",
        "cell .5 .5 .1 .1",
        "0 x .5 .1 .1",
        "0 .5 .5 -.1 .1",
        "0 320 240 9 9",
    ]
    put(tmp_path, "images/1.jpg", "\n".join([*lines, "", "0.0 0.9 .5 .4 1.2", "-1 .5 .5 .1 .1"]))
    write(tmp_path / "classes.txt", "cell")
    listing = read(tmp_path)
    assert answers(listing) == {"images/1.jpg": [*boxes("cell"), ["cell", 0.7, 0.0, 1.0, 1.0]]}
    assert [(item.file, item.reason[:27]) for item in listing.dropped] == [
        ("images/1.jpg box 2", "class 1 is not declared"),
        ("images/1.jpg box 3", "class 'cell' is not a numbe"),
        ("images/1.jpg box 4", "not numbers"),
        ("images/1.jpg box 5", "flipped corners: its right "),
        ("images/1.jpg box 6", "outside of the image"),
        ("images/1.jpg box 8", "class -1 is not declared"),
    ]


@pytest.mark.parametrize("line", ["0 .5 .5 .1", "0 .5 .5 .1 .1 .9", "0 .1 .1 .2 .1 .2 .2 .1"])
def test_a_line_of_another_format_costs_its_picture_only(tmp_path, line):
    put(tmp_path, "images/1.jpg", f"{LINE}\n{line}")
    put(tmp_path, "images/2.jpg")
    listing = read(tmp_path)
    assert list(answers(listing)) == ["images/2.jpg"]
    assert reasons(listing)["images/1.jpg"] == (
        f"labels/1.txt line 3 has {len(line.split())} columns, "
        "expected 5: class, centre x, centre y, width, height"
    )


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("names: [a", "`data.yaml` is not YAML"),
        ("a: 2024-13-45", "`data.yaml` is not YAML"),
        ("[" * 400, "`data.yaml` is not YAML"),
        ("!!python/object/apply:os.getcwd []", "`data.yaml` is not YAML"),
        ("- a", "`data.yaml` has no keys"),
        ("names: cell", "are of the type str"),
        ("names: {cell: 0}", "are of the type dict"),
        ("names: [yes, no]", "gives class 0 a name that is no text, but bool"),
        ("names: {1: cell, 3: }", "gives class 3 a name that is no text, but NoneType"),
        ("names: [[a]]", "gives class 0 a name that is no text, but list"),
    ],
)
def test_a_yaml_that_cannot_be_used_is_told(tmp_path, yaml, message):
    put(tmp_path, "images/1.jpg")
    write(tmp_path / "data.yaml", yaml)
    assert is_yolo(tmp_path)
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path)
    assert caught.value.hint


def test_a_yaml_that_spells_a_text_without_end_is_not_spelled_out(tmp_path):
    put(tmp_path, "images/1.jpg")
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12))
    write(tmp_path / "data.yaml", f"l0: &l0 [x]\n{levels}\ntrain: [*l11]\nnames: [cell]")
    listing = read(tmp_path)
    assert reasons(listing) == {"data.yaml train": "it is no text"}
    assert answers(listing) == {"images/1.jpg": boxes("cell")}
    write(tmp_path / "data.yaml", f"l0: &l0 [x]\n{levels}\nnames: *l11")
    with pytest.raises(DataError, match="no text, but list"):
        read(tmp_path)


def test_numbers_as_names_and_other_files(tmp_path):
    put(tmp_path, "images/1.jpg")
    write(tmp_path / "data.yml", json.dumps({"names": [7]}))
    assert answers(read(tmp_path)) == {"images/1.jpg": boxes("7")}


def test_folders_of_other_data_are_not_yolo(tmp_path, image_folder):
    assert not is_yolo(image_folder())
    picture(tmp_path / "images/1.jpg")
    picture(tmp_path / "labels/1.png")
    write(tmp_path / "data.yaml", "names: [a]")
    assert not is_yolo(tmp_path)


def test_a_polygon_has_a_box(tmp_path):
    put(tmp_path, "images/1.jpg", f"{LINE}\n0 .1 .25 .5 .25 .5 .5\n0 .2 .3 .4 .3 .4 .5 .2 .5")
    found = answers(read(tmp_path))["images/1.jpg"]
    assert found == [["0", 0.1, 0.25, 0.5, 0.5], ["0", 0.2, 0.3, 0.4, 0.5]]


@pytest.mark.parametrize(("folder", "split"), [("", None), ("train/", "train"), ("obj_train_data/", None)])
def test_text_files_beside_the_images(tmp_path, folder, split):
    for stem in "ab":
        picture(tmp_path / f"{folder}{stem}.jpg")
        write(tmp_path / f"{folder}{stem}.txt", LINE)
    write(tmp_path / "obj.names", "cell\n")
    assert is_yolo(tmp_path)
    listing = read(tmp_path)
    assert {name: found[0][0] for name, found in answers(listing).items()} == {
        f"{folder}a.jpg": "cell",
        f"{folder}b.jpg": "cell",
    }
    assert {row.split for row in listing.rows} == {split}
    assert listing.dropped == ()


def test_captions_beside_images_are_no_boxes(tmp_path):
    picture(tmp_path / "a.jpg")
    write(tmp_path / "a.txt", "a photo of a cat on a mat")
    assert not is_yolo(tmp_path)


@pytest.mark.parametrize("names", ["[cell, wall]", "{0: cell, 1: wall}", "{'0': cell, '1': wall}"])
def test_a_yaml_of_another_name(tmp_path, names):
    put(tmp_path, "images/train/1.jpg", LINE)
    write(tmp_path / "other.yaml", "a: [1")
    write(
        tmp_path / "cells.yaml", f"path: ../cells\ntrain: images/train\nval: images/train\nnames: {names}\n"
    )
    assert is_yolo(tmp_path)
    assert answers(read(tmp_path))["images/train/1.jpg"][0][0] == "cell"


def test_points_behind_a_box_are_left(tmp_path):
    put(tmp_path, "images/train/1.jpg", f"{LINE} .1 .2 2 .3 .4 2")
    write(tmp_path / "data.yaml", "train: images/train\nnames: [cell]\nkpt_shape: [2, 3]\n")
    assert len(answers(read(tmp_path))["images/train/1.jpg"]) == 1


def test_one_folder_for_training_and_validation_is_for_training(tmp_path):
    put(tmp_path, "images/train/1.jpg", LINE)
    write(tmp_path / "data.yaml", "train: images/train\nval: images/train\nnames: [cell]\n")
    listing = read(tmp_path)
    assert [row.split for row in listing.rows] == ["train"]
    assert reasons(listing) == {"data.yaml val": "it names the same images as train: they are for training"}


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("Images", "Labels")])
def test_names_stand_in_any_yaml_and_folders_are_written_in_any_case(tmp_path, images, labels):
    picture(tmp_path / images / "train/1.png")
    write(tmp_path / labels / "train/1.txt", LINE)
    write(tmp_path / "coco8.yaml", "names: [cell]")
    assert answers(read(tmp_path)) == {f"{images}/train/1.png": boxes("cell")}


@pytest.mark.parametrize("file", ["labels/2.TXT", "labels/2.jpg.txt"])
def test_boxes_are_found_whatever_the_suffix_of_their_file(tmp_path, file):
    put(tmp_path, "images/1.jpg")
    picture(tmp_path / "images/2.jpg")
    write(tmp_path / file, LINE)
    assert is_yolo(tmp_path)
    assert answers(read(tmp_path)) == {"images/1.jpg": boxes("0"), "images/2.jpg": boxes("0")}


def test_only_upper_case_texts_beside_images_are_seen(tmp_path):
    picture(tmp_path / "1.jpg")
    write(tmp_path / "1.TXT", LINE)
    assert is_yolo(tmp_path)
    assert answers(read(tmp_path)) == {"1.jpg": boxes("0")}


def test_an_image_whose_text_is_called_otherwise_is_not_one_without_boxes(tmp_path):
    put(tmp_path, "images/1.jpg")
    picture(tmp_path / "images/img_02.jpg")
    picture(tmp_path / "images/nothing.jpg")
    write(tmp_path / "labels/2.txt", LINE)
    listing = read(tmp_path)
    assert answers(listing) == {"images/1.jpg": boxes("0"), "images/nothing.jpg": []}
    assert reasons(listing)["images/img_02.jpg"].startswith(
        "no text file of its name; labels/2.txt may be it"
    )
