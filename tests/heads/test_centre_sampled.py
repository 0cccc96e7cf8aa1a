"""FCOS's loss: what torchvision's own says of each image, and places by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.detection import FCOS

from headstart.heads._centre_sampled import (
    BOX,
    CELL,
    CENTRENESS,
    CLASSES,
    SIZES,
    centre_loss,
    centred,
    ranges,
)
from headstart.heads.fcos import Fcos

SHAPES = [(5, 16, 16), (6, 8, 8), (7, 4, 4)]
SIDE = 128
"""Pixels: torchvision's loss is asked in them."""
NOTHING = [-1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.fixture
def head():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = Fcos(SHAPES, ("a", "b", "c"), 64)
        for parameter in made.head.parameters():
            nn.init.normal_(parameter, std=0.1)
        nn.init.constant_(made.head.regression_head.bbox_reg.bias, 2.0)
    return made.eval()


def drawn(seed, n=2, most=6):
    draws = np.random.default_rng(seed)
    flat = draws.normal(size=(n, sum(c * h * w for c, h, w in SHAPES)))
    low, size = draws.uniform(0, 0.5, (n, most, 2)), np.exp(draws.uniform(-3, -0.7, (n, most, 2)))
    truth = np.concatenate([draws.integers(-1, 3, (n, most, 1)), low, low + size], 2)
    return torch.from_numpy(flat).float(), torch.from_numpy(truth).float()


def by_torchvision(head, flat, truth):
    """The loss of one image and the index of each place's box, from torchvision's model around our head."""
    around = nn.Identity()
    around.out_channels = 64
    model = FCOS(around, 3, head=head.head)
    sides = head.levels.sides
    seen = {}
    plain = model.head.compute_loss

    def spied(targets, outputs, anchors, matched):
        seen["matched"] = matched[0]
        return plain(targets, outputs, anchors, matched)

    model.head.compute_loss = spied
    real = truth[truth[:, 0] >= 0]
    targets = [{"labels": real[:, 0].long(), "boxes": real[:, 1:] * SIDE}]
    outputs = head.head(head.levels(flat[None]))
    anchors, counts = [head.known[:, :4] * SIDE], [h * w for h, w in sides]
    losses = model.compute_loss(targets, outputs, anchors, counts)
    del model.head.compute_loss
    return sum(losses.values()), seen["matched"], real


@pytest.mark.parametrize("seed", range(6))
def test_it_is_torchvisions_for_each_image(head, seed):
    flat, truth = drawn(seed)
    with torch.no_grad():
        outputs = head(flat)
        found, ours = centred(outputs, truth), centre_loss(outputs, truth)
        for image in range(2):
            loss, matched, real = by_torchvision(head, flat[image], truth[image])
            assert (matched >= 0).any()
            torch.testing.assert_close(found.positive[image], matched >= 0)
            torch.testing.assert_close(
                found.box[image][matched >= 0], real[matched[matched >= 0], 1:], atol=0, rtol=0
            )
            torch.testing.assert_close(ours[image], loss, rtol=1e-3, atol=1e-4)


def outputs_of(sides, k=2, logit=-2.0, reach=1.0):
    """(1, L, 11 + k) of a head that says the same everywhere."""
    cells = []
    for side in sides:
        low = torch.stack(torch.meshgrid(*2 * [torch.arange(side) / side], indexing="xy"), 2).reshape(-1, 2)
        cells.append(torch.cat([low, low + 1 / side], 1))
    cell = torch.cat(cells)
    middle, half = (cell[:, :2] + cell[:, 2:]) / 2, (cell[:, 2:] - cell[:, :2]) / 2
    boxes = torch.cat([middle - reach * half, middle + reach * half], 1)
    known = ranges([(side, side) for side in sides])
    return torch.cat([boxes, cell, known, torch.full((len(cell), 1 + k), logit)], 1)[None]


def test_places_near_the_middle_answer_and_the_smallest_box_goes_first():
    outputs = outputs_of((8,))
    truth = torch.tensor([[[0, 0.0, 0.0, 1.0, 1.0], [1, 0.3, 0.3, 0.6, 0.6]]])
    found = centred(outputs, truth)
    places = {(i % 8, i // 8): int(found.label[0, i]) for i in found.positive[0].nonzero().flatten().tolist()}
    small = {(x, y): 1 for x in (2, 3, 4) for y in (2, 3, 4)}
    large = {(x, y): 0 for x in (3, 4) for y in (3, 4)}
    assert places == large | small
    assert found.centreness[0, 3 * 8 + 3].item() == pytest.approx(0.1375 / 0.1625)


def test_levels_follow_each_other_without_a_gap():
    found = ranges([(16, 16), (4, 4), (4, 4), (1, 1)])
    assert found[[0, 256, 272, 288]].tolist() == [[0, 0.5], [0.5, 2], [2, 2], [2, 2]]
    truth = torch.tensor([[[0, 0.4, 0.4, 0.6, 0.6], [1, 0.0, 0.0, 1.0, 1.0]]])
    found = centred(outputs_of((16, 4)), truth)
    assert set(found.label[0, :256][found.positive[0, :256]].tolist()) == {0}
    assert set(found.label[0, 256:][found.positive[0, 256:]].tolist()) == {1}


AWKWARD = {
    "no rows": torch.zeros(1, 0, 5),
    "no boxes": torch.tensor([[NOTHING, NOTHING]]),
    "a box of no pixels": torch.tensor([[[0, 0.3, 0.3, 0.3, 0.3]]]),
    "a line through places": torch.tensor([[[0, 0.1, 0.375, 0.9, 0.375]]]),
    "the whole image": torch.tensor([[[0, 0.0, 0.0, 1.0, 1.0]]]),
    "the same twice": torch.tensor([[[0, 0.1, 0.1, 0.6, 0.6]] * 2]),
}


@pytest.mark.parametrize("truth", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("logit", [-2.0, 80.0, -80.0])
@pytest.mark.parametrize("reach", [1.0, 0.0, 1e3])
def test_it_is_finite_with_a_finite_slope(truth, logit, reach):
    outputs = outputs_of((4, 2), k=1, logit=logit, reach=reach).requires_grad_()
    loss = centre_loss(outputs, truth)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(outputs.grad).all()


def test_what_learns_of_what():
    outputs = outputs_of((8, 4)).requires_grad_()
    truth = torch.tensor([[[1, 0.3, 0.3, 0.6, 0.6]]])
    centre_loss(outputs, truth).sum().backward()
    positive = centred(outputs.detach(), truth).positive[0]
    slope = outputs.grad[0].abs()
    assert (slope[:, CLASSES] > 0).all()
    for columns in (BOX, slice(CENTRENESS, CENTRENESS + 1)):
        assert torch.equal(slope[:, columns].sum(1) > 0, positive)
    assert not slope[:, CELL].any()
    assert not slope[:, SIZES].any()


def test_half_precision_is_taken_and_the_loss_is_single():
    outputs, truth = outputs_of((8, 4)), torch.tensor([[[1, 0.3, 0.3, 0.6, 0.6]]])
    found = centre_loss(outputs.half(), truth.half())
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, centre_loss(outputs, truth), rtol=0.05, atol=0.05)
