"""The loss of a detector: who answers for which box, by hand, and what a few steps learn."""

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from headstart.heads import _task_aligned as losses
from headstart.heads._task_aligned import BOX, CENTRE, CLASSES, QUALITY, STRIDE, assigned, detection_loss
from headstart.heads.fcos_lite import FcosLite, places

NOTHING = [-1.0, 0.0, 0.0, 0.0, 0.0]


def outputs_of(sides, k=2, n=1, reach=1.0, logit=-2.0):
    """(n, L, 8 + k) of a head that says the same everywhere: boxes of `reach` strides to each side."""
    centres, strides = places([(side, side) for side in sides])
    boxes = torch.cat([centres - reach * strides, centres + reach * strides], 1)
    rest = torch.full((len(centres), 1 + k), logit)
    return torch.cat([boxes, centres, strides[:, :1], rest], 1).repeat(n, 1, 1)


def drawn(seed=0, n=3, k=3, most=6):
    """Outputs with noise and boxes of all sizes, some rows unfilled."""
    draws = np.random.default_rng(seed)
    outputs = outputs_of((8, 4), k, n)
    outputs += 0.3 * torch.from_numpy(draws.normal(size=outputs.shape)).float() * (torch.arange(8 + k) >= 7)
    low, size = draws.uniform(0, 0.7, (n, most, 2)), draws.uniform(0.02, 0.3, (n, most, 2))
    labels = draws.integers(-1, k, (n, most, 1))
    return outputs, torch.from_numpy(np.concatenate([labels, low, low + size], 2)).float()


def by_hand(outputs, truth):
    """(L,) index of the box of each place, or -1, and (L,) targets: one image, in plain loops."""
    wanted = {}
    iou = box_iou(truth[:, 1:], outputs[:, BOX])
    for number, (label, x1, y1, x2, y2) in enumerate(truth.tolist()):
        if label < 0:
            continue
        good = {}
        for place, row in enumerate(outputs.tolist()):
            x, y, half = *row[CENTRE], row[STRIDE] / 2
            nearest = max(abs(x - (x1 + x2) / 2), abs(y - (y1 + y2) / 2)) <= half
            if nearest or (x1 < x < x2 and y1 < y < y2):
                p = 1 / (1 + np.exp(-row[8 + int(label)]))
                good[place] = max(p, 1e-4) * max(float(iou[number, place]), 1e-4) ** 6
        for place in sorted(good, key=good.get)[-13:]:
            wanted.setdefault(place, []).append((float(iou[number, place]), number, good[place]))
    owners = {place: max(offers) for place, offers in wanted.items()}
    owner, target = torch.full((len(outputs),), -1), torch.zeros(len(outputs))
    for place, (_, number, good) in owners.items():
        mine = [one for one in owners.values() if one[1] == number]
        owner[place] = number
        target[place] = good / max(one[2] for one in mine) * max(one[0] for one in mine)
    return owner, target


@pytest.mark.parametrize("seed", range(5))
def test_the_assignment_is_the_one_by_hand(seed):
    outputs, truth = drawn(seed)
    found = assigned(outputs, truth)
    for image in range(len(outputs)):
        owner, target = by_hand(outputs[image], truth[image])
        positive = owner >= 0
        assert positive.any()
        torch.testing.assert_close(found.positive[image], positive)
        torch.testing.assert_close(found.fit[image], target, atol=1e-5, rtol=1e-4)
        rows = truth[image][owner[positive]]
        torch.testing.assert_close(found.box[image][positive], rows[:, 1:])
        assert found.label[image][positive].tolist() == rows[:, 0].tolist()


def test_a_box_between_the_places_takes_the_nearest_of_each_map():
    truth = torch.tensor([[[1, 0.26, 0.26, 0.27, 0.27]]])
    found = assigned(outputs_of((4, 2)), truth)
    assert found.positive[0].nonzero().flatten().tolist() == [5, 16]


def test_loss_by_hand():
    """Four places, one of them in the only box; the formulas written out."""
    outputs, truth = outputs_of((2,), k=2, reach=0.5, logit=0.3), torch.tensor([[[1, 0.0, 0.0, 0.5, 0.4]]])
    p, iou = 1 / (1 + np.exp(-0.3)), 0.8
    cross = -(iou * np.log(p) + (1 - iou) * np.log(1 - p))
    right = (iou - p) ** 2 * cross
    classes = right + 7 * p**2 * -np.log(1 - p)
    expected = classes + losses.BOX_SHARE * iou * (1 - iou) + losses.QUALITY_SHARE * cross
    assert detection_loss(outputs, truth).item() == pytest.approx(expected, rel=1e-4)


def test_each_image_has_its_own_loss():
    outputs, truth = drawn()
    together = detection_loss(outputs, truth)
    assert together.shape == (3,)
    for image in range(3):
        torch.testing.assert_close(detection_loss(outputs[[image]], truth[[image]])[0], together[image])


def test_the_rows_that_fill_up_and_the_order_of_boxes_change_nothing():
    outputs, truth = drawn()
    filler = torch.tensor(NOTHING).expand(3, 4, 5)
    torch.testing.assert_close(
        detection_loss(outputs, torch.cat([filler, truth.flip(1)], 1)), detection_loss(outputs, truth)
    )


AWKWARD = {
    "no rows": torch.zeros(1, 0, 5),
    "no boxes": torch.tensor([[NOTHING, NOTHING]]),
    "a box of no pixels": torch.tensor([[[0, 0.3, 0.3, 0.3, 0.3]]]),
    "a line": torch.tensor([[[0, 0.1, 0.3, 0.9, 0.3]]]),
    "the whole image": torch.tensor([[[0, 0.0, 0.0, 1.0, 1.0]]]),
    "the same twice": torch.tensor([[[0, 0.1, 0.1, 0.6, 0.6]] * 2]),
}


@pytest.mark.parametrize("truth", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("logit", [-2.0, 80.0, -80.0])
@pytest.mark.parametrize("reach", [1.0, 0.0, 1e3])
def test_it_is_finite_with_a_finite_slope(truth, logit, reach):
    outputs = outputs_of((4, 2), k=1, reach=reach, logit=logit).requires_grad_()
    loss = detection_loss(outputs, truth)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(outputs.grad).all()


def test_half_precision_is_taken_and_the_loss_is_single():
    outputs, truth = drawn()
    found = detection_loss(outputs.half(), truth.half())
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, detection_loss(outputs, truth), rtol=0.05, atol=0.05)


def test_an_image_without_boxes_teaches_the_classes_alone():
    outputs = outputs_of((4,)).requires_grad_()
    detection_loss(outputs, AWKWARD["no boxes"]).sum().backward()
    assert (outputs.grad[..., CLASSES] > 0).all()
    assert not outputs.grad[..., :8].any()


def test_a_better_box_a_surer_class_and_a_quieter_background_cost_less():
    truth, at = torch.tensor([[[0, 0.25, 0.25, 0.5, 0.5]]]), 5  # the only place in the box
    plain = outputs_of((4,), reach=0.4)
    plain[0, at, CLASSES.start] = 0.0
    plain[0, at, QUALITY] = 1.0
    better, surer, louder, wrong = (plain.clone() for _ in range(4))
    better[0, at, BOX] = truth[0, 0, 1:]
    surer[0, at, CLASSES.start] = 0.5
    louder[0, 15, CLASSES.start] = 0.5
    wrong[0, at, CLASSES.start + 1] = 0.5
    cost, *others = (detection_loss(one, truth).item() for one in (plain, better, surer, louder, wrong))
    assert [other < cost for other in others] == [True, True, False, False]


def test_a_few_steps_learn_bright_and_dark_squares():
    """Maps in which an object is a coloured rectangle: after some steps each image has its boxes."""
    draws, k = np.random.default_rng(0), 2
    maps, truth = np.zeros((16, 2, 12, 12), np.float32), np.full((16, 2, 5), -1.0, np.float32)
    for image in range(16):
        for label in range(k):
            y, x = draws.integers(0, 8), draws.integers(0, 3) + 6 * label
            h, w = draws.integers(2, 5), draws.integers(2, 4)
            maps[image, label, y : y + h, x : x + w] = 1
            truth[image, label] = [label, x / 12, y / 12, (x + w) / 12, (y + h) / 12]
    given, truth = torch.from_numpy(maps.reshape(16, -1)), torch.from_numpy(truth)
    torch.manual_seed(0)
    head = FcosLite([(2, 12, 12)], ["bright", "dark"], width=16)
    steps = torch.optim.AdamW(head.parameters(), lr=1e-2)
    for _ in range(80):
        steps.zero_grad()
        detection_loss(head(given), truth).mean().backward()
        steps.step()
    outputs = head(given).detach()
    for label in range(k):
        best = outputs[..., 8 + label].argmax(1)
        iou = box_iou(outputs[torch.arange(16), best][:, BOX], truth[:, label, 1:]).diagonal()
        assert iou.mean() > 0.7
