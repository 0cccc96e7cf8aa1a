"""Two masks become regions that are right, missed, false alarms or of another class, and their outlines."""

import re

import numpy as np
import pytest

from dense import picture
from headstart.data.answers.masks import IGNORED
from headstart.data.scenes.judged_masks import ROOM, judged_masks, middle, path, regions

NAMES = ("background", "cell", "dust")


def told(right, found, names=NAMES):
    return {
        (judgement, label): region.astype(int).tolist()
        for judgement, label, region in regions(np.uint8(right), np.uint8(found), names)
    }


def test_each_pixel_is_in_the_region_of_what_became_of_it():
    assert told([[0, 1, 1, 1, 0]], [[0, 1, 0, 2, 2]]) == {
        ("missed", "cell"): [[0, 0, 1, 0, 0]],
        ("false alarm", "dust"): [[0, 0, 0, 0, 1]],
        ("other class", "dust, is cell"): [[0, 0, 0, 1, 0]],
        ("right", "cell"): [[0, 1, 0, 0, 0]],
    }


def test_what_is_right_is_drawn_last():
    assert [*told([[1, 2]], [[1, 1]])][-1] == ("right", "cell")


def test_what_is_not_known_is_not_judged_and_what_has_no_name_is_nothing():
    assert told([[IGNORED, 1]], [[1, IGNORED]]) == {("missed", "cell"): [[0, 1]]}


def test_without_a_background_there_is_nothing_to_miss():
    assert set(told([[0, 1]], [[1, 1]], ("sky", "road"))) == {
        ("other class", "road, is sky"),
        ("right", "road"),
    }


def numbers(moves):
    return [float(one) for one in re.findall(r"-?[\d.]+", moves)]


def test_an_outline_goes_round_its_region():
    region = np.zeros((8, 9), bool)
    region[2:6, 3:8] = True
    x, y, *moves = numbers(path(region))
    points = np.cumsum([(x, y), *zip(moves[::2], moves[1::2], strict=True)], axis=0)
    assert points.min(0).tolist() == [3, 2]
    assert points.max(0).tolist() == [8, 6]
    assert len(points) == 8, "corners are cut, and straight ways have no points"


def test_a_hole_and_a_second_region_are_lines_of_their_own():
    region = np.zeros((20, 20), bool)
    region[2:9, 2:9] = True
    region[5, 5] = False
    region[15:18, 15:18] = True
    assert path(region).count("M") == path(region).count("z") == 3


def test_a_name_stands_where_there_is_room():
    region = np.zeros((60, 60), bool)
    region[5:50, 10:55] = True
    assert middle(region) == (32.0, 27.0)
    assert middle(region[:, : 10 + ROOM]) is None


@pytest.mark.parametrize("size", [(64, 64), (640, 320)])
def test_a_scene_says_which_share_is_what(tmp_path, size):
    source = picture(tmp_path / "a.png", size)
    right, found = np.zeros((2, 8, 8), np.uint8)
    right[:, :4], found[:, 2:4] = 1, 1
    scene = judged_masks(source, right, found, NAMES[:2], 64)
    assert max(scene.size) == 64
    assert scene.said.replace("\N{NO-BREAK SPACE}", " ") == "of the picture: right 25.0 %, missed 25.0 %"
    assert not any(one.at for one in scene.outlines), "of one class no names are needed"
    assert any(one.at for one in judged_masks(source, right, found, NAMES, 160).outlines)
    nothing = np.zeros((8, 8), np.uint8)
    assert judged_masks(source, nothing, nothing, NAMES, 64).said == "all background"
