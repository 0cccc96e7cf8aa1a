"""The temperature makes planted over- and under-confidence honest, and stays sober on few examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from headstart.ship.calibrate import abstaining, temperature, threshold

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
        assert 1 / 20 - 1e-6 <= temperature(wild, targets, N) <= 20 + 1e-6


def test_a_few_examples_that_are_all_right_do_not_ask_for_certainty():
    outputs, targets = np.eye(3) * 4, np.arange(3)
    sure = softmax(outputs / temperature(outputs, targets, 3), axis=1).max()
    assert sure == pytest.approx(4 / 6, abs=1e-3)  # Platt: (n + 1) / (n + k)


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
    assert abstaining(outputs, targets, 0.05, 0.85) == {
        "max_error": 0.05,
        "threshold": 0.85,
        "answered": 0.5,
        "error": 0.5,
    }
    assert abstaining(outputs, targets, 0.05, 0.99)["error"] is None
    none = abstaining(outputs, targets, 0.05, None)
    assert (none["threshold"], none["answered"], none["error"]) == (None, None, None)
