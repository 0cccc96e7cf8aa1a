"""One class for each example: read, learned and said, whatever the examples are."""

import numpy as np
import pytest
import torch
from sklearn import metrics

from headstart import registry
from headstart.errors import DataError
from headstart.tasks.answers.classes import Classes
from headstart.tasks.scores.classes import CLASSES


@pytest.fixture
def one():
    return Classes()


@pytest.fixture
def answers():
    """(60, 3) outputs and their targets."""
    draw = np.random.default_rng(1)
    return draw.normal(size=(60, 3)) * 2, draw.integers(0, 3, 60)


def test_the_tasks_with_one_label_share_it():
    shared = [
        name for name in registry.names("tasks") if isinstance(registry.get("tasks", name).answer, Classes)
    ]
    assert {"image_classification", "text_classification"} <= set(shared)


def test_metrics_are_those_of_scikit_learn(answers):
    outputs, targets = answers
    guesses = outputs.argmax(1)
    odds = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    assert CLASSES.all(outputs, targets) == {
        "accuracy": pytest.approx(metrics.accuracy_score(targets, guesses)),
        "balanced_accuracy": pytest.approx(metrics.balanced_accuracy_score(targets, guesses)),
        "macro_f1": pytest.approx(metrics.f1_score(targets, guesses, average="macro")),
        "auc": pytest.approx(metrics.roc_auc_score(targets, odds, multi_class="ovr")),
        "log_loss": pytest.approx(metrics.log_loss(targets, odds)),
    }


def test_the_loss_is_the_cross_entropy_of_each_example(one, answers):
    outputs, targets = answers
    loss = one.loss(torch.from_numpy(outputs), torch.from_numpy(targets))
    assert loss.shape == (60,)
    assert float(loss.mean()) == pytest.approx(CLASSES.all(outputs, targets)["log_loss"])


def test_a_head_begins_with_even_odds(one):
    outputs = one.head(4, ["a", "b"])(torch.randn(3, 4))
    assert torch.equal(outputs, torch.zeros(3, 2))


def test_answers_name_the_likeliest_label_and_its_share(one, answers):
    outputs, _ = answers
    for row, answer in zip(outputs, one.decode(outputs, ["x", "y", "z"]), strict=True):
        assert answer["label"] == "xyz"[row.argmax()]
        assert answer["probability"] == max(answer["probabilities"].values())
        assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_the_usual_metric_comes_first(answers):
    usual = CLASSES.deciding
    assert (usual.name, usual.sign) == ("accuracy", 1)
    assert next(iter(CLASSES.all(*answers))) == usual.name
    assert usual.of(*answers).mean() == pytest.approx(CLASSES.all(*answers)["accuracy"])


def test_targets_are_numbers_of_sorted_names(one):
    found = one.targets(["b", "a", "b"])
    assert (found.right.tolist(), found.strata.tolist()) == ([1, 0, 1], [1, 0, 1])
    assert (found.categories, found.kinds) == (("a", "b"), ("a", "b"))
    assert (found.members, found.classes) == (((1,), (0,), (1,)), True)
    assert one.wanted(found, np.arange(3)).tolist() == [1, 0, 1]


def test_labels_are_those_that_a_model_knows_or_refused(one):
    assert one.known(["b", "a"], ("a", "b", "c")).tolist() == [1, 0]
    with pytest.raises(DataError, match="does not know the label 'd'") as caught:
        one.known(["a", "d"], ("a", "b"))
    assert "a, b" in caught.value.hint


def test_classes_that_training_has_too_few_of_are_told(one):
    targets = one.targets(["a"] * 12 + ["b"] * 2 + ["c"])
    found = one.unlearned(targets, {"train": np.arange(14), "validation": np.array([14])})
    assert [finding.kind for finding in found] == ["unlearned", "imbalance", "few_examples"]


def test_it_is_unsure_where_two_classes_are_alike(one):
    outputs = np.array([[9.0, 0.0, 0.0], [2.0, 2.0, -9.0], [1.0, 0.0, -9.0]])
    unsure = one.unsure(outputs)
    assert unsure[1] == pytest.approx(1)
    assert unsure[0] < 0.01 < unsure[2] < 0.99
