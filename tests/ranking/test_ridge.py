"""The ridge score is the leave-one-out accuracy, counted by hand."""

import numpy as np
import pytest

from headstart.ranking.ridge import plugin
from headstart.tasks.solvers import linear


def test_it_is_the_share_that_is_right_when_left_out():
    draws = np.random.default_rng(0)
    targets = np.repeat([0, 1, 2], 12)
    features = draws.normal(size=(36, 5)) + 0.9 * np.eye(3)[targets] @ draws.normal(size=(3, 5))
    score = plugin.score(features, targets).mean()
    deviation = features.std(0)
    standard = (features - features.mean(0)) / np.maximum(deviation, deviation.mean())
    weights = linear.class_weights(targets, 3)
    penalty = linear.solve(features, targets, 3).penalty
    right = 0
    for out in range(36):
        rows = np.delete(np.arange(36), out)
        design, w = np.hstack([standard[rows], np.ones((35, 1))]), weights[rows][:, None]
        left = design.T @ (w * design) + penalty * np.diag([1.0] * 5 + [0.0])
        fit = np.linalg.solve(left, design.T @ (w * np.eye(3)[targets[rows]]))
        right += int((np.append(standard[out], 1.0) @ fit).argmax() == targets[out])
    assert 0.4 < score < 1
    assert score == pytest.approx(right / 36)


def test_separable_features_score_one():
    targets = np.repeat([0, 1], 10)
    x = targets[:, None] + 0.01 * np.random.default_rng(0).normal(size=(20, 3))
    assert plugin.score(x, targets).tolist() == [1.0] * 20
