"""Effective dimensions by hand, neighbours of a planted backbone, and looking that leaves no trace."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import nn

from headstart.preprocessing.image import ImagePreprocess
from headstart.pretraining import _watch
from headstart.pretraining._watch import LOOKED_AT, Probe, Watch, dimensions, some
from headstart.tasks.image_classification import plugin as images
from makings import loaded

PREPROCESS = ImagePreprocess(16, (0.5,) * 3, (0.5,) * 3)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_equal_directions_are_k_dimensions(k):
    corners = np.concatenate([np.eye(7)[:k], -np.eye(7)[:k]])
    assert dimensions(3 * corners + 10) == pytest.approx(k)
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(7, 7)))[0]
    assert dimensions(corners @ turned) == pytest.approx(k)


def test_unequal_directions_count_by_their_entropy():
    features = np.array([[3.0, 0], [-3, 0], [0, 1], [0, -1]])
    share = np.array([0.75, 0.25])
    assert dimensions(features) == pytest.approx(np.exp(-(share * np.log(share)).sum()))


@pytest.mark.parametrize("value", [0.0, 1.0, 1e6, 1e-12])
def test_a_constant_has_none(value):
    assert dimensions(np.full((20, 6), value)) == 0


def test_rounding_is_no_direction():
    noise = np.random.default_rng(0).normal(size=(200, 6)) * 1e-7
    assert dimensions((5.0 + noise).astype(np.float32).astype(np.float64)) == 0
    assert dimensions(noise) > 5, "small features may be spread all the same"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_has_none(value):
    features = np.random.default_rng(0).normal(size=(9, 4))
    features[2, 3] = value
    assert dimensions(features) == 0


def test_some_rows_are_spread_evenly():
    rows = np.arange(3 * LOOKED_AT) + 7
    few = some(rows)
    assert (len(few), few[0], few[-1]) == (LOOKED_AT, rows[0], rows[-1])
    assert set(np.diff(few)) <= {2, 3, 4}
    np.testing.assert_array_equal(some(rows[:5]), rows[:5])
    assert len(some(rows[:0])) == 0


class Knowing(nn.Module):
    """Gives each picture the corner of its class, or a foreign one; it knows the pictures by their pixels."""

    def __init__(self, inputs, targets, corner):
        super().__init__()
        rows = np.arange(len(targets))
        self.known = {inputs.batch(rows[row : row + 1]).numpy().tobytes(): row for row in rows}
        self.targets, self.corner = targets, corner

    def forward(self, batch):
        rows = [self.known[picture[None].numpy().tobytes()] for picture in batch]
        return torch.eye(8)[[self.corner(row, self.targets[row]) for row in rows]]


@pytest.fixture
def looks(photos):
    splits = loaded(photos)
    inputs = images.inputs(splits.examples, PREPROCESS)
    return splits, inputs


def test_neighbours_of_a_perfect_backbone_are_right_and_of_a_mean_one_wrong(looks):
    splits, inputs = looks
    targets, probe = splits.examples.answers, Probe(splits, inputs)

    def knn(corner):
        watch = Watch(inputs, splits.train, "cpu", probe)
        return watch(Knowing(inputs, targets, corner))["knn"]

    assert knn(lambda row, target: target) == 1.0
    assert knn(lambda row, target: 0) < 0.6
    # one picture of each class stands among those of the next class
    strange = {int(splits.train[targets[splits.train] == label][0]): (label + 1) % 3 for label in range(3)}
    found = knn(lambda row, target: strange.get(row, target))
    assert found == 1 - 3 / len(probe.rows)


def test_the_probes_test_split_is_not_looked_at(looks):
    splits, inputs = looks
    rows = Probe(splits, inputs).rows
    assert set(rows.tolist()) == {*splits.train.tolist(), *splits.validation.tolist()}
    assert not set(rows.tolist()) & set(splits.test.tolist())


def test_without_a_probe_only_the_spread_is_noted(looks):
    splits, inputs = looks
    found = Watch(inputs, splits.train, "cpu")(Knowing(inputs, splits.examples.answers, lambda row, t: t))
    assert found == {"dimensions": pytest.approx(2, abs=0.01)}, "three corners span a plane"


@pytest.mark.parametrize("training", [True, False])
def test_looking_leaves_no_trace(looks, training, monkeypatch):
    monkeypatch.setattr(_watch, "BATCH", 4)
    splits, inputs = looks
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network.append(nn.Dropout(0.5)).train(training)
    network[1].running_mean.fill_(0.3)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    states = (torch.random.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate())
    watch = Watch(inputs, splits.train, "cpu", Probe(splits, inputs))
    assert watch(network) == watch(network), "nothing is drawn at random"
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert {module.training for module in network.modules()} == {training}
    assert torch.equal(torch.random.get_rng_state(), states[0])
    assert (np.random.get_state()[1].tolist(), random.getstate()) == states[1:]
    loss = network(inputs.batch(splits.train[:4])).sum()
    loss.backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
