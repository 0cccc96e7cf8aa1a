"""The mean box of each class, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.data.answers import boxes
from headstart.tasks.baselines.mean_box import MeanBox, plugin

TRAIN = np.array([0, 1, 2, 3])
BOXED = [
    boxes.as_answer([("cat", 0.0, 0.0, 0.2, 0.4), ("cat", 0.4, 0.2, 0.6, 0.8), ("dog", 0.5, 0.5, 0.7, 0.7)]),
    boxes.as_answer([("cat", 0.2, 0.1, 0.4, 0.6)]),
    boxes.as_answer([]),
    boxes.as_answer([("dog", 0.1, 0.1, 0.3, 0.3)]),
    boxes.as_answer([("cow", 0.0, 0.0, 1.0, 1.0)]),
]
"""The last one is of the test split."""


def bench(answers):
    """A bench of which only answers are known."""
    return SimpleNamespace(examples=SimpleNamespace(answers=np.array(answers, dtype=object)))


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


def test_it_does_not_ship_and_looks_at_nothing():
    assert plugin.deaf
    model = plugin.fit(bench(BOXED), TRAIN)
    assert not model.ships
    with pytest.raises(AssertionError):
        model.shippable()
