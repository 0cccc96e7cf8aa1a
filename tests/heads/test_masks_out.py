"""What heads of segmentation share: a class for every pixel."""

import base64
import io
import json

import torch
from PIL import Image

from headstart.data.answers import masks
from headstart.heads._masks_out import OfMasks


def test_a_pixel_has_the_class_of_its_largest_output():
    outputs = torch.zeros(2, 3, 2, 2)
    outputs[0, 1, 0, 0], outputs[0, 2, 1, 1], outputs[1, 2] = 3.0, 2.0, 1.0
    first, second = OfMasks().answers(outputs, ("ant", "bee", "cat"))
    assert masks.indexed(first, ("ant", "bee", "cat")).tolist() == [[1, 0], [0, 2]]
    assert masks.indexed(second, ("ant", "bee", "cat")).tolist() == [[2, 2], [2, 2]]


def test_an_answer_names_the_classes_that_occur():
    outputs = torch.zeros(2, 3, 4, 4)
    outputs[0, 2, :2] = outputs[0, 1, 2:] = outputs[1, 0] = 1
    held = [json.loads(one) for one in OfMasks().answers(outputs, ("zebra", "ant", "mole"))]
    assert [one["classes"] for one in held] == [["ant", "mole"], ["zebra"]]
    with Image.open(io.BytesIO(base64.b64decode(held[0]["png"]))) as picture:
        assert picture.mode == "L"
        assert list(picture.tobytes()) == [1] * 8 + [0] * 8


def test_a_right_mask_has_a_small_loss_and_an_unknown_one_none():
    truth = torch.tensor([[[0, 1], [1, 0]], [[255, 255], [255, 255]]])
    right = 20.0 * torch.nn.functional.one_hot(truth % 255, 2).movedim(3, 1).float()
    found = OfMasks().loss(right, truth)
    assert found[0] < 1e-3 < OfMasks().loss(-right, truth)[0]
    assert found[1] == 0
