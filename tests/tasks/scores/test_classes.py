"""Metrics of classes: equal to scikit-learn's, and made of parts that vary as the metric does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn import metrics

from headstart.tasks.scores.classes import CLASSES

BY_NAME = {score.name: score for score in CLASSES.each}
N = 200


@pytest.fixture(params=[2, 4], ids=["two classes", "four classes"])
def answers(request):
    """(n, k) outputs that are right more often than not, of classes of very different sizes."""
    draws, k = np.random.default_rng(request.param), request.param
    targets = draws.choice(k, N, p=np.arange(1, k + 1) / np.arange(1, k + 1).sum())
    return draws.normal(size=(N, k)) + 1.2 * np.eye(k)[targets], targets


def by_scikit_learn(name, outputs, targets):
    shares, guesses, k = softmax(outputs, axis=1), outputs.argmax(1), outputs.shape[1]
    return {
        "accuracy": lambda: metrics.accuracy_score(targets, guesses),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(targets, guesses),
        "macro_f1": lambda: metrics.f1_score(targets, guesses, average="macro"),
        "auc": lambda: metrics.roc_auc_score(targets, shares[:, 1] if k == 2 else shares, multi_class="ovr"),
        "log_loss": lambda: metrics.log_loss(targets, shares),
    }[name]()


@pytest.mark.parametrize("name", BY_NAME)
def test_values_are_those_of_scikit_learn(name, answers):
    assert BY_NAME[name].value(*answers) == pytest.approx(by_scikit_learn(name, *answers))


@pytest.mark.parametrize("name", BY_NAME)
def test_parts_vary_as_the_metric_does_over_new_examples(name, answers):
    outputs, targets = answers
    parts = BY_NAME[name].of(outputs, targets)
    draws = np.random.default_rng(0)
    drawn = [draws.integers(0, N, N) for _ in range(400)]
    truth = np.std([by_scikit_learn(name, outputs[rows], targets[rows]) for rows in drawn])
    assert parts.std(ddof=1) / np.sqrt(N) == pytest.approx(truth, rel=0.15)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_class_that_is_not_there_takes_no_part(name):
    outputs, targets = np.array([[3.0, 0, 0], [2, 1, 0], [0, 1, 0]]), np.array([0, 0, 1])
    assert np.isfinite(BY_NAME[name].of(outputs, targets)).all()
    assert np.isfinite(BY_NAME[name].of(outputs[:1], targets[:1])).all()


def test_one_class_for_all_is_right_half_of_the_time_whatever_the_shares():
    outputs, targets = np.tile([5.0, 0.0], (100, 1)), np.repeat([0, 1], [99, 1])
    values = {name: score.value(outputs, targets) for name, score in BY_NAME.items()}
    assert values["accuracy"] == 0.99
    assert values["balanced_accuracy"] == values["auc"] == 0.5


def test_only_log_loss_is_better_where_it_is_lower():
    assert [name for name, score in BY_NAME.items() if score.sign < 0] == ["log_loss"]
    assert BY_NAME["log_loss"].high == np.inf
    outputs, targets = np.array([[4.0, 0.0], [0.0, 4.0]]), np.array([0, 1])
    loss = BY_NAME["log_loss"]
    assert loss.gains(outputs, targets).mean() > loss.gains(-outputs, targets).mean()
