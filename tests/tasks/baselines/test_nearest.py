"""The dull baselines of places by hand."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.data.answers import boxes, masks
from headstart.tasks.baselines.nearest import SIDE, MajorityMask, MeanBox, Nearest

TRAIN = np.array([0, 1, 2, 3])


def bench(answers, features=None, vocabulary=()):
    """A bench of which only answers and features are known."""
    examples = SimpleNamespace(answers=np.array(answers, dtype=object), vocabulary=vocabulary)
    return SimpleNamespace(examples=examples, summaries=lambda: np.asarray(features))


BOXED = [
    boxes.as_answer([("cat", 0.0, 0.0, 0.2, 0.4), ("cat", 0.4, 0.2, 0.6, 0.8), ("dog", 0.5, 0.5, 0.7, 0.7)]),
    boxes.as_answer([("cat", 0.2, 0.1, 0.4, 0.6)]),
    boxes.as_answer([]),
    boxes.as_answer([("dog", 0.1, 0.1, 0.3, 0.3)]),
    boxes.as_answer([("cow", 0.0, 0.0, 1.0, 1.0)]),
]
"""The last one is of the test split."""


def test_the_mean_box_of_each_class_is_as_sure_as_pictures_have_one():
    said = MeanBox(bench(BOXED), TRAIN).outputs(np.array([4, 0]))
    assert said.shape == (2,)
    assert said[0] == said[1]
    assert [list(box) for box in boxes.boxes_of(said[0])] == [
        ["cat", 0.2, 0.1, 0.4, 0.6, 0.5],
        ["dog", 0.3, 0.3, 0.5, 0.5, 0.5],
    ]


def test_where_nothing_is_there_no_box_is_mean():
    assert boxes.boxes_of(MeanBox(bench(BOXED), np.array([2])).outputs(TRAIN)[0]) == []


def test_the_majority_of_each_place_is_of_training_masks_of_any_size():
    names = ("far", "near", "sky")
    left, right = np.zeros((4, 8), np.uint8), np.full((16, 2), 1, np.uint8)
    left[:, 4:] = 2
    unknown = np.full((4, 4), masks.IGNORED, np.uint8)
    answers = [
        masks.as_answer(one, names) for one in (left, left, right, unknown, np.full((2, 2), 1, np.uint8))
    ]
    model = MajorityMask(bench(answers, vocabulary=names), TRAIN)
    (said,) = model.outputs(np.array([4]))
    mask = masks.indexed(said, names)
    assert mask.shape == (SIDE, SIDE)
    assert (mask[:, : SIDE // 2] == 0).all()
    assert (mask[:, SIDE // 2 :] == 2).all()
    assert json.loads(said)["classes"] == ["far", "sky"]


FEATURES = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [0.1, 5.0], [-9.0, 0.2]]
"""(6, 2): those of training, then two others."""


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_the_answer_of_the_nearest_training_picture_is_taken(scale):
    answers = [*BOXED[:4], BOXED[4], BOXED[4]]
    shifted = np.asarray(FEATURES) * [scale, 1.0] + [7.0, -3.0]
    model = Nearest(bench(answers, shifted), TRAIN, sure=False)
    assert model.outputs(np.array([4, 5, 3])).tolist() == [answers[1], answers[2], answers[3]]


def test_boxes_of_the_nearest_are_sure():
    model = Nearest(bench([*BOXED[:4], BOXED[4], BOXED[4]], FEATURES), TRAIN, sure=True)
    (said,) = model.outputs(np.array([4]))
    assert [list(box) for box in boxes.boxes_of(said)] == [["cat", 0.2, 0.1, 0.4, 0.6, 1.0]]


def test_none_of_them_ships():
    for model in (MeanBox(bench(BOXED), TRAIN), Nearest(bench(BOXED, FEATURES[:5]), TRAIN, sure=True)):
        assert not model.ships
        with pytest.raises(AssertionError):
            model.shippable()
