"""Confident learning finds labels that were planted wrong, and leaves what is clear alone."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.confident import doubted

DRAWS = np.random.default_rng(3)


def told(labels, k, sure):
    """(n, k) probabilities of a model that gives so much to the true class."""
    shares = DRAWS.dirichlet(np.full(k, 0.5), len(labels)) * (1 - sure)
    shares[np.arange(len(labels)), labels] += sure
    return shares


def test_planted_errors_come_first():
    true = DRAWS.integers(0, 4, 400)
    shares, labels = told(true, 4, 0.7), true.copy()
    wrong = np.arange(0, 400, 20)
    labels[wrong] = (true[wrong] + 1) % 4
    found = doubted(shares, labels)
    assert len(found.rows) >= 0.7 * len(wrong)
    assert set(found.rows.tolist()) <= set(wrong.tolist())
    assert found.likely.tolist() == true[found.rows].tolist()


def test_where_all_is_clear_nothing_is_in_doubt():
    labels = np.repeat([0, 1, 2], 20)
    assert len(doubted(told(labels, 3, 0.9), labels).rows) == 0


def test_by_hand():
    shares = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    # thresholds: 0.6 and 0.8; row 2 reaches that of class 1 only, row 4 none
    found = doubted(shares, labels)
    assert (found.rows.tolist(), found.likely.tolist()) == ([2], [1])


def test_a_model_that_leans_to_a_class_does_not_accuse_all_others():
    labels = np.repeat([0, 1], 50)
    shares = np.stack([np.where(labels == 0, 0.9, 0.6), np.where(labels == 0, 0.1, 0.4)], axis=1)
    shares += DRAWS.normal(0, 0.01, (100, 1)) * [1, -1]
    assert (shares[50:].argmax(1) == 0).all(), "every example of class 1 looks like one of class 0"
    assert len(doubted(shares, labels).rows) == 0


@pytest.mark.parametrize("k", [2, 5])
def test_a_class_without_examples_is_nobodys_likely_one(k):
    labels = np.zeros(6, dtype=np.int64)
    assert len(doubted(np.full((6, k), 1 / k), labels).rows) == 0
