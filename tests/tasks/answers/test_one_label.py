"""What every task with one label for each example shares, whatever the examples are."""

import numpy as np
import pytest
import torch
from sklearn import metrics

from headstart import registry
from headstart.tasks.answers.one_label import OneLabel


@pytest.fixture
def one():
    return OneLabel()


@pytest.fixture
def answers():
    """(60, 3) outputs and their targets."""
    draw = np.random.default_rng(1)
    return draw.normal(size=(60, 3)) * 2, draw.integers(0, 3, 60)


def test_the_tasks_with_one_label_share_it():
    shared = [name for name in registry.names("tasks") if isinstance(registry.get("tasks", name), OneLabel)]
    assert {"image_classification", "text_classification"} <= set(shared)


def test_metrics_are_those_of_scikit_learn(one, answers):
    outputs, targets = answers
    guesses = outputs.argmax(1)
    odds = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    assert one.metrics(outputs, targets) == {
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
    assert float(loss.mean()) == pytest.approx(one.metrics(outputs, targets)["log_loss"])


def test_a_head_begins_with_even_odds(one):
    outputs = one.head(4, ["a", "b"])(torch.randn(3, 4))
    assert torch.equal(outputs, torch.zeros(3, 2))


def test_answers_name_the_likeliest_label_and_its_share(one, answers):
    outputs, _ = answers
    for row, answer in zip(outputs, one.decode(outputs, ["x", "y", "z"]), strict=True):
        assert answer["label"] == "xyz"[row.argmax()]
        assert answer["probability"] == max(answer["probabilities"].values())
        assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_it_knows_a_default_metric_and_which_way_is_better(one, answers):
    assert (one.score.name, one.score.sign) == ("accuracy", 1)
    assert next(iter(one.metrics(*answers))) == one.score.name
    assert one.score.of(*answers).mean() == pytest.approx(one.metrics(*answers)["accuracy"])
