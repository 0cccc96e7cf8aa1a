"""A cell is a text, a name, a picture, or nothing."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from headstart.data.tables.cells import is_list, is_missing, one_text, placed, present, texts
from headstart.errors import DataError


def place(row, cell):
    return row, cell.encode(), None


def test_bytes_are_texts_in_a_column_of_texts_and_pictures_in_others():
    assert placed(b"caf\xc3\xa9", "row", "text", place) == ("row", "café".encode(), None)
    assert placed(b"\x89PNG", "row", "file_name", place) == ("row", b"\x89PNG", None)
    assert placed({"bytes": b"x", "path": None}, "row", "file_name", place)[1] == b"x"
    assert placed({"bytes": None, "path": "a.png"}, "row", "file_name", place)[1] == b"a.png"
    assert placed({"bytes": None, "path": None}, "row", "file_name", place)[2] == "no picture"


def test_a_picture_of_pillow_is_its_bytes():
    cell = Image.new("RGB", (2, 3), (9, 8, 7))
    content = placed(cell, "row", "file_name", place)[1]
    with Image.open(io.BytesIO(content)) as found:
        assert (found.size, found.getpixel((0, 0))) == ((2, 3), (9, 8, 7))


@pytest.mark.parametrize("cell", [["a"], {"a": 1}, ("a",), np.zeros(3)])
def test_what_holds_several_things_is_no_text(cell):
    assert placed(cell, "row", "text", place)[2] == f"text is a {type(cell).__name__}, not a text"
    assert one_text("label")([cell])[0][1] == f"label is a {type(cell).__name__}, not a text"
    assert is_list(cell)


def test_a_list_may_be_spelled():
    assert is_list(" [1, 0] ")
    assert not is_list("[sic] a text")
    assert not is_list(3)


def test_numbers_are_one_name_however_they_are_kept():
    assert texts([1, 2.0, None]) == ["1", "2", None]
    assert texts([0.5, 1]) == ["0.5", "1.0"]
    assert texts([b"a", "b"]) == ["a", "b"]


def test_nothing_is_missing():
    assert present(["a", " ", None, float("nan"), pd.NA, 0]) == ["a", None, None, None, None, 0]
    assert not is_missing(False)
    assert placed(" ", "row", "text", place)[2] == "no text"


def test_an_array_of_pixels_is_a_picture_and_one_of_something_else_says_what():
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    with Image.open(io.BytesIO(placed(pixels, "row", "file_name", place)[1])) as found:
        assert np.array_equal(np.asarray(found), pixels)
    assert placed(pixels / 255, "row", "file_name", place)[2] == (
        "expected a picture, got an array (4, 2, 3) of float64"
    )


@pytest.mark.parametrize("cell", ['{"choices": ["a", "b"]}', '["a", "b"]', "['a']", "[]", "[1, 0, 1]"])
def test_lists_in_json_are_no_label(cell):
    with pytest.raises(DataError, match=r"1 of 3 labels are lists or objects"):
        one_text("label")(["a", cell, "b"])
    assert one_text("target")([cell]) == [(cell, None)]  # a translation may be one


@pytest.mark.parametrize("cell", ["[deleted]", "{x}", "[0, 10]", "[0, 10)", "(0, 10]", "[", "{}}", "a [1]"])
def test_brackets_may_be_part_of_a_label(cell):
    assert one_text("label")([cell]) == [(cell, None)]
