"""VOC: lists and no lists, what belongs together, and XML that must not be trusted."""

import shutil

import pytest
from PIL import Image

from boxed import answers, picture, reasons, voc, write
from headstart.data.boxes.voc import is_voc, read_voc
from headstart.data.listing import Listing
from headstart.data.places.annotated import listed

BOX = ("cell", 4, 5, 20, 10)
SAME = [["cell", 0.1, 0.25, 0.5, 0.5]]


def read(root):
    pictures, dropped = read_voc(root)
    found = listed(pictures)
    return Listing(found.rows, (*dropped, *found.dropped), found.findings)


@pytest.fixture
def folder(tmp_path):
    """`folder("a", "b")` writes pictures with a box each, and gives their folder."""

    def make(*stems):
        for stem in stems:
            picture(tmp_path / f"JPEGImages/{stem}.jpg")
            write(tmp_path / f"Annotations/{stem}.xml", voc([BOX]))
        return tmp_path

    return make


def test_without_lists_there_are_no_splits(folder):
    root = folder("a", "b.2")
    listing = read(root)
    assert answers(listing) == {"JPEGImages/a.jpg": SAME, "JPEGImages/b.2.jpg": SAME}
    assert [row.split for row in listing.rows] == [None, None]
    assert listing.rows[0].source == root / "JPEGImages/a.jpg"
    assert listing.dropped == ()


def test_lists_are_splits_and_what_they_do_not_name_is_told(folder):
    root = folder("a", "b c", "d", "e")
    write(root / "ImageSets/Main/train.txt", "a\r\n\na\n")
    write(root / "ImageSets/Main/val.txt", "b c\n")
    write(root / "ImageSets/Main/test.txt", "d\ngone\n../../x\n")
    write(root / "ImageSets/Main/trainval.txt", "a\nb c\n")
    write(root / "ImageSets/Main/cell_train.txt", "e 1\n")
    listing = read(root)
    assert [(row.name, row.split) for row in listing.rows] == [
        ("JPEGImages/a.jpg", "train"),
        ("JPEGImages/d.jpg", "test"),
        ("JPEGImages/b c.jpg", "validation"),
    ]
    assert reasons(listing) == {
        "gone": "there is no Annotations/gone.xml",
        "../../x": "there is no Annotations/../../x.xml",
        "Annotations/e.xml": "no list in ImageSets/Main names it",
    }


def test_a_list_of_training_and_validation_is_for_training_where_it_is_all(folder):
    root = folder("a", "b")
    write(root / "ImageSets/Main/trainval.txt", "a\n")
    write(root / "ImageSets/Main/test.txt", "b\n")
    assert [row.split for row in read(root).rows] == ["train", "test"]


def test_a_picture_or_its_xml_may_be_missing(folder):
    root = folder("a")
    picture(root / "JPEGImages/bare.png")
    write(root / "Annotations/alone.xml", voc([]))
    write(root / "Annotations/notes.txt", "")
    listing = read(root)
    assert len(listing.rows) == 1
    assert reasons(listing) == {
        "JPEGImages/bare.png": "there is no Annotations/bare.xml",
        "Annotations/alone.xml": "there is no image `alone` for it",
    }


def test_of_pictures_with_one_name_the_stated_one_is_taken(folder):
    root = folder("a")
    picture(root / "JPEGImages/a.png")
    write(root / "Annotations/a.xml", voc([], filename="a.png"))
    assert answers(read(root)) == {"JPEGImages/a.png": []}
    (root / "JPEGImages/a").mkdir()
    (root / "JPEGImages/a.jpg").unlink()
    write(root / "JPEGImages/a.json", "{}")
    write(root / "Annotations/a.xml", voc([]))
    (root / "JPEGImages/more").mkdir()
    assert answers(read(root)) == {"JPEGImages/a.png": []}, "what is beside it is no picture"
    assert read(root).dropped == ()


def test_boxes_are_checked_with_their_numbers(folder):
    root = folder("a")
    boxes = voc([BOX, ("cell", "x", 1, 2, 3), ("cell", 39, 1, 4, 3), (" Cell", 30, "0.0", 99, 20)])
    bare = "<object><name>cell</name></object><object><bndbox><xmin>1</xmin></bndbox></object>"
    part = "<object><name>cell</name><part><name>wall</name></part><bndbox><xmin>1</xmin></bndbox></object>"
    write(root / "Annotations/a.xml", boxes.replace("</annotation>", f"{bare}{part}</annotation>"))
    listing = read(root)
    assert answers(listing) == {"JPEGImages/a.jpg": [*SAME, ["cell", 0.75, 0.0, 1.0, 1.0]]}
    assert {name.partition(" ")[2]: reason[:20] for name, reason in reasons(listing).items()} == {
        "box 2": "not numbers",
        "box 3": "flipped corners: its",
        "box 5": "it has no bndbox",
        "box 6": "no class name",
        "box 7": "not numbers",
    }


def test_a_size_may_be_missing_but_not_wrong(folder):
    root = folder("a", "b")
    write(root / "Annotations/a.xml", voc([BOX], size=(0, 0)))
    write(root / "Annotations/b.xml", voc([BOX], size=(20, 40)))
    listing = read(root)
    assert answers(listing) == {"JPEGImages/a.jpg": SAME}
    assert reasons(listing) == {"JPEGImages/b.jpg": "annotated at 20 x 40, but the image is 40 x 20"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<annotation><object>", "not XML that can be read: no element found"),
        ("", "not XML that can be read: no element found"),
        ('<?xml version="1.0" encoding="nonsense"?><annotation/>', "not XML that can be read"),
        ("<kml/>", "it holds <kml>, not <annotation>"),
        ('<!DOCTYPE a [<!ENTITY b "bb">]><annotation>&b;</annotation>', "it declares entities"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><annotation/>', "it declares entities"),
        ('<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/hostname">]><annotation/>', "it declares entities"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_cannot_be_used_costs_its_picture_only(folder, content, reason, encoding):
    root = folder("a", "b")
    (root / "Annotations/a.xml").write_bytes(content.encode(encoding))
    listing = read(root)
    assert list(answers(listing)) == ["JPEGImages/b.jpg"]
    ((name, why),) = reasons(listing).items()
    assert name == "Annotations/a.xml"
    assert reason in why or (encoding == "utf-16" and "not XML that can be read" in why)
    assert "entities" not in reason or "entities" in why, "whatever the encoding"


def test_a_doctype_without_entities_is_harmless(folder):
    root = folder("a")
    write(root / "Annotations/a.xml", "<!DOCTYPE annotation>" + voc([BOX]))
    assert answers(read(root)) == {"JPEGImages/a.jpg": SAME}


def test_nothing_outside_is_opened(folder, tmp_path_factory):
    root = folder("a", "b")
    other = tmp_path_factory.mktemp("other")
    for path in (root / "Annotations/a.xml", root / "JPEGImages/b.jpg"):
        path.rename(other / path.name)
        path.symlink_to(other / path.name)
    assert reasons(read(root)) == {
        "Annotations/a.xml": "leads outside the data folder",
        "JPEGImages/b.jpg": "leads outside the data folder",
    }
    (root / "Annotations").rename(other / "Annotations")
    (root / "Annotations").symlink_to(other / "Annotations")
    assert not is_voc(root)


def test_voc_is_known_by_its_xml(folder):
    root = folder()
    (root / "Annotations").mkdir()
    write(root / "Annotations/1.txt", "")
    assert not is_voc(root)
    write(root / "Annotations/1.XML", voc([]))
    assert is_voc(root)


@pytest.fixture
def exported(tmp_path):
    """As Roboflow exports it: each XML beside its picture, in a folder for each split."""
    for part, stem in (("train", "a.rf.1"), ("valid", "b"), ("test", "c")):
        picture(tmp_path / f"{part}/{stem}.jpg")
        write(tmp_path / f"{part}/{stem}.xml", voc([BOX], filename=f"{stem}.jpg"))
    write(tmp_path / "README.dataset.txt", "cells")
    return tmp_path


def test_xml_beside_its_pictures_in_split_folders_is_read(exported):
    assert is_voc(exported)
    listing = read(exported)
    assert {row.name: row.split for row in listing.rows} == {
        "train/a.rf.1.jpg": "train",
        "valid/b.jpg": "validation",
        "test/c.jpg": "test",
    }
    assert set(map(str, answers(listing).values())) == {str(SAME)}
    assert listing.dropped == ()


def test_one_folder_of_pictures_and_xml_is_read(exported, tmp_path):
    """As LabelImg leaves it."""
    flat = tmp_path / "flat"
    shutil.copytree(exported / "train", flat)
    (flat / "classes.txt").write_text("cell\n")
    Image.new("RGB", (8, 8)).save(flat / "alone.png")
    assert is_voc(flat)
    listing = read(flat)
    assert {row.name: row.split for row in listing.rows} == {"a.rf.1.jpg": None}
    assert [(one.file, one.reason) for one in listing.dropped] == [("alone.png", "there is no alone.xml")]
    (flat / "a.rf.1.xml").unlink()
    assert not is_voc(flat)


def test_what_a_split_folder_lacks_is_told_and_other_files_are_none_of_it(exported):
    picture(exported / "train/bare.jpg")
    picture(exported / "train/c.jpg")
    write(exported / "train/README.txt", "cells")
    write(exported / "test/alone.xml", voc([BOX]))
    write(exported / "test/note.xml", voc([BOX]))
    write(exported / "test/note.txt", "no picture")
    (exported / "valid/b.xml").write_text("<annotation>")
    listing = read(exported)
    assert sorted(answers(listing)) == ["test/c.jpg", "train/a.rf.1.jpg"]
    found = reasons(listing)
    assert found.pop("valid/b.xml").startswith("not XML that can be read")
    assert found == {
        "train/bare.jpg": "there is no train/bare.xml",
        "train/c.jpg": "there is no train/c.xml",
        "test/alone.xml": "there is no image `alone` for it",
        "test/note.xml": "there is no image `note` for it",
    }


def test_split_folders_lead_nowhere_outside(exported, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (exported / "test").rename(other / "test")
    (exported / "test").symlink_to(other / "test")
    (exported / "valid/b.jpg").rename(other / "b.jpg")
    (exported / "valid/b.jpg").symlink_to(other / "b.jpg")
    listing = read(exported)
    assert list(answers(listing)) == ["train/a.rf.1.jpg"]
    assert reasons(listing) == {"valid/b.jpg": "leads outside the data folder"}


def test_xml_that_belongs_to_no_picture_makes_no_voc(tmp_path):
    picture(tmp_path / "train/a.jpg")
    picture(tmp_path / "cat/b.jpg")
    write(tmp_path / "cat/b.xml", voc([BOX]))
    write(tmp_path / "train/sitemap.xml", "<urlset/>")
    assert not is_voc(tmp_path)


@pytest.mark.parametrize(
    ("sheets", "images", "split"),
    [
        ("annotations", "images", None),
        ("Annotation", "JPEGimages", None),
        ("annotations/xmls", "images", None),
        ("train/Annotations", "train/JPEGImages", "train"),
        ("annotations/val", "images/val", "validation"),
        ("annotations/test", "images", "test"),
    ],
)
def test_folders_in_any_case_and_of_splits(tmp_path, sheets, images, split):
    picture(tmp_path / f"{images}/a.jpg")
    write(tmp_path / f"{sheets}/a.xml", voc([("cell", 4.0, "5.00", 20.0, 10.0)]))
    assert is_voc(tmp_path)
    listing = read(tmp_path)
    assert answers(listing) == {f"{images}/a.jpg": SAME}
    assert listing.rows[0].split == split
    assert listing.dropped == ()


def test_images_at_the_top_beside_a_folder_of_xml(tmp_path):
    picture(tmp_path / "a.jpg")
    write(tmp_path / "notes.txt", "")
    write(tmp_path / "annotations/a.xml", voc([BOX]))
    assert answers(read(tmp_path)) == {"a.jpg": SAME}
