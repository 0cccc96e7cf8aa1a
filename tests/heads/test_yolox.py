"""The head of YOLOX: where its boxes are, and what its scores are."""

from __future__ import annotations

import pytest
import torch

from headstart.data.answers.boxes import boxes_of
from headstart.errors import ContractError
from headstart.heads._task_aligned import BOX, CENTRE, CLASSES, QUALITY, STRIDE
from headstart.heads.yolox import YoloX, plugin
from headstart.types import Maps

SHAPES = ((4, 4, 8), (6, 2, 4))
LABELS = ("ant", "bee")
ROWS = sum(c * h * w for c, h, w in SHAPES)


@pytest.fixture
def head():
    torch.manual_seed(0)
    return YoloX(SHAPES, LABELS, width=8).eval()


def answering(head, values):
    """The same head, whose towers say the same of every place."""
    head.towers.forward = lambda maps: torch.tensor(values).expand(maps[0].shape[0], 40, len(values)).clone()
    return head


def test_a_box_is_counted_from_its_places_corner_in_places(head):
    outputs = answering(head, [0.5, 0.25, 0.0, torch.tensor(2.0).log().item(), 0.0, 0.0, 0.0])(
        torch.zeros(1, ROWS)
    )
    # the second place of the finest map, which is 4 high and 8 wide
    assert outputs[0, 1, CENTRE].tolist() == pytest.approx([1.5 / 8, 0.5 / 4])
    x, y, wide, high = 1.5 / 8, 0.25 / 4, 1 / 8, 2 / 4
    expected = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]
    assert outputs[0, 1, BOX].tolist() == pytest.approx(expected)
    assert float(outputs[0, 1, STRIDE]) == pytest.approx((1 / 32) ** 0.5)
    # the first of the coarse one
    assert outputs[0, 32, CENTRE].tolist() == pytest.approx([0.5 / 4, 0.5 / 2])


def test_a_score_is_the_product_of_both_probabilities(head):
    outputs = answering(head, [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, -1.0])(torch.zeros(1, ROWS))
    product = torch.tensor(1.0).sigmoid() * torch.tensor([2.0, -1.0]).sigmoid()
    torch.testing.assert_close(outputs[0, 0, CLASSES].sigmoid(), product)
    assert float(outputs[0, 0, QUALITY]) == 1.0
    found = boxes_of(plugin.answers(outputs, LABELS)[0])
    assert found[0].name == "ant"
    assert found[0].score == pytest.approx(float(product[0]), abs=1e-5)


def test_a_fresh_one_begins_alike_everywhere_and_doubtful(head):
    outputs = head(torch.randn(2, ROWS))
    assert float(outputs[..., CLASSES].sigmoid().max().detach()) < 0.03
    sides = (outputs[..., 2:4] - outputs[..., :2])[:, :32] * torch.tensor([8, 4])
    assert 3 < float(sides.min().detach()) < float(sides.max().detach()) < 5.5


def test_sides_do_not_run_away(head):
    outputs = answering(head, [0.0, 0.0, 1e4, 1e4, 0.0, 0.0, 0.0])(torch.zeros(1, ROWS))
    assert bool(outputs.isfinite().all())


def test_it_is_built_as_its_base_says(head):
    built = plugin.build(Maps(SHAPES, 64), LABELS, {"width": 8, "separable": False})
    assert built.towers.cls_convs[0][0].conv.groups == 1
    assert head.towers.cls_convs[0][0].dconv.conv.groups == 8


@pytest.mark.parametrize(("shapes", "labels"), [((), LABELS), (SHAPES, ()), (SHAPES[::-1], LABELS)])
def test_maps_and_classes_are_needed(shapes, labels):
    with pytest.raises(ContractError):
        YoloX(shapes, labels)
