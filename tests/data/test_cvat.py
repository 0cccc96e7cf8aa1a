"""CVAT's XML for images: boxes, polygons, and what cannot be used."""

from boxed import answers, picture, reasons, write
from headstart.data.cvat import is_cvat, read_cvat
from headstart.data.scenes_layouts import read_boxes

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
