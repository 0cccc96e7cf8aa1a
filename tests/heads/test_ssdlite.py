"""The head of SSDlite: default boxes, torchvision's loss for each image, answers by hand."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.ops import box_convert, box_iou

from graphs import by_graph
from headstart.errors import ContractError
from headstart.heads.ssdlite import (
    ANCHOR,
    CLASSES,
    CODER,
    DIFFERENCES,
    LARGEST,
    NEGATIVES,
    REACH,
    SsdLite,
    plugin,
    ssd_loss,
)
from headstart.types import Maps

MAPS = {
    "one": [(5, 4, 4)],
    "usual": [(4, 16, 16), (6, 8, 8), (8, 4, 4)],
    "oblong": [(3, 6, 11), (4, 3, 5)],
    "small already": [(3, 3, 3), (4, 1, 1)],
}
SIDES = {
    "one": [(4, 4), (2, 2)],
    "usual": [(16, 16), (8, 8), (4, 4), (2, 2)],
    "oblong": [(6, 11), (3, 5), (2, 3)],
    "small already": [(3, 3), (1, 1)],
}
"""Maps that are read: coarser ones are added until three places are left."""
NOTHING = [-1.0, 0.0, 0.0, 0.0, 0.0]


def head_of(shapes, labels=("a", "b")):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return SsdLite(shapes, labels)


def flat(shapes, n=2):
    draws = np.random.default_rng(0)
    return torch.from_numpy(draws.normal(size=(n, sum(c * h * w for c, h, w in shapes)))).float()


def drawn(seed, n=2, k=3, most=5):
    """Outputs of a head that says anything, and boxes of all sizes."""
    draws = np.random.default_rng(seed)
    anchors = head_of(MAPS["usual"]).anchors
    rest = torch.from_numpy(draws.normal(size=(n, len(anchors), 5 + k))).float()
    outputs = torch.cat([rest[..., :4], anchors.expand(n, -1, -1), rest[..., 4:]], 2)
    low, size = draws.uniform(0, 0.5, (n, most, 2)), np.exp(draws.uniform(-3, -0.7, (n, most, 2)))
    truth = np.concatenate([draws.integers(-1, k, (n, most, 1)), low, low + size], 2)
    truth[:, 0, 0] = 1
    return outputs, torch.from_numpy(truth).float()


@pytest.mark.parametrize("name", MAPS)
def test_default_boxes_stand_at_the_places_of_all_maps(name):
    head = head_of(MAPS[name])
    outputs = head(flat(MAPS[name])).detach()
    assert outputs.shape == (2, 6 * sum(h * w for h, w in SIDES[name]), 8 + 1 + 2)
    boxes = box_convert(outputs[0, :, ANCHOR], "xyxy", "cxcywh")
    at = 0
    for h, w in SIDES[name]:
        level = boxes[at : (at := at + 6 * h * w)].reshape(h, w, 6, 4)
        size = min(LARGEST, REACH / (h * w) ** 0.5)
        torch.testing.assert_close(level[0, 0, 0], torch.tensor([0.5 / w, 0.5 / h, size, size]))
        torch.testing.assert_close(level[-1, 0, 5, :2], torch.tensor([0.5 / w, 1 - 0.5 / h]))
        assert level[0, 0, 1, 2] > size or size == LARGEST
        assert (level[..., 2:] <= 1).all()
    assert at == len(boxes)


def test_what_is_said_stands_at_its_place():
    """A bright spot changes what is said of the default boxes around it most."""
    shapes = [(3, 16, 16)]
    head, dark = head_of(shapes).eval(), torch.zeros(1, 3 * 256)
    bright = dark.clone().reshape(1, 3, 16, 16)
    bright[0, :, 2, 12] = 3.0
    with torch.no_grad():
        change = (head(bright.flatten(1)) - head(dark))[0, : 6 * 256]
        for columns in (DIFFERENCES, CLASSES):
            most = change[:, columns].abs().sum(1).argmax()
            x, y, _, _ = (box_convert(head.anchors[most], "xyxy", "cxcywh") * 16).tolist()
            assert max(abs(x - 12.5), abs(y - 2.5)) <= 1.0


@pytest.mark.parametrize("seed", range(5))
def test_it_is_torchvisions_for_each_image(seed):
    outputs, truth = drawn(seed)
    around = nn.Identity()
    around.out_channels = [1]
    model = SSD(around, DefaultBoxGenerator([[2]]), (64, 64), 4)
    for image in range(2):
        real = truth[image][truth[image, :, 0] >= 0]
        one = outputs[[image]]
        said = {"bbox_regression": one[..., DIFFERENCES], "cls_logits": one[..., CLASSES]}
        targets = [{"boxes": real[:, 1:], "labels": 1 + real[:, 0].long()}]
        matched = model.proposal_matcher(box_iou(real[:, 1:], one[0, :, ANCHOR]))
        losses = model.compute_loss(targets, said, [one[0, :, ANCHOR]], [matched])
        expected = losses["bbox_regression"] + losses["classification"]
        torch.testing.assert_close(ssd_loss(outputs, truth)[image], expected)


def test_an_image_without_boxes_teaches_its_hardest_places_that_they_are_ground():
    outputs, _ = drawn(0, n=1)
    outputs.requires_grad_()
    loss = ssd_loss(outputs, torch.tensor([[NOTHING]]))
    loss.sum().backward()
    ground = -outputs[0, :, CLASSES].log_softmax(-1)[:, 0]
    torch.testing.assert_close(loss[0], ground.topk(NEGATIVES).values.sum())
    assert (outputs.grad[0].abs().sum(1) > 0).sum() == NEGATIVES


AWKWARD = {
    "no rows": torch.zeros(1, 0, 5),
    "a box of no pixels": torch.tensor([[[0, 0.3, 0.3, 0.3, 0.3]]]),
    "a line": torch.tensor([[[0, 0.1, 0.375, 0.9, 0.375]]]),
    "the whole image": torch.tensor([[[0, 0.0, 0.0, 1.0, 1.0]]]),
    "the same twice": torch.tensor([[[0, 0.1, 0.1, 0.6, 0.6]] * 2]),
    "more boxes than default ones": torch.tensor([[[0, 0.1, 0.1, 0.6, 0.6]] * 3000]),
}


@pytest.mark.parametrize("truth", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("size", [1.0, 80.0])
def test_it_is_finite_with_a_finite_slope(truth, size):
    outputs, _ = drawn(0, n=1)
    outputs[..., DIFFERENCES] *= size
    outputs[..., CLASSES] *= size
    outputs.requires_grad_()
    loss = ssd_loss(outputs, truth)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(outputs.grad).all()
    assert outputs.grad.abs().sum() > 0


def test_half_precision_is_taken_and_the_loss_is_single():
    outputs, truth = drawn(0)
    found = ssd_loss(outputs.half(), truth.half())
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, ssd_loss(outputs, truth), rtol=0.05, atol=0.05)


def test_an_answer_is_the_default_box_and_what_it_is_off_by():
    outputs, _ = drawn(0, n=1, k=2)
    outputs[..., CLASSES] = torch.tensor([20.0, 0.0, 0.0])
    place = torch.tensor([0.25, 0.125, 0.75, 0.5])
    outputs[0, 7, DIFFERENCES] = CODER.encode_single(place[None], outputs[0, [7], ANCHOR])[0]
    outputs[0, 7, CLASSES] = torch.tensor([0.0, -20.0, 1.0])
    (name, *box, score), *rest = json.loads(plugin.answers(outputs, ("a", "b"))[0])["boxes"]
    assert not rest
    assert name == "b"
    assert box == pytest.approx(place.tolist(), abs=1e-5)
    assert score == pytest.approx(np.e / (1 + np.e), abs=1e-5)


def test_every_weight_learns_and_none_has_statistics_of_batches():
    head = head_of(MAPS["one"])
    head(flat(MAPS["one"])).square().sum().backward()
    still = [name for name, weight in head.named_parameters() if not weight.grad.abs().sum() > 0]
    assert not still
    assert not any(isinstance(one, nn.modules.batchnorm._BatchNorm) for one in head.modules())


@pytest.mark.parametrize("shapes", MAPS.values(), ids=MAPS)
def test_it_exports_to_onnx(shapes):
    head, given = head_of(shapes).eval(), flat(shapes, 3)
    np.testing.assert_allclose(by_graph(head, given), head(given).detach().numpy(), atol=1e-4)


def test_what_it_cannot_be_made_of():
    with pytest.raises(ContractError, match="finest first"):
        plugin.build(Maps(((3, 4, 4), (3, 8, 8)), 64), ("a",), {})
