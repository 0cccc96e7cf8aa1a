"""What solvers share: standardised features, and heads that have not seen what they are asked."""

import numpy as np
import torch

from headstart.tasks.solvers import values
from headstart.tasks.solvers.base import LinearHead, as_state, cross_validated, standardised


def test_a_head_is_one_linear_layer():
    head = LinearHead(np.array([[1.0, 2.0]]), np.array([3.0]), 0.0, 0.0)
    assert head.outputs(np.array([[1, 1], [0, 2]])).tolist() == [[6.0], [7.0]]
    state = as_state(head)
    assert {name: tensor.dtype for name, tensor in state.items()} == {
        "weight": torch.float32,
        "bias": torch.float32,
    }


def test_features_that_hardly_vary_are_not_blown_up():
    features = np.random.default_rng(0).normal(size=(50, 3)) * [1.0, 1.0, 1e-6] + 4
    standard, mean, scale = standardised(features, 0.5)
    np.testing.assert_allclose(standard * scale + mean, features)
    assert standard[:, 0].std() == np.float64(1.0) or abs(standard[:, 0].std() - 1) < 1e-9
    assert standard[:, 2].std() < 1e-4


def test_each_example_is_answered_by_a_head_that_was_solved_without_its_fold():
    draws = np.random.default_rng(0)
    features, fold = draws.normal(size=(30, 4)), np.arange(30) % 3
    right = features @ np.array([1.0, -2.0, 0.5, 3.0])
    found = cross_validated(values, features, right, 1, fold)
    alone = values.solve(features[fold != 1], right[fold != 1], 1).outputs(features[fold == 1])
    np.testing.assert_allclose(found[fold == 1], alone)
