"""The labelled objective by hand: classes weigh alike in training, examples in validation."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from headstart.adaptation.training.objective import Answered, Labelled, objective_of
from headstart.targets import of_classes
from headstart.tasks.answers.classes import Classes
from headstart.tasks.image_classification import plugin as images
from headstart.types import Examples

TARGETS = np.array([0, 0, 0, 1, 1, 2, 0])
TRAIN = np.array([0, 1, 2, 3, 5])
"""Three of the first class, one of each other; rows 4 and 6 are for validation."""


def examples():
    n = len(TARGETS)
    names = tuple(f"{row}.png" for row in range(n))
    return Examples(names, (b"",) * n, names, of_classes(TARGETS, ("a", "b", "c")))


@pytest.fixture
def objective():
    return Labelled(images, examples(), TRAIN)


@pytest.fixture
def outputs():
    return torch.randn(4, 3, generator=torch.Generator().manual_seed(0))


def test_a_step_weighs_each_example_by_its_class(objective, outputs):
    rows = np.array([5, 0, 3, 1])
    each = F.cross_entropy(outputs, torch.from_numpy(TARGETS[rows]), reduction="none")
    weights = torch.tensor([5 / 3, 5 / 9, 5 / 3, 5 / 9])
    torch.testing.assert_close(objective.loss(outputs, rows), (weights * each).mean())


def test_over_all_of_training_every_class_counts_the_same(objective):
    outputs = torch.zeros(5, 3)
    outputs[3:] = torch.randn(2, 3, generator=torch.Generator().manual_seed(1))
    each = F.cross_entropy(outputs, torch.from_numpy(TARGETS[TRAIN]), reduction="none")
    expected = (each[:3].mean() + each[3] + each[4]) / 3
    torch.testing.assert_close(objective.loss(outputs, TRAIN), expected)


def test_validation_is_the_plain_mean(objective, outputs):
    rows = np.array([4, 6])
    expected = F.cross_entropy(outputs[:2], torch.from_numpy(TARGETS[rows])).item()
    found = objective.validation(outputs[:2], rows)
    assert type(found) is float
    assert found == pytest.approx(expected)


def test_labels_outside_training_weigh_nothing(objective, outputs):
    """A row that is not of training cannot be trained on by mistake."""
    outputs.requires_grad_()
    loss = objective.loss(outputs[:2], np.array([4, 6]))
    loss.backward()
    assert loss.item() == 0
    assert outputs.grad.abs().max() == 0


def test_where_there_are_no_classes_all_training_examples_weigh_the_same(outputs):
    class Free(Classes):
        classes = False

    objective = Labelled(replace(images, answer=Free()), examples(), TRAIN)
    assert objective.weights.tolist() == [1, 1, 1, 1, 0, 1, 0]
    rows = np.array([5, 0, 3, 1])
    expected = F.cross_entropy(outputs, torch.from_numpy(TARGETS[rows]))
    torch.testing.assert_close(objective.loss(outputs, rows), expected)


class Right:
    """Inputs whose answers say the example and the view: 100 * view + row, or the row alone."""

    def answers(self, rows, view=None):
        return torch.from_numpy(rows + 100.0 * (view or 0))


class Apart:
    """An answer whose loss of an example is how far an output is from what is right."""

    moves = True

    def loss(self, outputs, targets):
        return (outputs[:, 0] - targets).abs()


def test_places_are_compared_in_the_view_that_was_seen():
    objective, rows = Answered(SimpleNamespace(answer=Apart()), Right()), np.array([3, 1])
    seen = torch.tensor([[703.0], [702.0]], requires_grad=True)
    loss = objective.loss(seen, rows, 7)
    assert loss.item() == 0.5
    loss.backward()
    assert seen.grad[:, 0].tolist() == [0.0, 0.5]
    assert objective.loss(seen, rows).item() == 700.5


def test_validation_of_places_is_the_plain_mean():
    rows = np.arange(7)[::-1].copy()
    found = Answered(SimpleNamespace(answer=Apart()), Right()).validation(torch.zeros(len(rows), 1), rows)
    assert type(found) is float
    assert found == pytest.approx(rows.mean())


def test_inputs_say_what_is_right_only_where_it_moves_with_the_view():
    assert isinstance(objective_of(images, examples(), TRAIN, None), Labelled)
    moving = SimpleNamespace(answer=Apart())
    assert isinstance(objective_of(moving, examples(), TRAIN, Right()), Answered)
