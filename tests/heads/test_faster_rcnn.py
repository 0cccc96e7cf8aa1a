"""The head of Faster R-CNN: what its rows say, for maps of any number and size."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.ops import box_convert, box_iou

from graphs import by_graph
from headstart.errors import ContractError
from headstart.heads._proposals import PROPOSALS
from headstart.heads._two_stages import BOX, CLASSES, DIFFERENCES, SECOND, SURE
from headstart.heads.faster_rcnn import REACH, FasterRcnn, plugin
from headstart.types import Maps

MAPS = {
    "one": [(5, 4, 4)],
    "usual": [(4, 16, 16), (6, 8, 8), (8, 4, 4)],
    "oblong": [(3, 6, 11), (4, 3, 5)],
    "four, odd sides": [(3, 11, 11), (4, 5, 5), (5, 3, 3), (6, 1, 1)],
}
SIDE = 128


def head_of(shapes, labels=("a", "b")):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return FasterRcnn(Maps(tuple(shapes), SIDE), labels, 32)


def flat(shapes, n=2):
    draws = np.random.default_rng(0)
    return torch.from_numpy(draws.normal(size=(n, sum(c * h * w for c, h, w in shapes)))).float()


@pytest.mark.parametrize("shapes", MAPS.values(), ids=MAPS)
def test_the_rows_of_a_fresh_head(shapes):
    head = head_of(shapes)
    outputs = head(flat(shapes)).detach()
    sides = [side for _, *side in shapes]
    sides.append([(one + 1) // 2 for one in sides[-1]])
    assert outputs.shape == (2, 6 * sum(h * w for h, w in sides) + PROPOSALS, 10 + 2)
    assert outputs.isfinite().all()
    first, second = outputs[:, :-PROPOSALS], outputs[:, -PROPOSALS:]
    assert not first[..., CLASSES].any()
    assert first[..., SURE].abs().max() < 2
    there = second[..., SURE] > 0
    assert there.sum(1).min() > 10
    assert ((second[..., BOX] >= 0) & (second[..., BOX] <= 1)).all()
    assert not second[..., BOX][~there].any()


def test_anchors_stand_at_the_places_of_all_levels():
    head = head_of(MAPS["usual"])
    boxes = box_convert(head.anchors, "xyxy", "cxcywh")
    assert boxes[: 16 * 6].reshape(16, 6, 4)[5, :, :2].tolist() == [[5 / 16, 0]] * 6
    fine = boxes[0, 2:].prod().sqrt().item()
    assert fine == pytest.approx(REACH[0] / 16, rel=0.03)
    assert boxes[6 * 256, 2:].prod().sqrt().item() == pytest.approx(2 * fine, rel=0.05)
    assert boxes[:, 2:].prod(1).max() <= 1.01


def test_what_the_first_stage_finds_the_second_looks_at():
    """A made-up first stage that is sure of one anchor: its box is a proposal, moved as it says."""
    head = head_of(MAPS["usual"]).eval()
    for layer in (head.first.cls_logits, head.first.bbox_pred):
        nn.init.zeros_(layer.weight)
    nn.init.constant_(head.first.bbox_pred.bias[1:2], 0.5)
    outputs = head(flat(MAPS["usual"])).detach()
    anchors, differences = outputs[0, :-PROPOSALS, BOX], outputs[0, :-PROPOSALS, DIFFERENCES]
    assert differences[0].tolist() == [0, 0.5, 0, 0]
    moved = anchors[::6].clone()
    moved[:, [1, 3]] += 0.5 * (moved[:, [3]] - moved[:, [1]])
    overlap = box_iou(outputs[0, -PROPOSALS:, BOX], moved.clamp(0, 1))
    assert (overlap.amax(1) > 0.99).sum() > 10


def test_images_do_not_see_each_other_in_training_or_use():
    shapes = MAPS["usual"]
    head, given = head_of(shapes), flat(shapes, 3)
    together = head.train()(given)
    torch.testing.assert_close(head.eval()(given[1:2]), together[1:2], atol=1e-4, rtol=1e-4)


def test_every_weight_learns_and_nothing_is_learned_through_proposals():
    shapes = MAPS["usual"]
    head = head_of(shapes)
    outputs = head(flat(shapes))
    outputs[:, -PROPOSALS:].square().sum().backward(retain_graph=True)
    assert not any(weight.grad.any() for weight in head.first.parameters())
    outputs.square().sum().backward()
    still = [name for name, weight in head.named_parameters() if not weight.grad.abs().sum() > 0]
    assert not still


def test_an_answer_is_a_proposal_and_what_it_is_off_by():
    outputs = torch.zeros(1, 12 + PROPOSALS, 12)
    outputs[..., CLASSES] = torch.tensor([20.0, 0.0, 0.0])
    proposal, place = torch.tensor([[0.2, 0.2, 0.6, 0.6], [0.25, 0.125, 0.75, 0.5]])
    outputs[0, 12:14, BOX], outputs[0, 12:14, CLASSES] = proposal, torch.tensor([0.0, -20.0, 1.0])
    outputs[0, 12:14, DIFFERENCES] = SECOND.encode_single(place[None], proposal[None])
    outputs[0, 12, SURE] = 1  # the other is none
    (name, *box, score), *rest = json.loads(plugin.answers(outputs, ("a", "b"))[0])["boxes"]
    assert not rest
    assert name == "b"
    assert box == pytest.approx(place.tolist(), abs=1e-5)
    assert score == pytest.approx(np.e / (1 + np.e), abs=1e-5)


@pytest.mark.slow("one")
@pytest.mark.parametrize("shapes", MAPS.values(), ids=MAPS)
def test_it_exports_to_onnx_for_any_number_of_images(shapes):
    head, given = head_of(shapes).eval(), flat(shapes, 3)
    for rows in (given, given[:1]):
        np.testing.assert_allclose(by_graph(head, given[:2], rows), head(rows).detach().numpy(), atol=1e-3)


def test_what_it_cannot_be_made_of():
    with pytest.raises(ContractError, match="finest first"):
        plugin.build(Maps(((3, 4, 4), (3, 8, 8)), 64), ("a",), {})
