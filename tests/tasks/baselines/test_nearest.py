"""The answer of the nearest training example, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.data.answers import boxes
from headstart.tasks.answers.base import Answer
from headstart.tasks.answers.boxes import Boxes
from headstart.tasks.baselines.nearest import Nearest

TRAIN = np.array([0, 1, 2, 3])
BOXED = [
    boxes.as_answer([("cat", 0.0, 0.0, 0.2, 0.4), ("cat", 0.4, 0.2, 0.6, 0.8), ("dog", 0.5, 0.5, 0.7, 0.7)]),
    boxes.as_answer([("cat", 0.2, 0.1, 0.4, 0.6)]),
    boxes.as_answer([]),
    boxes.as_answer([("dog", 0.1, 0.1, 0.3, 0.3)]),
    boxes.as_answer([("cow", 0.0, 0.0, 1.0, 1.0)]),
]
"""The last one is of the test split."""


def bench(answers, features, answer):
    """A bench of which only answers and features are known."""
    examples = SimpleNamespace(answers=np.array(answers, dtype=object))
    task = SimpleNamespace(answer=answer)
    return SimpleNamespace(examples=examples, task=task, summaries=lambda: np.asarray(features))


FEATURES = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [0.1, 5.0], [-9.0, 0.2]]
"""(6, 2): those of training, then two others."""


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_the_answer_of_the_nearest_training_picture_is_taken(scale):
    answers = [*BOXED[:4], BOXED[4], BOXED[4]]
    shifted = np.asarray(FEATURES) * [scale, 1.0] + [7.0, -3.0]
    model = Nearest(bench(answers, shifted, Answer()), TRAIN)
    assert model.outputs(np.array([4, 5, 3])).tolist() == [answers[1], answers[2], answers[3]]


def test_boxes_of_the_nearest_are_sure():
    model = Nearest(bench([*BOXED[:4], BOXED[4], BOXED[4]], FEATURES, Boxes()), TRAIN)
    (said,) = model.outputs(np.array([4]))
    assert [list(box) for box in boxes.boxes_of(said)] == [["cat", 0.2, 0.1, 0.4, 0.6, 1.0]]


def test_it_does_not_ship():
    model = Nearest(bench(BOXED, FEATURES[:5], Boxes()), TRAIN)
    assert not model.ships
    with pytest.raises(AssertionError):
        model.shippable()
