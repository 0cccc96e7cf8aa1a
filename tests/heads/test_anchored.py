"""The right boxes of an image, and boxes as differences from anchors and back."""

import torch
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator

from headstart.heads._anchored import THINNEST, decoded, like, right_boxes


def test_rows_that_fill_up_are_left_out_and_no_side_is_empty():
    rows = [[1, 0.1, 0.2, 0.3, 0.4], [-1, 0, 0, 0, 0], [0, 0.5, 0.5, 0.5, 0.9]]
    label, box = right_boxes(torch.tensor(rows))
    assert label.tolist() == [1, 0]
    torch.testing.assert_close(box, torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.5 + THINNEST, 0.9]]))
    label, box = right_boxes(torch.empty(0, 5))
    assert label.shape == (0,)
    assert box.shape == (0, 4)


def test_differences_of_many_images_lead_back_to_their_boxes():
    low, size = torch.rand(2, 2, 5, 2), 0.1 + torch.rand(2, 2, 5, 2)
    anchors, boxes = torch.cat([low, low + size], 3)
    coder = BoxCoder((10.0, 10.0, 5.0, 5.0))
    differences = torch.stack([coder.encode_single(*one) for one in zip(boxes, anchors, strict=True)])
    torch.testing.assert_close(decoded(coder, differences, anchors), boxes)


def test_generators_are_asked_as_for_one_image():
    generator = AnchorGenerator(((8,), (16,)), ((1.0,), (1.0,)))
    (anchors,) = generator(*like(32, [(4, 4), (2, 2)]))
    assert anchors.shape == (20, 4)
    assert anchors[[1, -1]].tolist() == [[4, -4, 12, 4], [8, 8, 24, 24]]
