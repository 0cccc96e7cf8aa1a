"""Boxes from the data to what a person is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from boxed import picture
from headstart.data.answers import boxes
from headstart.preprocessing.image import ImagePreprocess
from headstart.targets import of_one_kind
from headstart.tasks.answers.base import Judged
from headstart.tasks.answers.boxes import SHOWN
from headstart.tasks.object_detection import plugin
from headstart.types import Examples, Maps

SAID = np.array(
    [
        boxes.as_answer([("cat", 0.1, 0.25, 0.5, 0.5, 0.9), ("dog", 0.0, 0.0, 1.0, 1.0, SHOWN - 0.01)]),
        boxes.as_answer([("dog", 0.5, 0.5, 1.0, 1.0, SHOWN)]),
    ],
    dtype=object,
)


def right(said):
    return np.array([boxes.as_answer(box[:5] for box in boxes.boxes_of(one)) for one in said], dtype=object)


def test_places_are_told_in_the_upright_pixels_of_each_picture(tmp_path):
    wide, turned = picture(tmp_path / "a.jpg", (40, 20)), picture(tmp_path / "b.jpg", (40, 20), 6)
    first, second = plugin.answer.decode(SAID, ("cat", "dog"), [wide, turned])
    assert first == {"boxes": [{"label": "cat", "score": 0.9, "box": [4.0, 5.0, 20.0, 10.0]}]}
    assert second == {"boxes": [{"label": "dog", "score": SHOWN, "box": [10.0, 20.0, 20.0, 40.0]}]}
    assert plugin.answer.decode(SAID, ("cat", "dog"))[1]["boxes"][0]["box"] == [0.5, 0.5, 1.0, 1.0]


def test_the_surest_comes_first():
    said = np.array(['{"boxes":[["b",0,0,1,1,0.9],["a",0,0,1,1,0.5]]}'], dtype=object)
    assert [box["score"] for box in plugin.answer.decode(said, ("a", "b"))[0]["boxes"]] == [0.9, 0.5]


def test_metrics_begin_with_the_default_and_name_each_class():
    found = plugin.metrics(SAID, right(SAID))
    assert list(found) == ["map", "ap50", "ap50 cat", "ap50 dog"]
    assert found["map"] == pytest.approx(1.0)
    half = plugin.metrics(SAID[[0, 0]], right(SAID))
    assert half["ap50 cat"] == pytest.approx(1.0)
    assert half["ap50 dog"] < 0.6
    assert plugin.score.of(SAID[[0, 0]], right(SAID)).mean() == pytest.approx(half["map"])


def test_a_model_is_made_of_the_maps_and_answers_for_each_image():
    maps = Maps(((4, 8, 8), (6, 4, 4)), 64)
    head = plugin.answer.head(4 * 64 + 6 * 16, ("cat", "dog"), maps)
    flat = torch.randn(3, 4 * 64 + 6 * 16, generator=torch.Generator().manual_seed(0))
    assert head(flat).shape == (3, 80, 10)
    model = nn.Sequential(nn.Identity(), head).eval()
    with torch.no_grad():
        assert plugin.answer.answers(model, flat, None).tolist() == ['{"boxes":[]}'] * 3, (
            "a new head is sure of nothing"
        )
        head.answers.bias[-1] = 2.0
        names = {box.name for one in plugin.answer.answers(model, flat, None) for box in boxes.boxes_of(one)}
    assert names == {"dog"}


def test_the_loss_falls_where_the_outputs_get_right(tmp_path):
    head = plugin.answer.head(4 * 64, ("cat",), Maps(((4, 8, 8),), 64))
    flat = torch.randn(2, 4 * 64, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([[[0.0, 0.2, 0.2, 0.6, 0.6]], [[-1.0] * 5]])
    start = plugin.answer.loss(head(flat), targets)
    assert start.shape == (2,)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        plugin.answer.loss(head(flat), targets).sum().backward()
        optimizer.step()
    assert plugin.answer.loss(head(flat), targets).sum() < 0.6 * start.sum()


def test_a_comparison_judges_what_a_person_would_be_told(tmp_path):
    source = picture(tmp_path / "a.png", (400, 200))
    scene = plugin.answer.compared(plugin.modality, Judged(source, right(SAID)[0], SAID[0]), 96)["scene"]
    told = [(one["judgement"], one["label"]) for one in scene["outlines"]]
    assert len([one for one in told if one[0] == "right"]) < len(told), "an unsure box is not shown"
    assert scene["size"] == [96, 48]
    json.dumps(scene)


def known(sources, answers, categories):
    """Examples with these answers, whose categories are in this order."""
    targets = replace(of_one_kind(answers), categories=categories)
    names = tuple(source.name for source in sources)
    return Examples(names, tuple(sources), ("d",) * len(sources), targets)


def test_inputs_know_their_boxes(tmp_path):
    source = picture(tmp_path / "a.png", (40, 20))
    preprocess = plugin.answer.framed(ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3))
    assert preprocess.size == plugin.answer.kind.side
    inputs = plugin.inputs(known([source], right(SAID)[:1].tolist(), ("dog", "cat")), preprocess)
    found = inputs.answers(np.array([0]))[0]
    assert sorted(found[:, 0].tolist()) == [0.0, 1.0]
