"""A detector's answers: the format, and which boxes stay."""

import json

import pytest
import torch

from headstart.heads import _boxes_out
from headstart.heads._boxes_out import LOOKED_AT

LABELS = ("cell", "platelet é")


def detections(outputs, labels, **options):
    """Of columns like a detector's: the box first, then logits."""
    return _boxes_out.detections(outputs[..., :4], outputs[..., 8:].sigmoid(), labels, **options)


def outputs_of(*boxes, k=2):
    """(1, L, 8 + k): each box is (label, x1, y1, x2, y2, score)."""
    rows = torch.zeros(1, len(boxes), 8 + k)
    rows[..., 8:] = -20.0
    for place, (label, *corners, score) in enumerate(boxes):
        rows[0, place, :4] = torch.tensor(corners)
        rows[0, place, 8 + label] = torch.logit(torch.tensor(score))
    return rows


def boxes_of(outputs, **options):
    (answer,) = detections(outputs, LABELS, **options)
    return json.loads(answer)["boxes"]


def test_an_answer_is_canonical_and_the_surest_box_comes_first():
    outputs = outputs_of((0, 0.5, 0.5, 0.75, 0.75, 0.25), (1, 0.1, 0.2, 1 / 3, 0.4, 0.5))
    assert detections(outputs, LABELS) == [
        '{"boxes":[["platelet é",0.1,0.2,0.333333,0.4,0.5],["cell",0.5,0.5,0.75,0.75,0.25]]}'
    ]


def test_every_image_has_an_answer_of_its_own():
    outputs = torch.cat([outputs_of((0, 0.1, 0.1, 0.2, 0.2, 0.5)), outputs_of((0, 0.1, 0.1, 0.2, 0.2, 0.01))])
    assert [len(json.loads(one)["boxes"]) for one in detections(outputs, LABELS)] == [1, 0]
    assert detections(outputs, LABELS)[1] == '{"boxes":[]}'


def test_a_place_may_say_two_classes():
    outputs = outputs_of((0, 0.1, 0.1, 0.2, 0.2, 0.5))
    outputs[0, 0, 9] = 0.4
    assert [name for name, *_ in boxes_of(outputs)] == ["platelet é", "cell"]


def test_of_two_boxes_of_one_object_the_surer_stays():
    first, second = (0, 0.1, 0.1, 0.5, 0.5, 0.6), (0, 0.1, 0.1, 0.5, 0.45, 0.7)
    assert [box[5] for box in boxes_of(outputs_of(first, second))] == pytest.approx([0.7])
    assert len(boxes_of(outputs_of(first, second), overlap=0.9)) == 2
    assert len(boxes_of(outputs_of(first, (1, *second[1:])))) == 2


def test_boxes_are_cut_at_the_edge_and_those_outside_are_none():
    outputs = outputs_of(
        (0, -0.5, 0.25, 0.5, 2.0, 0.5), (0, 1.1, 0.1, 1.3, 0.4, 0.9), (0, 0.5, 0.7, 0.5, 0.9, 0.9)
    )
    assert boxes_of(outputs) == [["cell", 0.0, 0.25, 0.5, 1.0, 0.5]]


def test_at_most_so_many_and_the_surest_of_them():
    grid = [
        (0, x / 20, y / 20, (x + 1) / 20, (y + 1) / 20, 0.1 + (20 * y + x) / 500)
        for y in range(20)
        for x in range(20)
    ]
    assert len(boxes_of(outputs_of(*grid))) == 100
    found = boxes_of(outputs_of(*grid), most=3)
    assert [box[5] for box in found] == pytest.approx([grid[-1][5], grid[-2][5], grid[-3][5]], abs=1e-5)
    assert not boxes_of(outputs_of(*grid), least=0.95)


def test_a_crowd_of_candidates_is_cut_to_the_surest():
    crowd = [(0, 0.1, 0.1, 0.5, 0.5, 0.5)] * (LOOKED_AT + 5)
    outputs = outputs_of(*crowd, (1, 0.6, 0.6, 0.9, 0.9, 0.4))
    assert [box[0] for box in boxes_of(outputs)] == ["cell"]
    outputs[0, -1, 9] = 1.0
    assert [box[0] for box in boxes_of(outputs)] == ["platelet é", "cell"]


def test_what_is_no_number_is_no_box():
    outputs = outputs_of((0, 0.1, 0.1, 0.2, 0.2, 0.5), (0, 0.5, 0.5, 0.7, 0.7, 0.5))
    outputs[0, 0] = float("nan")
    assert len(boxes_of(outputs)) == 1


def test_each_class_may_have_a_box_of_its_own():
    boxes = torch.tensor([[[[0.1, 0.1, 0.2, 0.2], [0.5, 0.5, 0.6, 0.7]], [[0.0, 0.0, 0.0, 0.0]] * 2]])
    scores = torch.tensor([[[0.4, 0.6], [0.9, 0.9]]])
    (answer,) = _boxes_out.detections(boxes, scores, LABELS)
    assert json.loads(answer)["boxes"] == [
        ["platelet é", 0.5, 0.5, 0.6, 0.7, 0.6],
        ["cell", 0.1, 0.1, 0.2, 0.2, 0.4],
    ]
