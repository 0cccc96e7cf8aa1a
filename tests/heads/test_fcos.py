"""The head of torchvision's FCOS: what its columns say, for maps of any number and size."""

import json

import numpy as np
import pytest
import torch

from graphs import by_graph
from headstart.errors import ContractError
from headstart.heads._centre_sampled import BOX, CELL, CENTRENESS, CLASSES
from headstart.heads.fcos import FIRST_REACH, Fcos, plugin
from headstart.types import Maps

MAPS = {
    "one": [(5, 4, 4)],
    "usual": [(4, 8, 8), (6, 4, 4), (8, 2, 2)],
    "oblong": [(3, 6, 11), (4, 3, 5)],
    "five": [(3, 16, 16), (3, 8, 8), (3, 4, 4), (3, 4, 4), (3, 3, 3)],
}
SIDES = {
    "one": [(4, 4), (2, 2), (1, 1)],
    "usual": [(8, 8), (4, 4), (2, 2)],
    "oblong": [(6, 11), (3, 5), (2, 3), (1, 2)],
    "five": [(16, 16), (8, 8), (4, 4), (4, 4), (3, 3)],
}
"""Levels: two more where there are fewer than five and the coarsest has three places to a side."""


def head_of(shapes, labels=("a", "b")):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Fcos(shapes, labels, 64)


def flat(shapes, n=2):
    draws = np.random.default_rng(0)
    return torch.from_numpy(draws.normal(size=(n, sum(c * h * w for c, h, w in shapes)))).float()


@pytest.mark.parametrize("name", MAPS)
def test_the_columns_of_a_fresh_head(name):
    head = head_of(MAPS[name])
    outputs = head(flat(MAPS[name])).detach()
    assert head.levels.sides == tuple(SIDES[name])
    assert outputs.shape == (2, sum(h * w for h, w in SIDES[name]), 11 + 2)
    cell = outputs[..., CELL]
    torch.testing.assert_close(cell[0, 0], torch.tensor([0, 0, 1 / SIDES[name][0][1], 1 / SIDES[name][0][0]]))
    # boxes start around their cell, some strides wide: coarse levels begin with large objects
    box, size = outputs[..., BOX], cell[..., 2:] - cell[..., :2]
    reach = (box[..., 2:] - box[..., :2]) / size
    torch.testing.assert_close(reach, torch.full_like(reach, 2 * FIRST_REACH), atol=1.0, rtol=0)
    assert outputs[..., CLASSES].mean().item() == pytest.approx(-np.log(99), abs=0.3)  # one in a hundred


def test_every_weight_learns():
    head = head_of(MAPS["one"])
    head(flat(MAPS["one"])).square().sum().backward()
    still = [name for name, weight in head.named_parameters() if not weight.grad.abs().sum() > 0]
    assert not still


def test_a_score_is_that_of_the_class_and_of_the_middle():
    outputs = head_of(MAPS["one"])(flat(MAPS["one"], 1)).detach()
    outputs[..., CLASSES], outputs[..., CENTRENESS] = -20.0, 0.0
    outputs[0, 3, CLASSES] = torch.tensor([-20.0, 1.0])
    outputs[0, 3, BOX] = torch.tensor([0.25, 0.1, 0.75, 0.4])
    (name, *place, score), *rest = json.loads(plugin.answers(outputs, ("a", "b"))[0])["boxes"]
    assert not rest
    assert (name, place) == ("b", [0.25, 0.1, 0.75, 0.4])
    assert score == pytest.approx((torch.tensor(1.0).sigmoid().item() * 0.5) ** 0.5, abs=1e-6)


@pytest.mark.parametrize("shapes", MAPS.values(), ids=MAPS)
def test_it_exports_to_onnx(shapes):
    head, given = head_of(shapes).eval(), flat(shapes, 3)
    found = by_graph(head, given)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, head(given).detach().numpy(), atol=1e-4)


def test_what_it_cannot_be_made_of():
    with pytest.raises(ContractError, match="finest first"):
        plugin.build(Maps(((3, 4, 4), (3, 8, 8)), 64), ("a",), {})
