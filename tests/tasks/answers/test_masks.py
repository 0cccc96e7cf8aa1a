"""Masks from the data to what a person is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from boxed import picture
from headstart.data.answers import masks
from headstart.preprocessing.image import ImagePreprocess
from headstart.targets import of_one_kind
from headstart.tasks.answers.base import Judged
from headstart.tasks.segmentation import plugin
from headstart.types import Examples, Maps

NAMES = ("cell", "ground")


def mask(*rows):
    return np.array(rows, np.uint8)


RIGHT = np.array(
    [masks.as_answer(mask([0, 0], [1, 1]), NAMES), masks.as_answer(mask([1, 1], [1, 1]), NAMES)], object
)
GIVEN = np.array([masks.as_answer(mask([0, 1], [1, 1]), NAMES), RIGHT[1]], object)
"""One pixel of four is wrong in the first."""


def test_metrics_begin_with_the_default_and_name_each_class():
    found = plugin.metrics(GIVEN, RIGHT)
    assert list(found)[:2] == ["mean_iou", "dice"]
    assert found["iou cell"] == pytest.approx(1 / 2)
    assert found["iou ground"] == pytest.approx(6 / 7)
    assert found["dice cell"] == pytest.approx(2 / 3)
    assert found["mean_iou"] == pytest.approx((1 / 2 + 6 / 7) / 2)
    assert plugin.score.of(GIVEN, RIGHT).mean() == pytest.approx(found["mean_iou"])
    assert plugin.metrics(RIGHT, RIGHT)["mean_iou"] == 1.0


def test_what_is_told_are_shares_and_the_mask():
    first, second = plugin.answer.decode(GIVEN, NAMES)
    assert first == {"shares": {"cell": 0.25, "ground": 0.75}, "mask": GIVEN[0]}
    assert second["shares"] == {"cell": 0.0, "ground": 1.0}


def test_a_model_is_made_of_the_maps_and_says_a_class_for_each_pixel():
    maps = Maps(((4, 8, 8), (6, 4, 4)), 32)
    width = 4 * 64 + 6 * 16
    head = plugin.answer.head(width, NAMES, maps)
    flat = torch.randn(3, width, generator=torch.Generator().manual_seed(0))
    assert head(flat).shape == (3, 2, 32, 32), "of the side of its input"
    model = nn.Sequential(nn.Identity(), head).eval()
    with torch.no_grad():
        said = plugin.answer.answers(model, flat, None)
        largest = head(flat).argmax(1).numpy()
    assert said.shape == (3,)
    assert all((masks.indexed(one, NAMES) == wanted).all() for one, wanted in zip(said, largest, strict=True))


def test_pixels_of_no_known_class_do_not_count_in_the_loss():
    outputs = torch.randn(2, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    targets = torch.zeros(2, 8, 8, dtype=torch.int64)
    targets[:, :4] = masks.IGNORED
    other = outputs.clone()
    other[:, :, :4] += torch.randn(2, 2, 4, 8, generator=torch.Generator().manual_seed(1))
    loss = plugin.answer.loss(outputs, targets)
    assert loss.shape == (2,)
    torch.testing.assert_close(plugin.answer.loss(other, targets), loss)
    other[:, 1, 4:] += 3
    assert (plugin.answer.loss(other, targets) > loss).all()


def test_a_comparison_outlines_what_differs(tmp_path):
    source = picture(tmp_path / "a.png", (64, 64))
    scene = plugin.answer.compared(plugin.modality, Judged(source, RIGHT[0], GIVEN[0]), 64)["scene"]
    assert {one["judgement"] for one in scene["outlines"]} > {"right"}
    same = plugin.answer.compared(plugin.modality, Judged(source, RIGHT[0], RIGHT[0]), 64)["scene"]
    assert {one["judgement"] for one in same["outlines"]} == {"right"}
    assert same["picture"] == scene["picture"]
    json.dumps(scene)


def known(sources, answers, categories):
    """Examples with these answers, whose categories are in this order."""
    targets = replace(of_one_kind(answers), categories=categories)
    names = tuple(source.name for source in sources)
    return Examples(names, tuple(sources), ("d",) * len(sources), targets)


def test_inputs_know_their_masks(tmp_path):
    source = picture(tmp_path / "a.png", (40, 20))
    preprocess = plugin.answer.framed(ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3))
    assert preprocess.size == plugin.answer.kind.side
    inputs = plugin.inputs(known([source], RIGHT[:1].tolist(), ("ground", "cell")), preprocess)
    found = inputs.answers(np.array([0]))[0]
    half = plugin.answer.kind.side // 2
    assert (found[:half] == 1).all()
    assert (found[half:] == 0).all()
