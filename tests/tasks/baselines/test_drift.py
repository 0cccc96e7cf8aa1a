"""The mean change, once for every step: compared by hand in test_naive.py."""

import numpy as np

from headstart.preprocessing.series import DRIFT, NAIVE, NUMBERS
from headstart.tasks.baselines.drift import _solve
from headstart.tasks.scores.forecasts import MEDIAN, future


def test_the_head_adds_both_numbers():
    features, right = np.random.default_rng(0).normal(size=(6, 3 * (NUMBERS + 5))), np.zeros(6, future(3))
    head = _solve(features, right, 3)
    assert np.flatnonzero(head.weight[MEDIAN]).tolist() == [NAIVE, DRIFT]
    assert features.std() > 0.9, "what it was shown is as it was"
