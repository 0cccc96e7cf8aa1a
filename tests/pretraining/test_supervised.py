"""Each data set is learned by its own head, from its own outputs; their losses are balanced by hand here."""

from __future__ import annotations

import math

import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F

from headstart.adaptation.training.objective import Labelled
from headstart.bases import load_base
from headstart.pretraining import _trainee
from headstart.pretraining.supervised import Balanced, Heads, plugin
from headstart.sources import read
from headstart.tasks.image_classification import plugin as images
from makings import loaded, make, sources

TARGETS = ([0, 1, 1, 2, 1, 0, 2], [1, 0, 0, 0, 1])
"""Of two data sets; the last row of each is validation."""
ROWS = np.array([2, 8, 0, 7, 5])
"""Rows 2, 0 and 5 of the first, 1 and 0 of the second (which begins at 7)."""


@pytest.fixture
def two():
    return sources(*TARGETS)


@pytest.fixture
def outputs():
    return torch.randn(5, 5, generator=torch.Generator().manual_seed(0))


def own_losses(outputs):
    """Of the rows by hand: each class of a data set's training rows weighs the same."""
    first, second = outputs[[0, 2, 4], :3], outputs[[1, 3], 3:]
    # of 6 training rows: 2, 3 and 1 of the three classes; of 4: 3 and 1
    weights = {0: 6 / 3 / 2, 1: 6 / 3 / 3, 2: 6 / 3 / 1}
    by_hand = [weights[1], weights[0], weights[0]]
    one = (torch.tensor(by_hand) * F.cross_entropy(first, torch.tensor([1, 0, 0]), reduction="none")).mean()
    by_hand = [4 / 2 / 3, 4 / 2 / 1]
    two = (torch.tensor(by_hand) * F.cross_entropy(second, torch.tensor([0, 1]), reduction="none")).mean()
    return one, two


def test_losses_are_weighed_by_what_the_heads_say_of_their_uncertainty(two, outputs):
    log = torch.tensor([0.7, -1.2], requires_grad=True)
    one, other = own_losses(outputs)
    expected = sum(
        loss / (2 * math.exp(value)) + math.log(1 + math.exp(value))
        for loss, value in ((one, 0.7), (other, -1.2))
    )
    found = Balanced(two, log).loss(outputs, ROWS)
    torch.testing.assert_close(found, expected)
    found.backward()
    slope = [
        -float(loss) / (2 * math.exp(v)) + 1 / (1 + math.exp(-v)) for loss, v in ((one, 0.7), (other, -1.2))
    ]
    torch.testing.assert_close(log.grad, torch.tensor(slope))


def test_a_loss_comes_from_its_own_outputs_only(two, outputs):
    outputs.requires_grad_()
    Balanced(two, torch.zeros(2)).loss(outputs, ROWS).backward()
    of_first = torch.tensor([True, False, True, False, True])
    assert outputs.grad[of_first][:, 3:].abs().max() == 0
    assert outputs.grad[~of_first][:, :3].abs().max() == 0
    assert outputs.grad[of_first][:, :3].abs().min() > 0
    assert outputs.grad[~of_first][:, 3:].abs().min() > 0


def test_a_batch_without_a_data_set_says_nothing_of_it(two, outputs):
    log = torch.zeros(2, requires_grad=True)
    loss = Balanced(two, log).loss(outputs[[0, 2, 4]], ROWS[[0, 2, 4]])
    torch.testing.assert_close(loss, own_losses(outputs)[0] / 2 + math.log(2))
    loss.backward()
    assert log.grad[0] != 0
    assert log.grad[1] == 0


def test_validation_is_the_mean_of_the_plain_losses(two, outputs):
    rows = np.array([6, 11])
    found = Balanced(two, torch.tensor([3.0, -3.0])).validation(outputs[:2], rows)
    each = (
        F.cross_entropy(outputs[:1, :3], torch.tensor([2])),
        F.cross_entropy(outputs[1:2, 3:], torch.tensor([1])),
    )
    assert found == pytest.approx(float(sum(each)) / 2)


def test_one_data_set_alone_is_plain_cross_entropy_with_classes_that_weigh_alike(outputs):
    one = sources(TARGETS[0])
    rows, own = np.array([2, 0, 5]), outputs[[0, 2, 4], :3]
    plain = Labelled(images, one.splits[0].examples, one.train)
    log = torch.tensor([5.0], requires_grad=True)
    balanced = Balanced(one, log)
    found = balanced.loss(own.requires_grad_(), rows)
    assert torch.equal(found, plain.loss(own, rows))
    torch.testing.assert_close(found, own_losses(outputs)[0])
    found.backward()
    assert log.grad is None
    assert balanced.validation(own.detach(), rows) == plain.validation(own.detach(), rows)


def test_heads_stand_beside_each_other(two):
    heads = plugin.head(two, 4)
    assert isinstance(heads, Heads)
    assert heads.log_variance.tolist() == [0, 0]
    with torch.no_grad():
        heads.each[0].weight.fill_(1.0)
        heads.each[1].bias.fill_(2.0)
    assert heads(torch.ones(2, 4)).tolist() == [[4, 4, 4, 2, 2]] * 2
    objective = plugin.objective(two, heads)
    assert objective.log_variance is heads.log_variance
    feed = object()
    assert plugin.feed(feed) is feed


def test_the_uncertainties_are_learned_and_thrown_away(photos, others, tmp_path, monkeypatch):
    seen = []
    inner = _trainee.Trainee.train
    monkeypatch.setattr(_trainee.Trainee, "train", lambda *all_: seen.append(inner(*all_)) or seen[0])
    made = make([photos, others], tmp_path / "two", epochs=2)
    head = seen[0][1]
    assert (head.log_variance != 0).all()
    assert [len(one.bias) for one in head.each] == [3, 2]
    config = made.read("config.json")
    assert "label_names" not in config
    assert config["num_classes"] == config["pretrained_cfg"]["num_classes"] == 0
    assert not load_base(str(made.folder)).receipt.unused
    rows = {row["name"]: row for row in made.record["sources"]}
    assert [rows[name]["classes"] for name in ("photos", "others")] == [3, 2]
    assert all(0 <= row["value"] <= 1 for row in rows.values())


def test_the_value_of_a_data_set_is_its_own_heads_accuracy(photos, others, tmp_path, monkeypatch):
    sets = read((photos, others), images, True, 0, lambda _, rows: rows)
    right = torch.zeros(len(sets.examples), sum(sets.sizes))
    for row, (source, target) in enumerate(zip(sets.source, sets.examples.answers, strict=True)):
        right[row, (target + 1) % 3 if source == 0 else 3 + target] = 1.0
    monkeypatch.setattr(_trainee, "evaluate", lambda model, feed, rows: right[rows])
    made = make([photos, others], tmp_path / "two")
    assert [row["value"] for row in made.record["sources"]] == [0.0, 1.0]


def test_one_data_sets_classes_are_kept_as_timm_keeps_them(photos, made):
    """`timm.create_model("local-dir:…", pretrained=True)` is the whole classifier, and its value is told."""
    splits = loaded(photos)
    config = made.read("config.json")
    assert config["label_names"] == list(splits.examples.categories) == ["circle", "square", "triangle"]
    network = timm.create_model(f"local-dir:{made.folder}", pretrained=True).eval()
    assert list(network.pretrained_cfg["label_names"]) == config["label_names"]
    base = load_base(str(made.folder))
    inputs = images.inputs(splits.examples, base.preprocess)
    batch = inputs.batch(splits.validation)
    with torch.no_grad():
        logits = network(batch)
        features = base.network()(batch)
        by_hand = features @ network.fc.weight.T + network.fc.bias
    torch.testing.assert_close(logits, by_hand)
    assert network.fc.weight.abs().sum() > 0
    hits = logits.argmax(1).numpy() == splits.examples.answers[splits.validation]
    assert made.record["sources"][0]["value"] == hits.mean()
