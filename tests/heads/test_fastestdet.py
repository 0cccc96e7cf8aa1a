"""The head of FastestDet: where its boxes are, and what its scores are."""

from __future__ import annotations

import math

import pytest
import torch

from headstart.data.answers.boxes import boxes_of
from headstart.errors import ContractError
from headstart.heads._task_aligned import BOX, CENTRE, CLASSES, QUALITY
from headstart.heads.fastestdet import FIRST_SIDE, FastestDet, plugin
from headstart.types import Maps

SHAPES = ((6, 2, 4),)
LABELS = ("ant", "bee")
ROWS = sum(c * h * w for c, h, w in SHAPES)


@pytest.fixture
def head():
    torch.manual_seed(0)
    return FastestDet(SHAPES, LABELS, width=8).eval()


def answering(head, values):
    """The same head, whose layers say the same of every place."""
    head.answers[0].forward = lambda one: torch.tensor(values).expand(one.shape[0], 8, len(values)).clone()
    return head


def test_a_box_is_around_its_place_and_a_part_of_the_picture(head):
    outputs = answering(head, [math.atanh(0.5), math.atanh(-0.5), 0.0, math.log(3), 0.0, 0.0, 0.0])(
        torch.zeros(1, ROWS)
    )
    assert outputs[0, 5, CENTRE].tolist() == pytest.approx([1.5 / 4, 1.5 / 2])
    x, y, wide, high = 1.5 / 4, 0.5 / 2, 0.5, 0.75
    expected = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]
    assert outputs[0, 5, BOX].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_score_is_a_mean_of_both_probabilities(head):
    outputs = answering(head, [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, -1.0])(torch.zeros(1, ROWS))
    classes = torch.tensor([2.0, -1.0]).softmax(0)
    expected = torch.tensor(1.0).sigmoid() ** 0.6 * classes**0.4
    torch.testing.assert_close(outputs[0, 0, CLASSES].sigmoid(), expected)
    assert float(outputs[0, 0, QUALITY]) == 1.0
    found = boxes_of(plugin.answers(outputs, LABELS)[0])
    assert found[0].name == "ant"
    assert found[0].score == pytest.approx(float(expected[0]), abs=1e-5)


def test_a_fresh_one_begins_alike_everywhere_and_doubtful(head):
    outputs = head(torch.randn(2, ROWS))
    assert float(outputs[..., CLASSES].sigmoid().max().detach()) < 0.08
    sides = outputs[..., 2:4] - outputs[..., :2]
    assert float((sides - FIRST_SIDE).abs().max().detach()) < 0.05


def test_several_maps_have_layers_of_their_own():
    made = FastestDet(((4, 4, 4), (6, 2, 2)), LABELS, width=8)
    assert made(torch.randn(2, 64 + 24)).shape == (2, 20, 10)
    assert len(made.class_rows) == 4


def test_one_class_alone_is_certain():
    made = FastestDet(SHAPES, ("ant",), width=8)
    outputs = made(torch.randn(1, ROWS))
    torch.testing.assert_close(outputs[..., 8].sigmoid(), outputs[..., QUALITY].sigmoid() ** 0.6)


def test_it_is_built_as_its_base_says(head):
    assert plugin.build(Maps(SHAPES, 64), LABELS, {"width": 8}).answers[0].conv1x1.out_channels == 8


@pytest.mark.parametrize(("shapes", "labels"), [((), LABELS), (SHAPES, ())])
def test_a_map_and_classes_are_needed(shapes, labels):
    with pytest.raises(ContractError):
        FastestDet(shapes, labels)
