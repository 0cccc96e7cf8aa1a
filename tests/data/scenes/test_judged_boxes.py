"""Found boxes are matched as COCO does, and what is not right is told by what it is."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from boxed import picture
from headstart.data.answers.boxes import Box
from headstart.data.scenes.judged_boxes import judged_boxes, matched, overlap

LEFT, RIGHT = (0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 1.0)


def told(right, found):
    return [(judgement, label) for judgement, _, label in matched(right, found)]


def test_overlaps_are_intersections_over_unions():
    found = overlap(
        [Box("a", 0, 0, 2, 1), Box("a", 5, 5, 5, 5)], [Box("a", 1, 0, 3, 1), Box("a", 5, 5, 5, 5)]
    )
    np.testing.assert_allclose(found, [[1 / 3, 0], [0, 0]])
    assert overlap([], [Box("a", 0, 0, 1, 1)]).shape == (0, 1)


def test_right_missed_and_false_alarms():
    right = [Box("cat", *LEFT), Box("cat", 0.45, 0.0, 0.55, 0.1)]
    found = [Box("cat", *LEFT, 0.6), Box("cat", *RIGHT, 0.9)]
    assert told(right, found) == [("right", "cat 0.60"), ("false alarm", "cat 0.90"), ("missed", "cat")]


@pytest.mark.parametrize("turned", [False, True])
def test_the_surest_of_two_is_right_and_the_other_a_duplicate(turned):
    found = [Box("cat", *LEFT, 0.6), Box("cat", 0.0, 0.0, 0.35, 1.0, 0.9)]
    assert told([Box("cat", *LEFT)], found[::-1] if turned else found) == [
        ("right", "cat 0.90"),
        ("duplicate", "cat 0.60"),
    ]


def test_another_class_at_a_place_is_told_there_and_not_missed():
    assert told([Box("cat", *LEFT)], [Box("dog", *LEFT, 0.9)]) == [("other class", "dog 0.90, is cat")]


def test_the_right_class_goes_before_another_that_is_surer():
    found = [Box("dog", *LEFT, 0.9), Box("cat", *LEFT, 0.4)]
    assert told([Box("cat", *LEFT)], found) == [("right", "cat 0.40"), ("false alarm", "dog 0.90")]


def test_half_an_overlap_is_enough_and_less_is_not():
    right = [Box("cat", 0.0, 0.0, 1.0, 1.0)]
    assert told(right, [Box("cat", 0.0, 0.0, 0.5, 1.0, 0.9)])[0][0] == "right"
    assert told(right, [Box("cat", 0.0, 0.0, 0.49, 1.0, 0.9)]) == [
        ("false alarm", "cat 0.90"),
        ("missed", "cat"),
    ]


def test_a_scene_has_the_boxes_in_pixels_and_says_how_many(tmp_path):
    source = picture(tmp_path / "a.png", (400, 200))
    found = [Box("cat", *LEFT, 0.6), Box("cat", *LEFT, 0.5), Box("cat", *LEFT, 0.4)]
    scene = judged_boxes(source, [Box("cat", *LEFT)], found, 100)
    assert scene.size == (100, 50)
    assert scene.outlines[0].path == "M0 0H40V50H0z"
    assert scene.outlines[0].at == (0.0, 0.0)
    assert scene.said == "1 right, 2 duplicates"
    assert scene.picture.startswith("data:image/jpeg")
    assert judged_boxes(source, [], [], 100).said == "nothing is there, and nothing found"


def test_a_scene_is_upright(tmp_path):
    source = picture(tmp_path / "a.jpg", (400, 200), orientation=6)
    scene = judged_boxes(source, [], [], 64)
    with Image.open(io.BytesIO(base64.b64decode(scene.picture.partition(",")[2]))) as image:
        assert image.size == scene.size == (32, 64)
