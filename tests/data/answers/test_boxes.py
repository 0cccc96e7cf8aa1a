"""Answers of boxes are equal texts for equal boxes; each wrong box is refused alone, with its number."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.boxes import Box, Mark, as_answer, boxes_of, checked, corners_of, names_in, turned
from headstart.data.images.decode import decode
from headstart.errors import DataError


def test_an_answer_is_the_same_text_in_any_order_and_precision():
    boxes = [("b", 0.5, 0.1, 1, 0.25), ("a", 0.3333333333, -0.0, 0.6666666666, 1)]
    expected = '{"boxes":[["a",0.333333,0.0,0.666667,1.0],["b",0.5,0.1,1.0,0.25]]}'
    assert as_answer(boxes) == expected
    assert as_answer(reversed(boxes)) == expected
    assert as_answer(
        np.array([0.5, 0.1, 1, 0.25]).tolist() and [Box("b", *np.float32([0.5, 0.25, 1, 0.75]))]
    ) == ('{"boxes":[["b",0.5,0.25,1.0,0.75]]}')
    assert as_answer(boxes_of(expected)) == expected
    assert as_answer([]) == '{"boxes":[]}'
    assert boxes_of('{"boxes":[]}') == []


def test_an_answer_of_a_model_has_scores_and_names_stay_readable():
    text = as_answer([("Zelle ä", 0, 0, 0.5, 0.5, 0.9000001), Box("b", 0, 0, 1, 1, 0.0)])
    assert text == '{"boxes":[["Zelle ä",0.0,0.0,0.5,0.5,0.9],["b",0.0,0.0,1.0,1.0,0.0]]}'
    assert [box.score for box in boxes_of(text)] == [0.9, 0.0]
    assert names_in([text, '{"boxes":[["a",0,0,1,1]]}', '{"boxes":[]}']) == ("Zelle ä", "a", "b")


def test_a_number_that_is_none_is_never_written():
    with pytest.raises(ValueError, match="JSON"):
        as_answer([("a", 0, 0, float("nan"), 1)])


@pytest.mark.parametrize(
    "text",
    ["cat", "[]", "{}", '{"boxes":[["a",0,0,1]]}', '{"boxes":[[1,0,0,1,1]]}', '{"boxes":[["a",0,0,1,NaN]]}']
    + ['{"boxes":[["a",0,0,1,1,"x"]]}', '{"boxes":[["a",0,0,1,1,0.5,0]]}', '{"boxes":3}', "[" * 100_000],
)
def test_other_texts_are_no_answers(text):
    with pytest.raises(DataError, match="expected boxes") as caught:
        boxes_of(text)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("values", "corners"),
    [
        (["1", " 2.5 ", 3, 4.0], (1, 2.5, 3, 4)),
        ([1, 2, 3], None),
        ([1, 2, 3, 4, 5], None),
        ([1, 2, 3, None], None),
        ([1, 2, 3, "wide"], None),
        ([1, 2, 3, "nan"], None),
        ([1, 2, 3, float("inf")], None),
        ([1, 2, 3, True], None),
        ([1, 2, 3, 10**400], None),
        (None, None),
    ],
)
def test_corners_are_four_finite_numbers(values, corners):
    assert corners_of(values) == corners


def test_wrong_boxes_are_refused_one_by_one():
    marks = [
        Mark("a", (10, 5, 20, 15)),
        Mark("a", None),
        Mark("a", (20, 5, 10, 15)),
        Mark("a", (10, 15, 20, 5)),
        Mark("a", (10, 5, 10, 15)),
        Mark("a", (40, 5, 50, 15)),
        Mark("a", (-9, 5, 0, 15)),
        Mark("a", (10, 20, 20, 30)),
        Mark("a", (10, 5, 20, 15)),
        Mark("b", (10, 5, 20, 15)),
        Mark("", (10, 5, 20, 15)),
        Mark("a", (39.99999, 5, 50, 15)),
        Mark("a", (1, 1, 2, 2), "it marks a crowd"),
        Mark("a", (-10, -10, 400, 10)),
    ]
    boxes, refused = checked(marks, (40, 20))
    assert boxes == [Box("a", 0.25, 0.25, 0.5, 0.75), Box("b", 0.25, 0.25, 0.5, 0.75), Box("a", 0, 0, 1, 0.5)]
    flipped = "flipped corners: its right is left of its left, or its bottom above its top"
    outside = "outside of the image"
    assert refused == [
        (2, "not numbers"),
        (3, flipped),
        (4, flipped),
        (5, "no area"),
        (6, outside),
        (7, outside),
        (8, outside),
        (9, "same as box 1"),
        (11, "no class name"),
        (12, "no area"),
        (13, "it marks a crowd"),
    ]


@pytest.mark.parametrize("orientation", [1, 5, 6, 7, 8])
def test_a_box_is_turned_like_the_picture(tmp_path, orientation):
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[4:10, 6:30] = 255
    exif = Image.Exif()
    exif[0x112] = orientation
    Image.fromarray(pixels).save(tmp_path / "x.png", exif=exif)
    seen = np.asarray(decode(tmp_path / "x.png"))[:, :, 0] > 0
    height, width = seen.shape
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    shown = columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
    assert turned((6 / 40, 4 / 20, 30 / 40, 10 / 20), orientation) == pytest.approx(shown, abs=1e-6)
