"""The loss against values by hand, and its limits."""

import math

import pytest
import torch

from headstart.data.answers.masks import IGNORED
from headstart.heads._segmentation_loss import segmentation_loss


def sure(truth, k, strength=30.0):
    """(n, k, s, s) outputs that say the truth."""
    return strength * torch.nn.functional.one_hot(truth, k).permute(0, 3, 1, 2).float()


def drawn(n=3, k=3, side=8, seed=0):
    draws = torch.Generator().manual_seed(seed)
    return (
        torch.randn(n, k, side, side, generator=draws, requires_grad=True),
        torch.randint(k, (n, side, side), generator=draws),
    )


def test_by_hand():
    """Four pixels, three of class 0, even odds: log 2, and Dice of 3 and of 1 pixel."""
    truth = torch.tensor([[[0, 0], [0, 1]]])
    shared, together = [3 * 0.5, 0.5], [4 * 0.25 + 3, 4 * 0.25 + 1]
    dice = sum(1 - 2 * a / b for a, b in zip(shared, together, strict=True)) / 2
    found = segmentation_loss(torch.zeros(1, 2, 2, 2), truth)
    torch.testing.assert_close(found, torch.tensor([math.log(2) + dice]))


def slowly(outputs, truth):
    """The formula of one image, pixel by pixel, in double precision."""
    k, odds = len(outputs), outputs.double().softmax(0)
    pixels = [(i, j) for i in range(truth.shape[0]) for j in range(truth.shape[1]) if truth[i, j] != IGNORED]
    entropy = sum(-odds[truth[i, j], i, j].log() for i, j in pixels) / max(1, len(pixels))
    lost = []
    for c in range(k):
        area = sum(1 for i, j in pixels if truth[i, j] == c)
        shared = sum(odds[c, i, j] for i, j in pixels if truth[i, j] == c)
        together = sum(odds[c, i, j] ** 2 for i, j in pixels) + area
        lost += [1 - 2 * shared / together] if area else []
    return entropy + sum(lost) / max(1, len(lost))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_it_is_the_formula_with_its_slope(k):
    outputs, truth = drawn(n=4, k=k)
    truth[0, 2:5] = IGNORED
    truth[1] = 0
    truth[2] = k - 1
    truth[2, 0, 0] = IGNORED
    expected = torch.stack([slowly(*one) for one in zip(outputs, truth, strict=True)])
    (slope,) = torch.autograd.grad(expected.sum(), outputs)
    found = segmentation_loss(outputs, truth)
    (given,) = torch.autograd.grad(found.sum(), outputs)
    torch.testing.assert_close(found, expected.float(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(given, slope, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_right_answers_cost_nothing_and_wrong_ones_much(k):
    _, truth = drawn(k=k)
    torch.testing.assert_close(segmentation_loss(sure(truth, k), truth), torch.zeros(3), atol=1e-5, rtol=0)
    assert (segmentation_loss(sure((truth + 1) % k, k), truth) > 25).all()


def test_each_image_has_its_own():
    outputs, truth = drawn()
    together = segmentation_loss(outputs, truth)
    assert together.shape == (3,)
    alone = torch.cat([segmentation_loss(outputs[i : i + 1], truth[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone)


def test_ignored_pixels_do_not_matter():
    outputs, truth = drawn()
    truth[:, :, 5:] = IGNORED
    other = outputs.detach().clone()
    other[:, :, :, 5:] += 9
    other[:, 1, :, 5:] -= 20
    found = segmentation_loss(outputs, truth)
    torch.testing.assert_close(found, segmentation_loss(other, truth))
    torch.testing.assert_close(found, segmentation_loss(outputs[..., :5], truth[..., :5]))
    found.sum().backward()
    assert (outputs.grad[..., 5:] == 0).all()
    assert (outputs.grad[..., :5] != 0).all()


def test_an_image_of_ignored_pixels_costs_nothing():
    outputs, truth = drawn()
    truth[1] = IGNORED
    found = segmentation_loss(outputs, truth)
    assert found[1] == 0
    found.sum().backward()
    assert torch.isfinite(outputs.grad).all()
    assert (outputs.grad[1] == 0).all()


def test_a_small_class_counts_as_much_as_a_large_one():
    truth = torch.zeros(1, 32, 32, dtype=torch.int64)
    truth[0, 3, 4] = 1
    missed = segmentation_loss(sure(torch.zeros_like(truth), 2, 5.0), truth)
    assert missed > 0.45  # cross entropy alone: 0.012


@pytest.mark.parametrize("scale", [0.0, 1e4])
def test_it_is_finite_for_any_outputs(scale):
    outputs, truth = drawn()
    large = (scale * outputs.detach()).requires_grad_()
    found = segmentation_loss(large, truth)
    found.sum().backward()
    assert torch.isfinite(found).all()
    assert torch.isfinite(large.grad).all()


def test_half_precision_is_summed_in_full():
    outputs, truth = drawn(side=128)
    found = segmentation_loss(outputs.detach().bfloat16(), truth)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, segmentation_loss(outputs.detach().bfloat16().float(), truth))
