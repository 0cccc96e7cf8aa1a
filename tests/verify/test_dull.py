"""Majority, counted by hand."""

import numpy as np
import pytest

from headstart.verify import _dull

TARGETS = np.array([0, 0, 1, 0, 2, 1])


def test_majority_says_the_share_of_each_class_whatever_the_input():
    head = _dull.majority(TARGETS, 4, 3)
    outputs = head.outputs(np.random.default_rng(0).normal(size=(5, 3)))
    expected = np.log(np.array([3 + 1, 2 + 1, 1 + 1, 0 + 1]) / (6 + 4))
    np.testing.assert_allclose(outputs, np.tile(expected, (5, 1)))
    assert np.exp(expected).sum() == pytest.approx(1)
    assert head.loo_accuracy == pytest.approx(0.4)
