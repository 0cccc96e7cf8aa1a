"""Frames are where the boxes are, in the colours of their classes, the surest on top."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.boxes import Box
from headstart.data.scenes.shown_boxes import framed
from headstart.data.scenes.shown_masks import colours

SIZE = (200, 100)


def frame(*boxes, names=(), size=SIZE):
    return np.asarray(framed(Image.new("RGB", size), boxes, names)).astype(int)


def colour(number):
    return colours(20)[number].tolist()


def test_a_frame_is_on_the_sides_of_its_box():
    found = frame(Box("cat", 0.25, 0.2, 0.75, 0.8))
    lit = found.max(axis=2) > 0
    rows, columns = np.flatnonzero(lit.any(1)), np.flatnonzero(lit.any(0))
    assert (columns[0], columns[-1]) == (50, 150)
    assert (rows[0], rows[-1]) == (20, 80)
    assert found[79, 100].tolist() == found[50, 51].tolist() == colour(0)
    assert not lit[60, 60:145].any(), "what is in it stays"


def test_the_picture_itself_is_not_drawn_on():
    image = Image.new("RGB", SIZE)
    framed(image, [Box("cat", 0.1, 0.1, 0.9, 0.9)])
    assert not np.asarray(image).any()


@pytest.mark.parametrize("names", [(), ("ape", "cat", "dog")])
def test_each_class_has_its_colour(names):
    found = frame(Box("dog", 0.0, 0.0, 0.4, 0.9), Box("cat", 0.6, 0.0, 1.0, 0.9), names=names)
    first = 1 if names else 0
    assert found[50, 0].tolist() == colour(first + 1)
    assert found[50, 120].tolist() == colour(first)


def test_a_class_without_a_colour_is_white():
    assert frame(Box("new", 0.0, 0.0, 0.5, 0.9), names=("cat",))[50, 0].tolist() == [255, 255, 255]


def test_the_surest_is_on_top():
    places = (0.25, 0.2, 0.75, 0.8)
    two = [Box("cat", *places, 0.9), Box("dog", *places, 0.4)]
    for order in (two, two[::-1]):
        assert frame(*order)[50, 50].tolist() == colour(0)


def test_name_and_score_are_written_in_any_language():
    place = (0.0, 0.0, 1.0, 1.0)
    plain, scored = frame(Box("cat", *place)), frame(Box("cat", *place, 0.5))
    inner = slice(3, 30), slice(3, 120)
    ink = [(one[inner].max(axis=2) > 0).sum() for one in (plain, scored)]
    assert 0 < ink[0] < ink[1]
    assert frame(Box("猫", *place)).any()


@pytest.mark.parametrize(
    "box", [Box("a", 0.5, 0.5, 0.5, 0.5), Box("a", 0.0, 0.0, 1e-6, 1e-6), Box("a", 1.0, 1.0, 1.0, 1.0)]
)
@pytest.mark.parametrize("size", [SIZE, (1, 1), (3, 200)])
def test_thin_boxes_and_tiny_pictures_can_be_drawn(box, size):
    assert frame(box, size=size).shape == (size[1], size[0], 3)
