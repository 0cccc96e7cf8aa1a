"""Overlap of masks, by hand and by brute force; what is unknown does not count."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from headstart.tasks.scores.overlap import counted, overlap, scores

CLASSES = ("background", "cell", "wall")
UNKNOWN = 255


def answer(mask, classes=CLASSES):
    """The canonical answer of a mask whose value i means classes[i]."""
    mask = np.asarray(mask, np.uint8)
    values = sorted((value for value in np.unique(mask) if value != UNKNOWN), key=lambda v: classes[v])
    table = np.full(256, UNKNOWN, np.uint8)
    table[values] = np.arange(len(values))
    stream = io.BytesIO()
    Image.fromarray(table[mask]).save(stream, "PNG")
    png = base64.b64encode(stream.getvalue()).decode()
    return json.dumps({"classes": [classes[v] for v in values], "png": png}, separators=(",", ":"))


def square(side, top, left, size, value=1):
    mask = np.zeros((side, side), np.uint8)
    mask[top : top + size, left : left + size] = value
    return mask


def random_masks(seed, n=9, k=3, unknown=0.1):
    draws = np.random.default_rng(seed)
    shapes = draws.integers(3, 9, (n, 2))
    true = [draws.integers(0, k, shape).astype(np.uint8) for shape in shapes]
    found = [np.where(draws.random(one.shape) < 0.7, one, draws.integers(0, k, one.shape)) for one in true]
    return found, [np.where(draws.random(one.shape) < unknown, UNKNOWN, one) for one in true]


def answers(masks):
    return [answer(mask) for mask in masks]


def mean_iou(found, true):
    """Pixel by pixel, of all images together."""
    pairs = [
        (int(a), int(b))
        for one, other in zip(found, true, strict=True)
        for a, b in zip(one.ravel(), other.ravel(), strict=True)
        if b != UNKNOWN
    ]
    shares = []
    for c in range(len(CLASSES)):
        either, both = sum(c in pair for pair in pairs), sum(pair == (c, c) for pair in pairs)
        if either:
            shares.append(both / either)
    return sum(shares) / len(shares) if shares else 0.0


def test_iou_and_dice_by_hand():
    right = answer([[0, 0, 1, 1], [0, 0, 1, 1]])
    output = answer([[0, 0, 0, 1], [0, 0, 0, 1]])
    found = overlap([output], [right], CLASSES)
    assert found.per_class_iou == pytest.approx({"background": 4 / 6, "cell": 2 / 4})
    assert found.per_class_dice == pytest.approx({"background": 8 / 10, "cell": 4 / 6})
    assert found.iou == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert found.dice == pytest.approx((8 / 10 + 4 / 6) / 2)


def test_pixels_of_all_images_are_counted_together():
    right = answers([[[1, 1, 1, 1]], [[1, 0]]])
    outputs = answers([[[1, 1, 1, 1]], [[0, 0]]])
    found = overlap(outputs, right, CLASSES)
    assert found.per_class_iou == pytest.approx({"background": 1 / 2, "cell": 4 / 5})


def test_perfect_answers_give_one():
    _, true = random_masks(0)
    found = overlap(answers(true), answers(true), CLASSES)
    assert (found.iou, found.dice, found.boundary) == (1, 1, 1)
    assert scores(answers(true), answers(true), CLASSES).tolist() == [1] * len(true)


@pytest.mark.parametrize("seed", range(6))
def test_numbers_are_those_of_counting_pixel_by_pixel(seed):
    found, true = random_masks(seed)
    assert overlap(answers(found), answers(true), CLASSES).iou == pytest.approx(mean_iou(found, true))


@pytest.mark.parametrize("seed", range(6))
def test_scores_are_of_leaving_each_image_out(seed):
    found, true = random_masks(seed, n=6 + seed)
    n = len(true)
    without = np.array([mean_iou(found[:i] + found[i + 1 :], true[:i] + true[i + 1 :]) for i in range(n)])
    expected = mean_iou(found, true) + (n - 1) * (without.mean() - without)
    got = scores(answers(found), answers(true), CLASSES)
    assert got == pytest.approx(expected, abs=1e-12)
    assert got.mean() == pytest.approx(mean_iou(found, true), abs=1e-12)
    assert got.std() > 0.01


def test_without_its_only_image_a_class_is_not_in_the_mean():
    right, outputs = answers([[[0, 0]], [[0, 2]]]), answers([[[0, 0]], [[0, 0]]])
    # all: background 3 / 4, wall 0; without the first: 1 / 2 and 0; without the second: background 1
    assert scores(outputs, right, CLASSES) == pytest.approx(0.375 + (0.25 + 1) / 2 - np.array([0.25, 1]))


def test_one_image_scores_the_whole():
    right, output = answer([[0, 0, 1, 1]]), answer([[0, 1, 1, 1]])
    whole = overlap([output], [right], CLASSES).iou
    assert scores([output], [right], CLASSES).tolist() == [whole]
    assert 0 < whole < 1


def test_unknown_pixels_change_nothing():
    found, true = random_masks(3, unknown=0.3)
    draws = np.random.default_rng(0)
    other = [
        np.where(mask == UNKNOWN, draws.integers(0, 3, mask.shape), one)
        for one, mask in zip(found, true, strict=True)
    ]
    assert any((one != two).any() for one, two in zip(found, other, strict=True))
    assert overlap(answers(other), answers(true), CLASSES) == overlap(answers(found), answers(true), CLASSES)


def test_where_the_model_does_not_know_it_misses():
    found = overlap([answer([[0, UNKNOWN, 1, 1]])], [answer([[0, 0, 1, 1]])], CLASSES)
    assert found.per_class_iou == {"background": 0.5, "cell": 1}


def test_where_all_is_unknown_nothing_is_measured():
    right = answers([[[UNKNOWN] * 2], [[UNKNOWN] * 2]])
    outputs = answers([[[0, 1]], [[0, 0]]])
    found = overlap(outputs, right, CLASSES)
    assert (found.iou, found.dice, found.per_class_iou, found.boundary) == (0, 0, {}, None)
    assert scores(outputs, right, CLASSES).tolist() == [0, 0]


def test_a_class_that_is_in_neither_is_left_out_and_one_that_is_found_only_is_zero():
    right = answer([[0, 0, 0, 0]])
    assert overlap([right], [right], CLASSES).per_class_iou == {"background": 1}
    assert overlap([right], [right], CLASSES).iou == 1
    found = overlap([answer([[0, 0, 0, 2]])], [right], CLASSES)
    assert found.per_class_iou == {"background": 0.75, "wall": 0}
    assert found.iou == 0.375


def test_masks_are_compared_by_name_and_not_by_number():
    mask = np.array([[0, 1, 2, 2]])
    swapped = answer([[2, 1, 0, 0]], classes=("wall", "cell", "background"))
    only = answer([[0, 0, 0, 0]], classes=("wall",))
    assert overlap([swapped], [answer(mask)], CLASSES).iou == 1
    assert overlap([only], [answer(mask)], CLASSES).per_class_iou == {"background": 0, "cell": 0, "wall": 0.5}
    assert overlap([answer(mask)], [answer(mask)], CLASSES[::-1]).per_class_iou == dict.fromkeys(CLASSES, 1)


def test_a_class_that_is_not_asked_for_is_unknown():
    right = answer([[0, 1, 2, 2]])
    found = overlap([answer([[0, 1, 1, 1]])], [right], CLASSES[:2])
    assert found.per_class_iou == {"background": 1, "cell": 1}


@pytest.mark.parametrize("shape", [(8, 8), (2, 2), (4, 8), (12, 4)])
def test_a_mask_of_another_size_is_stretched(shape):
    right = square(4, 0, 0, 2)
    output = np.zeros(shape, np.uint8)
    output[: shape[0] // 2, : shape[1] // 2] = 1
    assert overlap([answer(output)], [answer(right)], CLASSES).iou == 1


def test_stretching_takes_the_pixel_under_the_middle():
    output, right = [[0, 1, 2]], [[0, 0, 1, 2, 2]]  # middles .3, .9, 1.5, 2.1, 2.7
    assert overlap([answer(output)], [answer(right)], CLASSES).iou == 1


def test_outlines_within_the_distance_are_the_same():
    side = 200  # 0.75 % of the diagonal: 2.1 pixels
    right = answer(square(side, 50, 50, 80))
    near, next_to, far = (answer(square(side, 50 + away, 50 + away, 80)) for away in (1, 3, 10))
    assert overlap([near], [right], CLASSES).boundary == 1
    assert overlap([next_to], [right], CLASSES).boundary < 0.1
    assert overlap([far], [right], CLASSES).boundary < 0.1
    assert overlap([far], [right], CLASSES).iou > 0.7


def test_the_boundary_score_by_hand():
    # side 100: 1.06 pixels. Two columns are cells; one is found, and another that is far from both.
    true, found = np.zeros((100, 100)), np.zeros((100, 100))
    true[:, [20, 60]] = 1
    found[:, [21, 90]] = 1
    # cells: one of two is precise, one of two is recalled. Background: outlines at 19, 21, 59, 61 and
    # 20, 22, 89, 91; 20 and 22 are near, 19 and 21 are found.
    assert overlap([answer(found)], [answer(true)], CLASSES).boundary == pytest.approx(0.5)
    found[:, 90] = 0
    # now all that is found is precise, and a half is recalled
    assert overlap([answer(found)], [answer(true)], CLASSES).boundary == pytest.approx(2 * 0.5 / 1.5)


def test_the_boundary_score_is_a_mean_over_classes():
    true = np.zeros((100, 100))
    true[:, 40:60], true[:, 60:] = 1, 2
    # the background's outline is right; cells are not found; the wall's lies 20 pixels away
    found = np.where(true > 0, 2, 0)
    assert overlap([answer(found)], [answer(true)], CLASSES).boundary == pytest.approx(1 / 3)


def test_the_boundary_score_is_a_mean_over_images_that_have_an_outline():
    blank, cell = answer(np.zeros((50, 50))), answer(square(50, 10, 10, 20))
    assert overlap([cell, blank, blank], [cell, cell, blank], CLASSES).boundary == 0.5
    assert overlap([blank], [blank], CLASSES).boundary is None


def test_an_outline_beside_unknown_pixels_is_none():
    true = square(50, 10, 10, 20)
    ring = square(50, 8, 8, 24)
    hidden = np.where((ring == 1) & (square(50, 12, 12, 16) == 0), UNKNOWN, true)
    assert overlap([answer(square(50, 9, 9, 22))], [answer(hidden)], CLASSES).boundary is None


def test_all_numbers_come_from_one_count():
    found, true = random_masks(5)
    both = counted(answers(found), answers(true), CLASSES)
    whole = overlap(answers(found), answers(true), CLASSES)
    assert both.iou().tolist() == list(whole.per_class_iou.values())
    assert both.dice().tolist() == list(whole.per_class_dice.values())
    assert both.scores().tolist() == scores(answers(found), answers(true), CLASSES).tolist()


@pytest.mark.parametrize("use", [overlap, scores])
def test_as_many_answers_as_right_ones(use):
    with pytest.raises(ValueError, match="argument 2 is longer"):
        use([], answers([[[0]]]), CLASSES)
