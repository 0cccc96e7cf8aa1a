"""The loss of both stages: what torchvision's comes to on the average, and by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss
from torchvision.models.detection.rpn import RegionProposalNetwork

from headstart.heads import _two_stages as losses
from headstart.heads._proposals import PROPOSALS
from headstart.heads._two_stages import BOX, CLASSES, DIFFERENCES, SECOND, SURE, drawn, found, two_stage_loss

NOTHING = [-1.0, 0.0, 0.0, 0.0, 0.0]
K = 3


def boxes_of(draws, n, most, largest=-0.7):
    low, size = draws.uniform(0, 0.5, (n, most, 2)), np.exp(draws.uniform(-2, largest, (n, most, 2)))
    return np.concatenate([low, low + size], 2)


def made(seed, n=2, anchors=2000, most=5):
    """Outputs of a head that says anything, its proposals partly near the boxes, and the boxes."""
    draws = np.random.default_rng(seed)
    right = np.concatenate([draws.integers(-1, K, (n, most, 1)), boxes_of(draws, n, most)], 2)
    right[:, 0, 0] = 1
    near = right[:, draws.integers(0, most, 40), 1:] + draws.normal(0, 0.03, (n, 40, 4))
    proposals = np.concatenate([near, boxes_of(draws, n, PROPOSALS - 40)], 1)
    boxes = np.concatenate([boxes_of(draws, n, anchors), proposals], 1)
    said = draws.normal(size=(n, anchors + PROPOSALS, 6 + K))
    said[:, -PROPOSALS:, 4] = 1
    outputs = np.concatenate([boxes, said], 2)
    return torch.from_numpy(outputs).float(), torch.from_numpy(right).float()


def first_by_torchvision(rows, truth, count, share=0.5):
    real = truth[truth[:, 0] >= 0, 1:]
    most = {"training": 9, "testing": 9}
    network = RegionProposalNetwork(nn.Identity(), nn.Identity(), 0.7, 0.3, count, share, most, most, 0.7)
    labels, matched = network.assign_targets_to_anchors([rows[:, BOX]], [{"boxes": real}])
    targets = network.box_coder.encode(matched, [rows[:, BOX]])
    said = rows[:, SURE, None], rows[:, DIFFERENCES]
    return lambda: sum(network.compute_loss(*said, labels, targets))


def second_by_torchvision(rows, truth, count, share=0.25):
    real = truth[truth[:, 0] >= 0]
    empty = [nn.Identity()] * 3
    heads = RoIHeads(*empty, 0.5, 0.5, count, share, None, 0.05, 0.5, 100)
    boxes, names = [real[:, 1:]], [1 + real[:, 0].long()]
    matched, labels = heads.assign_targets_to_proposals([rows[:, BOX]], boxes, names)
    targets = heads.box_coder.encode([boxes[0][matched[0]]], [rows[:, BOX]])[0]

    def loss():
        which = heads.subsample(labels)[0]
        moved = rows[which, DIFFERENCES].repeat(1, 1 + K)
        return sum(fastrcnn_loss(rows[which, CLASSES], moved, [labels[0][which]], [targets[which]]))

    return loss


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_would_be_drawn_it_is_torchvisions(seed, monkeypatch):
    """All anchors and proposals count, and the second stage has no box whose best proposal is poor."""
    monkeypatch.setattr(losses, "ANCHORS", 10**6)
    monkeypatch.setattr(losses, "PROPOSAL_SHARE", 1.0)
    monkeypatch.setattr(losses, "NEAR", 0.5)
    outputs, truth = made(seed)
    for image in range(2):
        first, second = outputs[image, :-PROPOSALS], outputs[image, -PROPOSALS:]
        expected = first_by_torchvision(first, truth[image], 10**6)()
        expected += second_by_torchvision(second, truth[image], PROPOSALS, 1.0)()
        torch.testing.assert_close(two_stage_loss(outputs, truth)[image], expected, rtol=1e-4, atol=1e-4)


def test_it_is_what_torchvisions_draws_come_to_on_the_average(monkeypatch):
    monkeypatch.setattr(losses, "NEAR", 0.5)
    outputs, truth = made(0, n=1)
    first, second = outputs[0, :-PROPOSALS], outputs[0, -PROPOSALS:]
    first_of, second_of = (
        first_by_torchvision(first, truth[0], losses.ANCHORS),
        second_by_torchvision(second, truth[0], PROPOSALS),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        draws = torch.stack([first_of() + second_of() for _ in range(200)])
    error = float(draws.std() / len(draws) ** 0.5)
    assert two_stage_loss(outputs, truth)[0].item() == pytest.approx(float(draws.mean()), abs=4 * error)
    assert error < 0.01 * float(draws.mean())


def test_shares_are_the_probabilities_of_being_drawn():
    positive, negative = torch.arange(100) < 20, torch.arange(100) >= 60
    assert drawn(positive, negative, 40, 0.25)[[0, 19, 30, 60]].tolist() == [0.5, 0.5, 0, 0.75]
    assert drawn(positive, negative, 400, 0.25)[[0, 30, 60]].tolist() == [1, 0, 1]
    none = torch.zeros(100, dtype=torch.bool)
    assert drawn(none, negative, 20, 0.25).sum().item() == pytest.approx(20)
    assert drawn(none, none, 20, 0.25).sum().item() == 0


def test_the_best_proposal_of_a_box_answers_for_it_only_where_it_is_near():
    box = torch.tensor([[0.0, 0.0, 0.4, 0.4], [0.6, 0.6, 1.0, 1.0], [0.0, 0.6, 0.1, 0.7]])
    rows = torch.tensor(
        [[0.0, 0.0, 0.2, 0.32], [0.0, 0.0, 0.4, 0.1], [0.7, 0.7, 0.8, 0.8], [0.6, 0.6, 1.0, 0.9]]
    )
    assert found(box, rows, (0.5, 0.5), 0.25).tolist() == [0, -1, -1, 1]
    assert found(box[1:2], rows[:2], (0.5, 0.5), 0.25).tolist() == [-1, -1]


def test_empty_proposals_teach_nothing():
    outputs, truth = made(0, n=1)
    outputs[0, -50:, SURE] = 0
    few = two_stage_loss(outputs, truth)
    outputs[0, -50:, CLASSES] = torch.randn(50, 1 + K)
    torch.testing.assert_close(two_stage_loss(outputs, truth), few)
    outputs[0, -150:, SURE] = 0
    assert torch.isfinite(two_stage_loss(outputs, truth)).all()


AWKWARD = {
    "no rows": torch.zeros(1, 0, 5),
    "no boxes": torch.tensor([[NOTHING]]),
    "a box of no pixels": torch.tensor([[[0, 0.3, 0.3, 0.3, 0.3]]]),
    "a line": torch.tensor([[[0, 0.1, 0.375, 0.9, 0.375]]]),
    "the whole image": torch.tensor([[[0, 0.0, 0.0, 1.0, 1.0]]]),
    "the same twice": torch.tensor([[[0, 0.1, 0.1, 0.6, 0.6]] * 2]),
}


@pytest.mark.parametrize("truth", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("size", [1.0, 80.0])
def test_it_is_finite_with_a_finite_slope(truth, size):
    outputs, _ = made(0, n=1)
    outputs[0, :-PROPOSALS, SURE] *= size
    for columns in (DIFFERENCES, CLASSES):
        outputs[..., columns] *= size
    outputs[0, -20:, BOX], outputs[0, -20:, SURE] = 0, 0
    outputs.requires_grad_()
    loss = two_stage_loss(outputs, truth)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(outputs.grad).all()
    assert outputs.grad.abs().sum() > 0


def test_an_image_without_boxes_teaches_that_all_is_ground():
    outputs, _ = made(0, n=1)
    first, second = outputs[0, :-PROPOSALS], outputs[0, -PROPOSALS:]
    ground = nn.functional.softplus(first[:, SURE]).mean() - second[:, CLASSES].log_softmax(-1)[:, 0].mean()
    torch.testing.assert_close(two_stage_loss(outputs, torch.tensor([[NOTHING]]))[0], ground)


def test_half_precision_is_taken_and_the_loss_is_single():
    outputs, truth = made(0)
    rounded = outputs.half()
    loss = two_stage_loss(rounded, truth)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, two_stage_loss(rounded.float(), truth))
    assert SECOND.weights == (10.0, 10.0, 5.0, 5.0)
