"""The temperature makes planted over- and under-confidence honest, and stays sober on few examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from headstart.records import Abstaining
from headstart.shipping.bundles.calibrate import (
    abstaining,
    calibration,
    log_loss,
    log_shares,
    temperature,
    threshold,
)

N, K = 4000, 4


@pytest.fixture(scope="module")
def honest():
    """(n, k) outputs whose probabilities are right, and targets drawn from them."""
    draw = np.random.default_rng(0)
    outputs = draw.normal(0, 2, (N, K))
    shares = softmax(outputs, axis=1).cumsum(1)
    return outputs, (draw.random((N, 1)) > shares).sum(1).clip(0, K - 1)


@pytest.mark.parametrize("planted", [0.25, 0.5, 1.0, 2.0, 4.0])
def test_a_planted_temperature_is_found(honest, planted):
    outputs, targets = honest
    assert temperature(outputs * planted, targets, N) == pytest.approx(planted, rel=0.08)


def test_calibrated_confidence_is_what_accuracy_is(honest):
    outputs, targets = honest[0] * 5, honest[1]

    def gap(scaled):
        shares = softmax(scaled, axis=1)
        return abs(shares.max(1).mean() - (shares.argmax(1) == targets).mean())

    assert gap(outputs) > 0.1
    assert gap(outputs / temperature(outputs, targets, N)) < 0.02


def test_it_never_changes_who_is_likeliest_and_is_bounded(honest):
    outputs, targets = honest
    for wild in (outputs * 1e4, outputs * 1e-4, outputs * 0):
        assert 1 / 1000 - 1e-6 <= temperature(wild, targets, N) <= 1000 + 1e-6


def test_a_few_examples_that_are_all_right_do_not_ask_for_certainty():
    outputs, targets = np.eye(3) * 4, np.arange(3)
    found = temperature(outputs, targets, 3)
    assert 4 / 6 < softmax(outputs / found, axis=1).max() < 0.8, "Platt: (n + 1) / (n + k)"
    assert 1 < found < 4 / np.log(4), "and few examples pull the temperature towards 1"


@pytest.mark.parametrize("norm", [1.0, 20.0, 1000.0])
@pytest.mark.parametrize("frequent", [0.5, 0.95], ids=["balanced", "imbalanced"])
def test_outputs_that_know_nothing_become_the_class_shares(norm, frequent):
    draw = np.random.default_rng(3)
    outputs, targets = draw.normal(0, norm, (60, 2)), (draw.random(60) > frequent).astype(int)
    known = log_shares(targets, 2)
    found = calibration(outputs, targets, 60, known)
    unseen, right = draw.normal(0, norm, (N, 2)), (draw.random(N) > frequent).astype(int)
    base = log_loss(np.tile(known, (N, 1)), right)
    assert log_loss(found(unseen), right) <= base + 0.02, "an odd temperature alone would lead to even odds"


def test_of_equally_frequent_classes_the_likeliest_is_still_answered():
    draw = np.random.default_rng(0)
    outputs, targets = draw.normal(0, 5, (40, 2)), np.arange(40) % 2
    outputs[np.arange(40), targets] -= 1  # worse than nothing
    found = calibration(outputs, targets, 40, log_shares(targets, 2))
    assert found.shares == 1
    assert softmax(found(outputs), axis=1).max() < 0.501
    assert (found(outputs).argmax(1) == outputs.argmax(1)).all()


def test_outputs_that_know_much_keep_who_is_likeliest_and_their_temperature(honest):
    outputs, targets = honest[0] * 3, honest[1]
    found = calibration(outputs, targets, N, log_shares(targets, K))
    assert found.shares == 0
    assert found.temperature == pytest.approx(3, rel=0.08)
    assert (found(outputs).argmax(1) == outputs.argmax(1)).all()


def test_sure_outputs_that_are_often_wrong_are_believed_less():
    draw = np.random.default_rng(1)
    targets = draw.integers(0, 3, 90)
    outputs = np.eye(3)[np.where(draw.random(90) < 0.62, targets, (targets + 1) % 3)] * 60
    found = calibration(outputs, targets, 90, log_shares(targets, 3))
    assert log_loss(outputs, targets) > 9
    assert log_loss(found(outputs), targets) < log_loss(np.tile(log_shares(targets, 3), (90, 1)), targets)
    assert softmax(found(outputs), axis=1).max() == pytest.approx(0.62, abs=0.08)


def test_the_same_examples_of_several_seeds_count_once():
    outputs, targets = np.eye(3) * 4, np.arange(3)
    many, same = np.tile(outputs, (6, 1)), np.tile(targets, 6)
    assert temperature(many, same, 3) == pytest.approx(temperature(outputs, targets, 3), rel=1e-3)
    assert temperature(many, same, 18) < temperature(many, same, 3)


def sure(probabilities, right):
    """(n, 2) outputs with these probabilities of the first class, and targets that make them right or not."""
    p = np.array(probabilities)
    return np.log(np.stack([p, 1 - p], 1)), np.where(right, 0, 1)


def test_the_threshold_is_the_lowest_that_is_good_enough():
    p = np.linspace(0.99, 0.51, 100)
    right = np.arange(100) < 60  # the forty least sure are all wrong
    outputs, targets = sure(p, right)
    found = threshold(outputs, targets, 100, 0.05)
    kept = p >= found - 1e-12
    error = (~right[kept]).mean()
    assert (~right[kept]).sum() + 1 <= 0.05 * (kept.sum() + 2) < (~right[kept]).sum() + 2.1
    assert error <= 0.05
    assert kept.sum() >= 60


def test_few_examples_promise_little_and_seeds_that_share_them_no_more():
    outputs, targets = sure([0.99] * 12, [True] * 12)
    assert threshold(outputs, targets, 12, 0.05) is None, "none wrong of twelve may still be one in twenty"
    many = np.tile(outputs, (6, 1)), np.tile(targets, 6)
    assert threshold(*many, 12, 0.05) is None, "six seeds on the same twelve are still twelve"
    assert threshold(*many, 72, 0.05) == pytest.approx(0.99)


def test_equal_probabilities_are_answered_together():
    outputs, targets = sure([0.9] * 50, [True] * 30 + [False] * 20)
    assert threshold(outputs, targets, 50, 0.05) is None


def test_what_abstaining_gives_is_counted_on_the_answers():
    outputs, targets = sure([0.95, 0.9, 0.8, 0.6], [True, False, True, False])
    assert abstaining(outputs, targets, 0.05, 0.85) == Abstaining(0.05, 0.85, 0.5, 0.5)
    assert abstaining(outputs, targets, 0.05, 0.99).error is None
    assert abstaining(outputs, targets, 0.05, None) == Abstaining(0.05, None, None, None)
