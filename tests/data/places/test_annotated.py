"""What is the same for all formats: sizes are compared, pictures turned, names merged."""

import numpy as np
import pytest
from PIL import Image

from boxed import answers, picture, reasons
from headstart.data.answers.boxes import Mark
from headstart.data.places.annotated import (
    FRACTIONS,
    Annotated,
    listed,
    placed,
    printable,
    split_written,
    stated_size,
)

MARK = Mark("a", (4, 5, 20, 10))


def annotated(path, size=(40, 20), marks=(MARK,), split=None):
    return Annotated(path, path.name, split, size, tuple(marks))


def test_a_picture_becomes_a_row_in_fractions(tmp_path):
    path = picture(tmp_path / "x.png")
    listing = listed(
        [annotated(path, split="train"), annotated(path, FRACTIONS, [Mark("a", (0, 0, 0.5, 1))])]
    )
    first, second = listing.rows
    assert (first.name, first.source, first.split) == ("x.png", path, "train")
    assert first.label == '{"boxes":[["a",0.1,0.25,0.5,0.5]]}'
    assert second.label == '{"boxes":[["a",0.0,0.0,0.5,1.0]]}'
    assert (listing.dropped, listing.findings) == ((), ())


def test_another_size_than_stated_leaves_the_picture_out(tmp_path):
    path = picture(tmp_path / "x.png", (20, 40))
    listing = listed([annotated(path)])
    assert listing.rows == ()
    assert reasons(listing) == {"x.png": "annotated at 40 x 20, but the image is 20 x 40"}


@pytest.mark.parametrize("kind", ["jpg", "png", "tif"])
def test_a_picture_that_a_viewer_turns(tmp_path, kind):
    path = picture(tmp_path / f"x.{kind}", (20, 40), orientation=6)  # shown at 40 x 20
    upright, stored = listed([annotated(path)]), listed([annotated(path, (20, 40))])
    assert answers(upright)[path.name] == [["a", 0.1, 0.25, 0.5, 0.5]]
    assert answers(stored)[path.name] == [["a", 0.75, 0.2, 0.875, 1.0]]
    assert upright.dropped == stored.dropped == ()


def test_an_orientation_behind_the_pixels_of_a_png_is_found(tmp_path):
    path = picture(tmp_path / "x.png", (20, 40), orientation=6)
    content = path.read_bytes()
    start = content.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(content[start : start + 4])
    last = content.index(b"IEND") - 4
    path.write_bytes(content[:start] + content[end:last] + content[start:end] + content[last:])
    with Image.open(path) as image:
        assert "exif" not in image.info, "the header alone must not tell"
    assert len(listed([annotated(path)]).rows) == 1


def test_a_size_that_is_not_stated_is_read(tmp_path):
    path = picture(tmp_path / "x.jpg", (20, 40), orientation=8)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    listing = listed([annotated(path, None), annotated(broken, None), annotated(broken)])
    assert [row.name for row in listing.rows] == ["x.jpg", "broken.jpg"], "decoding tells why it is broken"
    assert answers(listing)["x.jpg"] == [["a", 0.1, 0.25, 0.5, 0.5]]
    assert reasons(listing) == {"broken.jpg": "no size is stated, and the image cannot be read"}


def test_names_that_differ_in_case_or_outer_spaces_are_one_class(tmp_path):
    path = picture(tmp_path / "x.png")
    spelled = ["RBC", "rbc", "RBC", " RBC ", "WBC", "w bc", "Platelets "]
    marks = [Mark(name, (index, 1, index + 2, 3)) for index, name in enumerate(spelled)]
    listing = listed([annotated(path, marks=marks), annotated(path, marks=[Mark("rbc", (9, 9, 10, 10))])])
    found = [[box[0] for box in boxes] for boxes in [answers(listing)["x.png"]]]
    assert found == [["RBC"]]
    first = listed([annotated(path, marks=marks)])
    assert [box[0] for box in answers(first)["x.png"]] == [*["Platelets"], *["RBC"] * 4, "WBC", "w bc"]
    (finding,) = listing.findings
    assert finding.kind == "names"
    assert finding.message == "1 class is spelled in several ways; merged into the commonest spelling"
    assert finding.items == ("RBC: ' RBC ' (1), 'RBC' (2), 'rbc' (2)",)


def test_the_same_box_under_two_spellings_is_there_once(tmp_path):
    path = picture(tmp_path / "x.png")
    listing = listed([annotated(path, marks=[MARK, MARK._replace(name="A"), MARK._replace(name="b")])])
    assert [box[0] for box in answers(listing)["x.png"]] == ["A", "b"], "of equally common ones the first"
    assert reasons(listing) == {"x.png box 2": "same as box 1"}


def test_half_a_surrogate_pair_can_be_written(tmp_path):
    (row,) = listed([annotated(picture(tmp_path / "x.png"), marks=[Mark("a\ud800", (1, 1, 2, 2))])]).rows
    assert row.label.encode().startswith(b'{"boxes":[["a?",')
    assert printable("a\ud800ä") == "a?ä"


@pytest.mark.parametrize(
    ("folder", "name", "place"),
    [
        (".", "x.jpg", "x.jpg"),
        ("coco", "../images/x.jpg", "images/x.jpg"),
        ("a", "b\\x.jpg", "a/b/x.jpg"),
        ("a", "../../x.jpg", None),
        (".", "..", None),
        (".", "/etc/passwd", None),
        (".", "..x/y", "..x/y"),
    ],
)
def test_names_in_files_stay_in_the_data_folder(folder, name, place):
    assert placed(folder, name) == place


def test_stated_sizes_and_splits():
    assert stated_size("640", 480) == (640, 480)
    for wrong in ((0, 480), (None, 480), ("wide", 1), (np.nan, 1), (np.inf, 1), (10**400, 1), ([], 1)):
        assert stated_size(*wrong) is None
    assert [split_written(name) for name in ("train2017", "val_2014", "TEST", "trained", "2017")] == [
        "train", "validation", "test", None, None,
    ]  # fmt: skip


def test_pixels_where_fractions_are_expected_are_read_and_told(tmp_path):
    path = picture(tmp_path / "x.png")
    listing = listed([annotated(path, FRACTIONS), annotated(path, FRACTIONS, [Mark("b", (0, 0, 40, 20))])])
    assert answers(listing)["x.png"] == [["b", 0.0, 0.0, 1.0, 1.0]]
    assert [item.message for item in listing.findings] == [
        "2 of 2 boxes are no fractions of their pictures: read as pixels"
    ]


def test_fractions_where_pixels_are_expected_are_read_and_told(tmp_path):
    path = picture(tmp_path / "x.png")
    marks = [Mark("a", (0.1, 0.25, 0.5, 0.5)), Mark("a", (0.0, 0.0, 0.5, 1.0))]
    listing = listed([annotated(path, marks=marks)])
    assert answers(listing)["x.png"] == [["a", 0.0, 0.0, 0.5, 1.0], ["a", 0.1, 0.25, 0.5, 0.5]]
    assert "smaller than a pixel" in listing.findings[0].message


def test_many_boxes_beyond_their_pictures_are_told(tmp_path):
    paths = [picture(tmp_path / f"{number}.png") for number in range(3)]
    corner_form = Mark("a", (20, 10, 20 + 36, 10 + 18))  # right and bottom were taken for the sides
    listing = listed([annotated(path, marks=[corner_form]) for path in paths])
    (told,) = listing.findings
    assert told.message.startswith("boxes of 3 of 3 pictures reach beyond them")
    assert told.items == ("0.png", "1.png", "2.png")
