"""CVAT's XML for images: boxes, polygons, and what cannot be used."""

import pytest

from boxed import answers, picture, reasons, write
from headstart.data.boxes.cvat import is_cvat, read_cvat
from headstart.data.boxes.layouts import read_boxes

BOX = '<box label="cell" occluded="0" xtl="4.00" ytl="5.00" xbr="20.00" ybr="10.00" z_order="0"></box>'
SAME = [["cell", 0.1, 0.25, 0.5, 0.5]]


def image(name, *marks, more=""):
    return f'<image id="0" name="{name}" width="40" height="20" {more}>{"".join(marks)}</image>'


def sheet(*images):
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{head}<annotations><version>1.1</version>{''.join(images)}</annotations>"


def test_boxes_and_polygons(tmp_path):
    picture(tmp_path / "images/1.png")
    picture(tmp_path / "images/2.png")
    polygon = '<polygon label="cell" points="4,5;20,5;12.5,10"/>'
    line = '<polyline label="cell" points="4,5;20,5"/>'
    content = sheet(image("1.png", BOX, line, more='subset="Train"'), image("x/2.png", polygon))
    write(tmp_path / "annotations.xml", content)
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"images/1.png": SAME, "images/2.png": SAME}
    assert [row.split for row in listing.rows] == ["train", None]
    assert reasons(listing) == {"images/1.png box 2": "it has no bbox"}


def test_what_cannot_be_used_is_told(tmp_path):
    write(tmp_path / "a.xml", sheet(image("gone.png"), '<track id="0"/>', image("../1.png"), image("")))
    write(tmp_path / "b.xml", "<annotations")
    assert is_cvat(tmp_path)
    pictures, dropped = read_cvat(tmp_path)
    assert pictures == []
    assert [one.file for one in dropped] == ["a.xml", "gone.png", "../1.png", "a.xml", "b.xml"]
    assert dropped[2].reason == "leads outside the data folder"
    assert "tracks" in dropped[0].reason


def test_a_turned_box_has_the_box_around_it(tmp_path):
    """16 x 5 about (12, 7.5), a quarter turned: 5 wide and 16 high."""
    picture(tmp_path / "1.png")
    write(tmp_path / "a.xml", sheet(image("1.png", BOX.replace(" z_order", ' rotation="90" z_order'))))
    ((label, *sides),) = answers(read_boxes(tmp_path))["1.png"]
    assert label == "cell"
    assert sides == pytest.approx([9.5 / 40, 0, 14.5 / 40, 15.5 / 20], abs=1e-4)


def test_an_ellipse_and_a_mask_have_boxes(tmp_path):
    picture(tmp_path / "1.png")
    round_ = '<ellipse label="cell" cx="12" cy="7.5" rx="8" ry="2.5"/>'
    mask = '<mask label="cell" left="4" top="5" width="16" height="5" rle="0,80"/>'
    write(tmp_path / "a.xml", sheet(image("1.png", round_, mask)))
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"1.png": SAME}
    assert reasons(listing) == {"1.png box 2": "same as box 1"}


def test_what_is_said_of_a_whole_picture_is_no_place(tmp_path):
    picture(tmp_path / "1.png")
    write(tmp_path / "a.xml", sheet(image("1.png", BOX, '<tag label="blurred"/>')))
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"1.png": SAME}
    assert reasons(listing) == {}
